import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Host, startHost } from './attacks/world.ts'
import { CLUSTERS, objectsIn, root, START_MS } from './clusters.ts'
import { until } from './kube/kube.ts'
import { startReplica, startTeam, type Team } from './replicas.ts'

const PATIENCE_MS = 60_000
const FIXTURES = join(root, 'test/fixtures/decrypt')
const sealed = (name: string): string => readFileSync(join(FIXTURES, 'files', name), 'utf8')
const key = (name: string): string => readFileSync(join(FIXTURES, 'keys', name)).toString('base64')

/** What is encrypted or in Secrets, as it is and in base64. */
const CANARIES = [
  's3cr3t',
  'two words',
  'c4n4ry',
  'AGE-SECRET-KEY-1',
  // A line from the middle of the PGP key.
  readFileSync(join(FIXTURES, 'keys/one.asc'), 'utf8').split('\n')[8] ?? '',
].flatMap((text) => [
  text,
  // What stands around it is not known: of its base64 at each of three places, what depends on it alone.
  ...[0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(Math.ceil((8 * shift) / 6), Math.floor((8 * (shift + text.length)) / 6)),
  ),
])

/** A policy that says what it refuses. */
const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: quoting}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [secrets]}
  validations:
    - expression: 'false'
      messageExpression: "'refused: ' + object.data.map(k, k + '=' + object.data[k]).join(', ')"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: quoting}
spec:
  policyName: quoting
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {quoted: 'yes'}}}
`

const SETTING = `apiVersion: v1
kind: Namespace
metadata: {name: quoted, labels: {quoted: 'yes'}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: team}
data: {one.agekey: '${key('one.agekey')}'}
---
apiVersion: v1
kind: Secret
metadata: {name: other-keys, namespace: team}
data: {two.agekey: '${key('two.agekey')}'}
---
apiVersion: v1
kind: Secret
metadata: {name: no-keys, namespace: team}
stringData: {a.agekey: 'c4n4ry AGE-SECRET-KEY-1C4N4RY', b.asc: 'c4n4ry'}
---
apiVersion: v1
kind: Secret
metadata: {name: variables, namespace: team}
stringData: {token: 'c4n4ry value!', number: 'c4n4ry'}
---
apiVersion: v1
kind: Secret
metadata: {name: pgp-keys, namespace: team}
data: {one.asc: '${key('one.asc')}'}
---
apiVersion: v1
kind: Secret
metadata: {name: cloud-keys, namespace: team}
stringData:
  sops.aws-kms: '{aws_access_key_id: c4n4ry-id, aws_secret_access_key: c4n4ry-aws, aws_session_token: c4n4ry-session}'
  sops.gcp-kms: '{"client_email": "a@example.com", "private_key": "-----BEGIN PRIVATE KEY-----\\nc4n4ry\\n-----END PRIVATE KEY-----\\n"}'
  sops.azure-kv: '{tenantId: t, clientId: c, clientSecret: c4n4ry-azure, authorityHost: "https://127.0.0.1:1/"}'
  sops.vault-token: c4n4ry-vault
---
apiVersion: v1
kind: Secret
metadata: {name: broken-cloud-keys, namespace: team}
stringData: {sops.gcp-kms: '{"private_key": "c4n4ry', sops.azure-kv: 'clientSecret: [c4n4ry', sops.aws-kms: 'c4n4ry'}
`

const VALUE =
  'ENC[AES256_GCM,data:AA==,iv:AAAAAAAAAAAAAAAAAAAAAA==,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]'

/** A file whose key is with one service alone. */
function cloudFile(keys: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: cloud}\nstringData: {a: "${VALUE}"}\nsops:\n  lastmodified: "2026-01-01T00:00:00Z"\n  mac: "${VALUE}"\n  version: 3.13.0\n  ${keys}\n`
}

const MADE = 'created_at: "2026-01-01T00:00:00Z", enc: AAAA'

interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly keys?: string
  readonly spec?: string
  readonly want: RegExp
}

const SUBSTITUTE = 'postBuild: {substituteFrom: [{kind: Secret, name: variables}]}'
const GENERATOR = `resources: [secret.yaml]\nsecretGenerator:\n- {name: settings, envs: [settings.env]}\n`

