import { expect } from 'vitest'
import { type Attack, both, configMap, fails, sendsNothing } from './attack.ts'
import { OWN_SECRET } from './world.ts'

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
