import type { FileContent } from '../../src/source/index.ts'
import { type Attack, both, configMap, ends, fails, sendsNothing } from './attack.ts'

type Files = Readonly<Record<string, FileContent>>

function escape(
  name: string,
  does: string,
  files: Files,
  want: Attack['want'] = fails(/./),
): Attack {
  return { name, does, files: { 'a.yaml': configMap(name), ...files }, want }
}

/** Kustomizations that name something on the internal host. */
function remote(
  name: string,
  what: string,
  text: (url: string) => string,
  ending = 'x.yaml',
): Attack {
  return {
    name,
    does: `sends a request to an internal host by ${what}`,
    files: {
      'a.yaml': configMap(name),
      'kustomization.yaml': text(`@internal@/${name}/${ending}`),
    },
    want: both(fails(/./), sendsNothing),
  }
}

const PLUGIN = 'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\n'

/** Paths out of the artifact, files of the host, and addresses of hosts inside. */
export const FILES: readonly Attack[] = [
  {
    name: 'path-up',
    does: 'climbs out of the artifact by spec.path',
    path: '../../../../../../etc',
    want: fails(/not found/),
  },
  {
    name: 'path-absolute',
    does: 'names a folder of the host as spec.path',
    path: '/etc',
    want: fails(/not found/),
  },
  escape('file-up', 'names a file above the artifact as a resource', {
    'kustomization.yaml': 'resources: [../../../../../../etc/passwd]\n',
  }),
  escape('file-absolute', 'names a file of the host as a resource', {
    'kustomization.yaml': 'resources: [/etc/passwd]\n',
  }),
  escape('file-generator', 'puts a file of the host into a ConfigMap', {
    'kustomization.yaml': 'configMapGenerator: [{name: x, files: [/etc/passwd]}]\n',
  }),
  escape('file-generator-up', 'puts a file above the artifact into a ConfigMap', {
    'kustomization.yaml':
      'configMapGenerator: [{name: x, files: [../../../../../../../../etc/passwd]}]\n',
  }),
  escape('file-environ', 'puts the environment of the controller into a Secret', {
    'kustomization.yaml': 'secretGenerator: [{name: x, envs: [/proc/self/environ]}]\n',
  }),
  escape('file-token', "puts the controller's token into a Secret", {
    'kustomization.yaml':
      'secretGenerator: [{name: x, files: [/var/run/secrets/kubernetes.io/serviceaccount/token]}]\n',
  }),
  escape('file-patch', 'reads a file of the host as a patch', {
    'kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: /etc/passwd}]\n',
  }),
  escape('file-openapi', 'reads a file of the host as a schema', {
    'kustomization.yaml': 'resources: [a.yaml]\nopenapi: {path: /etc/passwd}\n',
  }),
  escape('file-replacement', 'reads a file of the host as a replacement', {
    'kustomization.yaml': 'resources: [a.yaml]\nreplacements: [{path: /etc/passwd}]\n',
  }),
  escape('file-configuration', 'reads a file of the host as a configuration', {
    'kustomization.yaml': 'resources: [a.yaml]\nconfigurations: [/etc/passwd]\n',
  }),
  escape('file-crds', 'reads a file of the host as a definition', {
    'kustomization.yaml': 'resources: [a.yaml]\ncrds: [/etc/passwd]\n',
  }),
  escape('link-file', 'reads a file of the host through a symbolic link', {
    'kustomization.yaml': 'configMapGenerator: [{name: x, files: [l]}]\n',
    l: { link: '/etc/passwd' },
  }),
  escape('link-folder', 'reads a folder of the host through a symbolic link', {
    'kustomization.yaml': 'resources: [d]\n',
    d: { link: '../../../../../../etc' },
  }),
  escape(
    'link-kustomization',
    'is a kustomization file that is a link out of the artifact',
    { 'kustomization.yaml': { link: '/etc/passwd' } },
    ends,
  ),
  escape('link-loop', 'is a folder that is a link to itself', {
    'kustomization.yaml': 'resources: [d]\n',
    d: { link: '.' },
  }),
  escape('plugin-exec', 'runs a program by a KRM function', {
    'kustomization.yaml': 'resources: [a.yaml]\ntransformers: [f.yaml]\n',
    'f.yaml':
      'apiVersion: v1\nkind: X\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "exec: {path: /bin/sh}"}}\n',
  }),
  escape('plugin-container', 'runs a container by a KRM function', {
    'kustomization.yaml': 'resources: [a.yaml]\ngenerators: [f.yaml]\n',
    'f.yaml':
      'apiVersion: v1\nkind: X\nmetadata: {name: x, annotations: {config.kubernetes.io/function: "container: {image: evil}"}}\n',
  }),
  escape('plugin-go', 'runs an old exec plugin', {
    'kustomization.yaml': 'resources: [a.yaml]\ngenerators: [f.yaml]\n',
    'f.yaml': 'apiVersion: someteam.example.com/v1\nkind: SedTransformer\nmetadata: {name: x}\n',
  }),
  escape('plugin-helm', 'runs helm', {
    'kustomization.yaml':
      'resources: [a.yaml]\nhelmCharts: [{name: x, repo: "http://127.0.0.1:1/", version: 1.0.0}]\nhelmGlobals: {chartHome: /tmp}\n',
  }),
  escape('plugin-stdin', 'is a builtin plugin that reads a file of the host', {
    'kustomization.yaml': 'resources: [a.yaml]\ngenerators: [f.yaml]\n',
    'f.yaml':
      'apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\nfiles: [/etc/passwd]\n',
  }),
  remote('remote-file', 'a resource over HTTP', (url) => `resources: ["${url}"]\n`),
  remote(
    'remote-upper',
    'a resource whose scheme is in capitals',
    (url) => `resources: ["${url.replace('@internal@', '@INTERNAL@')}"]\n`,
  ),
  remote(
    'remote-git',
    'a base in a Git repository',
    (url) => `resources: ["${url}"]\n`,
    'org/repo.git?ref=main',
  ),
  remote(
    'remote-getter',
    "a base in go-getter's form",
    (url) => `resources: ["git::${url}"]\n`,
    'org/repo//x?ref=main',
  ),
  remote(
    'remote-component',
    'a component in a Git repository',
    (url) => `resources: [a.yaml]\ncomponents: ["${url}"]\n`,
    'org/repo.git',
  ),
  remote(
    'remote-patch',
    'the path of a patch',
    (url) => `resources: [a.yaml]\npatches: [{path: "${url}"}]\n`,
  ),
  remote(
    'remote-merge',
    'an old strategic merge patch',
    (url) => `resources: [a.yaml]\npatchesStrategicMerge: ["${url}"]\n`,
  ),
  remote(
    'remote-json',
    'an old JSON patch',
    (url) =>
      `resources: [a.yaml]\npatchesJson6902: [{target: {version: v1, kind: ConfigMap, name: remote-json}, path: "${url}"}]\n`,
  ),
  remote(
    'remote-generator-file',
    'a file of a generator',
    (url) => `configMapGenerator: [{name: x, files: ["x=${url}"]}]\n`,
  ),
  remote(
    'remote-generator-env',
    'an env file of a generator',
    (url) => `secretGenerator: [{name: x, envs: ["${url}"]}]\n`,
  ),
  remote('remote-generators', 'a generator', (url) => `generators: ["${url}"]\n`),
  remote(
    'remote-generators-git',
    'a generator in a Git repository',
    (url) => `generators: ["${url}"]\n`,
    'org/repo.git',
  ),
  remote(
    'remote-transformers',
    'a transformer',
    (url) => `resources: [a.yaml]\ntransformers: ["${url}"]\n`,
  ),
  remote(
    'remote-validators',
    'a validator',
    (url) => `resources: [a.yaml]\nvalidators: ["${url}"]\n`,
  ),
  remote('remote-openapi', 'a schema', (url) => `resources: [a.yaml]\nopenapi: {path: "${url}"}\n`),
  remote('remote-crds', 'a definition', (url) => `resources: [a.yaml]\ncrds: ["${url}"]\n`),
  remote(
    'remote-configurations',
    'a configuration',
    (url) => `resources: [a.yaml]\nconfigurations: ["${url}"]\n`,
  ),
  remote(
    'remote-replacements',
    'the path of a replacement',
    (url) => `resources: [a.yaml]\nreplacements: [{path: "${url}"}]\n`,
  ),
  remote(
    'remote-builtin',
    'a file of a builtin plugin',
    (url) =>
      `resources: [a.yaml]\ntransformers:\n- |-\n  ${PLUGIN.replaceAll('\n', '\n  ')}\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: y}\n  path: ${url}\n`,
  ),
  remote(
    'remote-helm',
    'a chart',
    (url) => `resources: [a.yaml]\nhelmCharts: [{name: x, repo: "${url}", version: 1.0.0}]\n`,
  ),
  {
    name: 'remote-spec-component',
    does: 'sends a request by spec.components',
    files: { 'a.yaml': configMap('remote-spec-component') },
    spec: 'components: ["@internal@/remote-spec-component/org/repo.git"]',
    want: both(fails(/must be local and relative/), sendsNothing),
  },
  escape('remote-clone-file', 'clones a repository of the host by file://', {
    'kustomization.yaml': 'resources: ["file:///root/secrets//app?ref=main"]\n',
  }),
  escape('remote-clone-path', 'clones a repository of the host by its path', {
    'kustomization.yaml': 'resources: ["/root/secrets.git//app?ref=main"]\n',
  }),
  escape('remote-ssh', 'dials an internal host by SSH', {
    'kustomization.yaml': 'resources: ["ssh://git@127.0.0.1:1/org/repo.git"]\n',
  }),
  escape('remote-scp', "dials an internal host in scp's form", {
    'kustomization.yaml': 'resources: ["git@127.0.0.1:org/repo.git"]\n',
  }),
  escape('remote-metadata', "asks the cloud's metadata service", {
    'kustomization.yaml': 'resources: ["http://169.254.169.254/latest/meta-data/"]\n',
  }),
]
