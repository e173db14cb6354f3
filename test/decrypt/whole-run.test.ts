import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Log, LogFields } from '../../src/base/index.ts'
import type { Transport } from '../../src/object/index.ts'
import { NAMESPACE, type System, startSystem } from '../reconcile/system.ts'
import { FIXTURES, sealed } from './keys.ts'

/** Plain texts of the fixtures, a variable from a Secret, and the keys themselves. */
const CANARIES = ['s3cr3t', 'two words', 'c4n4ry', 'AGE-SECRET-KEY-1']

const KEYS = `apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: ${NAMESPACE}}
data:
  one.agekey: ${readFileSync(join(FIXTURES, 'keys/one.agekey')).toString('base64')}`

const VARIABLES = `apiVersion: v1
kind: Secret
metadata: {name: variables, namespace: ${NAMESPACE}}
stringData: {token: "c4n4ry value!", quote: 'c4n4ry: "'}`

/** All that the controller tells: what it logs, its statuses, its Events, the paths it asks for. */
interface Watched {
  readonly system: System
  shown(): Promise<string>
}

async function watch(): Promise<Watched> {
  const out: string[] = []
  const log = (fields: LogFields): Log => {
    const say = (message: string, more: LogFields = {}): void => {
      out.push(JSON.stringify({ message, ...fields, ...more }))
    }
    return { debug: say, info: say, error: say, with: (more) => log({ ...fields, ...more }) }
  }
  const faults = (transport: Transport): Transport => ({
    request: (request) => {
      // What is applied is meant for the cluster; what is told about it is not.
      const tells = /\/(?:kustomizations|events)\b/.test(request.path)
      out.push(`${request.method} ${request.path} ${tells ? (request.body ?? '') : ''}`)
      return transport.request(request)
    },
  })
  const system = await startSystem({ log: log({}), faults })
  await system.apply(KEYS, VARIABLES)
  return {
    system,
    shown: async () => {
      const { cluster } = system
      const events = await cluster.list({ group: '', kind: 'Event' }, { namespace: NAMESPACE })
      const object = await system.kustomization('app')
      return [...out, JSON.stringify(events.items), JSON.stringify(object)].join('\n')
    },
  }
}

function kustomization(spec = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: ${NAMESPACE}}
spec:
  interval: 1h
  retryInterval: 1h
  prune: true
  targetNamespace: ${NAMESPACE}
  sourceRef: {kind: GitRepository, name: repo}
  decryption: {provider: sops, secretRef: {name: keys}}
${spec}`
}

const SUBSTITUTE = `  postBuild:
    substituteFrom: [{kind: Secret, name: variables}]`

const KUSTOMIZATION_FILE = `resources: [secret.yaml, more.yaml]
secretGenerator:
- name: settings
  envs: [settings.env]
generatorOptions: {disableNameSuffixHash: true}
`

function repository(more: string): Record<string, string> {
  return {
    'kustomization.yaml': KUSTOMIZATION_FILE,
    'secret.yaml': sealed('secret-data.yaml').toString(),
    'settings.env': sealed('settings.env').toString(),
    'more.yaml': more,
  }
}

async function message(system: System): Promise<string> {
  const object = await system.kustomization('app')
  const ready = object?.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'False' ? `${ready.reason}: ${ready.message}` : ''
}

function expectClean(shown: string): void {
  expect(shown.length).toBeGreaterThan(1000)
  for (const canary of CANARIES) {
    const at = shown.indexOf(canary)
    expect(at < 0 ? '' : shown.slice(Math.max(0, at - 300), at + 60)).toBe('')
  }
}

test('secrets reach the cluster, and nothing else shows them', async () => {
  const { system, shown } = await watch()
  const more = 'apiVersion: v1\nkind: Secret\nmetadata: {name: var}\nstringData: {t: "${token}"}\n'
  await system.commit(repository(more))
  await system.apply(kustomization(SUBSTITUTE))
  await system.until(() => system.ready('app'))
  const decoded = async (name: string, key: string): Promise<string> => {
    const data = (await system.get('Secret', name))?.['data'] as Record<string, string>
    return Buffer.from(data[key] ?? '', 'base64').toString()
  }
  expect(await decoded('database', 'password')).toBe('s3cr3t: #1')
  expect(await decoded('settings', 'B')).toBe('two words')
  expect(await decoded('var', 't')).toBe('c4n4ry value!')
  expectClean(await shown())
  await system.close()
})

interface Failure {
  readonly more?: string
  readonly files?: Readonly<Record<string, string>>
  readonly spec?: string
  readonly want: RegExp
}

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'

const FAILURES: Readonly<Record<string, Failure>> = {
  'a value that was moved': {
    files: {
      'secret.yaml': sealed('secret-data.yaml').toString().replace('password:', 'passphrase:'),
    },
    want: /^BuildFailed: decryption failed for 'Secret\.v1\.\[noGrp\]\/database': /,
  },
  'a value that somebody put there in plain text': {
    files: {
      'secret.yaml': sealed('secret-data.yaml')
        .toString()
        .replace(/password: ENC\[.*\]/, 'password: s3cr3t'),
    },
    want: /^BuildFailed: decryption failed for .*Input string <redacted> does not match/,
  },
  'an env file that is broken': {
    files: { 'settings.env': `s3cr3t\n${sealed('settings.env').toString()}` },
    want: /^BuildFailed: error decrypting sources: failed to load encrypted dotenv data: /,
  },
  'a variable that breaks the YAML': {
    more: `${CONFIG}data: {a: "\${quote}"}\n`,
    spec: SUBSTITUTE,
    want: /^BuildFailed: post build failed for 'ConfigMap\.v1\.\[noGrp\]\/x': envsubst error: YAMLToJSON: /,
  },
  'a variable that the server refuses and quotes': {
    more: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {a: "${token}"}}\n',
    spec: SUBSTITUTE,
    want: /^ReconciliationFailed: ConfigMap\/test\/x dry-run failed \(Invalid\): /,
  },
}

test.each(Object.entries(FAILURES))('%s fails without showing it', async (_, failure) => {
  const { system, shown } = await watch()
  const more = failure.more ?? `${CONFIG}data: {}\n`
  await system.commit({ ...repository(more), ...failure.files })
  await system.apply(kustomization(failure.spec))
  await system.until(async () => (await message(system)) !== '')
  expect(await message(system)).toMatch(failure.want)
  expectClean(await shown())
  await system.close()
})