const CASES: Readonly<Record<string, Case>> = {
  good: {
    files: {
      'kustomization.yaml': GENERATOR,
      'secret.yaml': sealed('secret-data.yaml'),
      'settings.env': sealed('settings.env'),
    },
    want: /^True /,
  },
  'other-key': {
    files: { 'a.yaml': sealed('secret-data.yaml') },
    keys: 'other-keys',
    want: /^False decryption failed|^False .*no identity matched|^False /,
  },
  'no-key': { files: { 'a.yaml': sealed('secret-data.yaml') }, keys: 'no-keys', want: /^False / },
  pgp: {
    files: {
      'kustomization.yaml': 'secretGenerator:\n- {name: pgp, files: [a.yaml=pgp.yaml]}\n',
      'pgp.yaml': sealed('pgp.yaml'),
    },
    keys: 'pgp-keys',
    want: /^True /,
  },
  'pgp-moved': {
    files: {
      'kustomization.yaml': 'secretGenerator:\n- {name: pgp-moved, files: [a.yaml=pgp.yaml]}\n',
      'pgp.yaml': sealed('pgp.yaml').replace('password:', 'passphrase:'),
    },
    keys: 'pgp-keys',
    want: /^False .*message authentication failed/,
  },
  aws: {
    files: {
      'a.yaml': cloudFile(
        `kms: [{arn: "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111", ${MADE}}]`,
      ),
    },
    keys: 'cloud-keys',
    want: /^False .*FAILED/s,
  },
  gcp: {
    files: {
      'a.yaml': cloudFile(
        `gcp_kms: [{resource_id: projects/a/locations/b/keyRings/c/cryptoKeys/d, ${MADE}}]`,
      ),
    },
    keys: 'cloud-keys',
    want: /^False .*FAILED/s,
  },
  azure: {
    files: {
      'a.yaml': cloudFile(
        `azure_kv: [{vault_url: "https://x.vault.azure.net", name: a, version: b, ${MADE}}]`,
      ),
    },
    keys: 'cloud-keys',
    want: /^False .*FAILED/s,
  },
  vault: {
    files: {
      'a.yaml': cloudFile(
        `hc_vault: [{vault_address: "https://127.0.0.1:1", engine_path: transit, key_name: k, ${MADE}}]`,
      ),
    },
    keys: 'cloud-keys',
    want: /^False .*FAILED/s,
  },
  'broken-cloud': {
    files: { 'a.yaml': sealed('secret-data.yaml') },
    keys: 'broken-cloud-keys',
    want: /^False .*failed to import/,
  },
  moved: {
    files: { 'a.yaml': sealed('secret-data.yaml').replace('password:', 'passphrase:') },
    want: /^False decryption failed/,
  },
  bare: {
    files: {
      'a.yaml': sealed('secret-data.yaml').replace(/password: ENC\[.*\]/, 'password: s3cr3t'),
    },
    want: /^False decryption failed/,
  },
  quoted: {
    files: { 'a.yaml': sealed('secret-data.yaml') },
    spec: 'targetNamespace: quoted',
    want: /^False .*refused/,
  },
  'quoted-variable': {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: var}\nstringData: {t: "${token}"}\n',
    },
    spec: `targetNamespace: quoted\n  ${SUBSTITUTE}`,
    want: /^False .*refused/,
  },
  base64: {
    files: {
      'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: b64}\ndata: {t: "${token}"}\n',
    },
    spec: SUBSTITUTE,
    want: /^False /,
  },
  number: {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: number}\nspec: {ports: [{port: 80, targetPort: "${token}"}]}\n',
    },
    spec: SUBSTITUTE,
    want: /^False /,
  },
  'config-map': {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config-map, annotations: {a: "${token}"}}\ndata: {t: "${token}"}\n',
    },
    spec: SUBSTITUTE,
    want: /^True /,
  },
}

