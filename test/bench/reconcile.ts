/**
 * Measures `tidegate controller` on the real kube-apiserver (TG_BIN or KUBEBUILDER_ASSETS), else on
 * the embedded server, beside the figures of Flux 2.9.4.
 * `npm run bench:reconcile -- [--only chain,many,thousand] [--count N] [--profile DIR]`
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { pool } from '../../src/base/index.ts'
import { systemClock } from '../../src/compose/system.ts'
import { fieldAt, gvkOf, idOf, type KubeObject, type ObjectRef } from '../../src/object/index.ts'
import { chain, type Fleet, gitRepository, many, NAMESPACE } from './reconcile-fleet.ts'
import { type Rig, startRig } from './reconcile-rig.ts'

const SOCKETS = 16
const WAIT_MS_MAX = 600_000
const EDITED_AT_ONCE = 20
const SINGLE_EDITS = 5

/** Flux 2.9.4 with its default flags, and our bar, on the 2 cores that the bar was made on. */
const REFERENCE: Readonly<Record<string, string>> = {
  'chain 5: install': 'Flux 121 s; bar 1.2 s',
  'chain 5: new commit': 'Flux 120 s; bar 1.2 s',
  'many 200: install': 'Flux 108 s, 103 CPU s, 254 MiB; bar 9 s, 10 CPU s, 200 MiB',
  'many 200: no change': 'Flux 97 s, 104 CPU s, 17 requests each; bar 2 s, 2 requests each',
  'many 200: new commit': 'Flux 135 s, 127 CPU s; bar 8 s, 10 CPU s',
  'many 200: foreign edit': 'Flux: its interval, 10 min; bar 1 s',
  'many 200: 20 foreign edits': 'Flux: its interval, 10 min; bar 1 s',
  'many 1000: install': 'Flux 1445 s, 1956 CPU s, 250 MiB; bar 60 s, 60 CPU s, 350 MiB',
}

const KUSTOMIZATION = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' }
/** Commits by version. */
const revisions = new Map<number, string>()

interface Bench {
  readonly rig: Rig
  readonly fleet: Fleet
  readonly name: string
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'chain,many,thousand' },
    count: { type: 'string', default: '200' },
    profile: { type: 'string' },
  },
})

const benches: Readonly<Record<string, () => Promise<void>>> = {
  chain: () =>
    measured('chain 5', chain(5), async (bench) => {
      await step(bench, 'install', () => create(bench), isReadyAt(1))
      await step(bench, 'new commit', () => commit(bench, 2), isReadyAt(2))
    }),
  many: () =>
    measured(`many ${values.count}`, many(Number(values.count)), async (bench) => {
      await step(bench, 'install', () => create(bench), isReadyAt(1))
      await step(bench, 'no change', () => ask(bench), hasHandled)
      await step(bench, 'new commit', () => commit(bench, 2), isReadyAt(2))
      const single: number[] = []
      for (let i = 0; i < SINGLE_EDITS; i += 1) single.push(...(await drift(bench, i, 1)))
      report(bench, 'foreign edit', spread(single))
      report(bench, '20 foreign edits', spread(await drift(bench, SINGLE_EDITS, EDITED_AT_ONCE)))
    }),
  thousand: () =>
    measured('many 1000', many(1000), async (bench) => {
      await step(bench, 'install', () => create(bench), isReadyAt(1))
    }),
}

async function measured(
  name: string,
  fleet: Fleet,
  work: (bench: Bench) => Promise<void>,
): Promise<void> {
  const rig = await startRig(values.profile)
  const load = loadavg()
    .map((each) => each.toFixed(1))
    .join(' ')
  process.stdout.write(`${name} on ${rig.server}, load ${load}\n`)
  try {
    await rig.cluster.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    })
    await work({ rig, fleet, name })
  } finally {
    await rig.close()
  }
}

/** Does something and waits until every Kustomization is as it is to be. */
async function step(
  bench: Bench,
  what: string,
  act: () => Promise<string>,
  claim: (object: KubeObject, token: string) => boolean,
): Promise<void> {
  const { rig, fleet } = bench
  rig.peakMiB()
  const [cpu, requests, started] = [rig.cpuSeconds(), await rig.requests(), systemClock.now()]
  const token = await act()
  await watchUntil(bench, KUSTOMIZATION, fleet.count, (object) => claim(object, token))
  const seconds = (systemClock.now() - started) / 1000
  const after = await rig.requests()
  const each = Object.entries(after)
    .map(([method, count]) => [method, (count - (requests[method] ?? 0)) / fleet.count] as const)
    .filter(([, count]) => count >= 0.1)
    .map(([method, count]) => `${method} ${count.toFixed(1)}`)
  const used = (rig.cpuSeconds() - cpu).toFixed(1)
  report(
    bench,
    what,
    `${seconds.toFixed(2)} s, ${used} CPU s, ${rig.peakMiB()} MiB; requests each: ${each.join(', ')}`,
  )
}