describe.each(CLUSTERS)('what a whole run shows, on %s', (name) => {
  let team: Team
  let collector: Host

  beforeAll(async () => {
    team = await startTeam(name)
    collector = await startHost((_, response) => response.end('{}'))
    const { cluster, git, replicas } = team
    await cluster.apply([...objectsIn(SETTING), ...objectsIn(POLICY)])
    const repository = git.repository('canary')
    const files = Object.fromEntries(
      Object.entries(CASES).flatMap(([folder, each]) =>
        Object.entries(each.files).map(([path, text]) => [`${folder}/${path}`, text]),
      ),
    )
    repository.setRef('refs/heads/main', repository.commit({ files, message: 'Canaries' }))
    replicas.push(
      await startReplica(cluster, 'canary', [
        '--log-level=trace',
        `--audit-file=${join(cluster.dir, 'canary', 'audit.jsonl')}`,
        `--events-addr=${collector.url}`,
        `--otlp-endpoint=${collector.url}`,
        '--report-configmap=tidegate-report',
      ]),
    )
    await cluster.apply(
      objectsIn(
        `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: repo, namespace: team}\nspec: {interval: 1h, url: '${git.url}/plain/canary.git', ref: {branch: main}}\n`,
      ),
    )
    for (const [folder, { spec, keys = 'keys' }] of Object.entries(CASES))
      await cluster.apply(
        objectsIn(
          `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${folder}, namespace: team}\nspec:\n  interval: 1h\n  retryInterval: 5s\n  prune: true\n  path: ${folder}\n  ${spec?.includes('targetNamespace') === true ? '' : 'targetNamespace: team\n  '}sourceRef: {kind: GitRepository, name: repo}\n  decryption: {provider: sops, secretRef: {name: ${keys}}}\n  ${spec ?? ''}\n`,
        ),
      )
  }, START_MS)
  afterAll(async () => {
    await team.close()
    await collector.close()
  })

  const statuses = async (): Promise<readonly { name: string; ready: string; text: string }[]> => {
    const kind = { group: 'kustomize.toolkit.fluxcd.io', kind: 'Kustomization' }
    const { items } = await team.cluster.cluster.list(kind, { namespace: 'team' })
    return items.map((object) => {
      const { conditions = [] } = (object['status'] ?? {}) as {
        conditions?: readonly { type: string; status: string; message: string }[]
      }
      const ready = conditions.find(({ type }) => type === 'Ready')
      return {
        name: object.metadata.name ?? '',
        ready: `${ready?.status} ${ready?.message}`,
        text: JSON.stringify(object),
      }
    })
  }

  test.each(Object.entries(CASES))('%s comes to its end', async (folder, { want }) => {
    const told = async (): Promise<string | undefined> =>
      (await statuses()).find((each) => each.name === folder)?.ready
    await expect.poll(told, { timeout: PATIENCE_MS, interval: 200 }).toMatch(want)
  })

  test('no channel shows what is secret', async () => {
    const [replica] = team.replicas
    const { cluster, dir } = team.cluster
    const events = await cluster.list({ group: '', kind: 'Event' }, { namespace: 'team' })
    const pid = replica?.child.pid ?? 0
    const reportRef = {
      group: '',
      kind: 'ConfigMap',
      namespace: 'flux-system',
      name: 'tidegate-report',
    }
    let report = ''
    await until('the report', PATIENCE_MS, async () => {
      report = JSON.stringify(await cluster.get(reportRef).catch(() => undefined)) ?? ''
      return report.includes('"data"')
    })
    const channels: Readonly<Record<string, string>> = {
      logs: replica?.log() ?? '',
      statuses: (await statuses()).map(({ text }) => text).join('\n'),
      events: JSON.stringify(events.items),
      sent: collector.bodies.join('\n'),
      metrics: await (await fetch(`http://${replica?.metrics}/metrics`)).text(),
      report,
      files: filesBelow(join(dir, 'canary')),
      command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
      environment: readFileSync(`/proc/${pid}/environ`, 'utf8'),
    }
    expect(channels['logs']?.length).toBeGreaterThan(1000)
    expect(channels['sent']?.length).toBeGreaterThan(1000)
    expect(channels['files']).toContain('"action":"created"')
    for (const [channel, text] of Object.entries(channels))
      for (const canary of CANARIES) {
        // One attempt puts a value there in plain text: it is in the repository, and so in the artifact.
        const shown = channel === 'files' ? text.replaceAll('password: s3cr3t\n', '') : text
        const at = shown.indexOf(canary)
        const around = at < 0 ? '' : shown.slice(Math.max(0, at - 300), at + 60)
        expect([channel, canary, around]).toEqual([channel, canary, ''])
      }
  })
})

/** All that lies on the disk, artifacts unpacked. */
function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name))
      return (entry.name.endsWith('.tar.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
    })
    .join('\n')
}