function report({ name }: Bench, what: string, figures: string): void {
  const reference = REFERENCE[`${name}: ${what}`]
  process.stdout.write(`  ${what}: ${figures}${reference === undefined ? '' : ` (${reference})`}\n`)
}

async function create(bench: Bench): Promise<string> {
  const { rig, fleet } = bench
  push(bench, 1)
  const objects = [gitRepository(`${rig.git.url}/plain/bench.git`), ...fleet.kustomizations]
  await pool(objects, SOCKETS, (object) => rig.cluster.create(object))
  return ''
}

function push({ rig, fleet }: Bench, version: number): void {
  const repository = rig.git.repository('bench')
  const message = `version ${version}`
  repository.setRef('refs/heads/main', repository.commit({ files: fleet.files(version), message }))
  revisions.set(version, String(repository.refs().get('refs/heads/main')))
}

async function commit(bench: Bench, version: number): Promise<string> {
  push(bench, version)
  return request(bench, { ...gvkOf(gitRepository('')), ...idOf(gitRepository('')) })
}

async function ask(bench: Bench): Promise<string> {
  const { fleet } = bench
  const token = String(systemClock.now())
  await pool(fleet.kustomizations, SOCKETS, (object) =>
    request(bench, { ...gvkOf(object), ...idOf(object) }, token),
  )
  return token
}

async function request(
  { rig }: Bench,
  ref: ObjectRef,
  token = String(systemClock.now()),
): Promise<string> {
  const value = { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } }
  await rig.cluster.patch(ref, { type: 'merge', value })
  return token
}

function isReadyAt(version: number): (object: KubeObject) => boolean {
  return (object) =>
    isReady(object) &&
    String(fieldAt(object, 'status', 'lastAppliedRevision')).endsWith(revisions.get(version) ?? '?')
}

function hasHandled(object: KubeObject, token: string): boolean {
  return isReady(object) && fieldAt(object, 'status', 'lastHandledReconcileAt') === token
}

function isReady(object: KubeObject): boolean {
  const conditions = fieldAt(object, 'status', 'conditions')
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => JSON.stringify(each).includes('"type":"Ready"') && isTrue(each))
  )
}

function isTrue(condition: unknown): boolean {
  return JSON.stringify(condition).includes('"status":"True"')
}

/** Watches until `count` objects have met the claim once. */
async function watchUntil(
  { rig }: Bench,
  kind: typeof KUSTOMIZATION,
  count: number,
  claim: (object: KubeObject) => boolean,
): Promise<void> {
  const met = new Set<string>()
  const stop = new AbortController()
  const giveUp = systemClock.after(WAIT_MS_MAX, () => stop.abort(new Error('it takes too long')))
  try {
    const events = rig.cluster.watch(kind, { namespace: NAMESPACE, signal: stop.signal })
    for await (const event of events) {
      if (event.type === 'upsert' && claim(event.object)) met.add(event.object.metadata.name ?? '')
      if (met.size >= count) return
    }
  } finally {
    giveUp()
    stop.abort(new Error('seen'))
  }
}

/** Scales Deployments as somebody else would; answers seconds until each is as it was. */
async function drift(bench: Bench, first: number, count: number): Promise<number[]> {
  const { rig } = bench
  const names = Array.from({ length: count }, (_, i) => `a${first + i}-web`)
  const edited = new Map<string, number>()
  const took = new Map<string, number>()
  const back = watchUntil(bench, DEPLOYMENT, count, (object) => {
    const at = edited.get(object.metadata.name ?? '')
    if (at === undefined || fieldAt(object, 'spec', 'replicas') !== 0) return false
    took.set(object.metadata.name ?? '', (systemClock.now() - at) / 1000)
    return true
  })
  await pool(names, SOCKETS, async (name) => {
    const ref = { ...DEPLOYMENT, namespace: NAMESPACE, name }
    const value = { spec: { replicas: 7 } }
    await rig.cluster.patch(ref, { type: 'merge', value }, { fieldManager: 'somebody' })
    edited.set(name, systemClock.now())
  })
  await back
  return [...took.values()]
}

function spread(seconds: readonly number[]): string {
  const sorted = [...seconds].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return `median ${middle.toFixed(2)} s, longest ${sorted.at(-1)?.toFixed(2)} s`
}

for (const name of values.only.split(',')) await benches[name]?.()
