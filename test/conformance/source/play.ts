import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { systemClock } from '../../../src/compose/system.ts'
import {
  isApiFault,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../../src/object/index.ts'
import { commitOf, keyText, type RecordedRepository, type Scenario, type Step } from './recorded.ts'
import type { SourceSystem } from './system.ts'
import { entriesOf } from './tar-entries.ts'

const GROUP = 'source.toolkit.fluxcd.io'
const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
const POLL_MS = 60
const STABLE_MS = 300
/** Far beyond what any scenario takes, for machines that are busy. */
const LIMIT_MS = 100_000

interface Play {
  readonly system: SourceSystem
  readonly scenario: Scenario
  readonly repositories: ReadonlyMap<string, RecordedRepository>
  /** Objects that exist, with what the last request said. */
  readonly requests: Map<string, string | undefined>
  /** How often each event was seen. */
  seen: Map<string, number>
  readonly earlier: Map<string, string>
}

/** Plays a scenario and records it as the oracle's observe.py does. */
export async function play(system: SourceSystem, scenario: Scenario): Promise<JsonObject[]> {
  await system.cluster.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: scenario.name },
  })
  const repositories = new Map(
    scenario.private.map((name) => [name, system.copyFor(scenario.name, name)]),
  )
  const state: Play = {
    system,
    scenario,
    repositories,
    requests: new Map(),
    seen: new Map(),
    earlier: new Map(),
  }
  const steps: JsonObject[] = []
  for (const [i, step] of scenario.steps.entries()) steps.push(await playStep(state, step, i + 1))
  return steps
}

async function playStep(state: Play, step: Step, number: number): Promise<JsonObject> {
  const started = systemClock.now()
  const { name } = state.scenario
  if (isObject(step['files'])) state.system.host.setDown(name, step['files']['down'] === true)
  for (const [repository, tags] of Object.entries((step['retag'] ?? {}) as JsonObject))
    for (const [tag, name] of Object.entries(tags as Record<string, string | null>))
      state.system.retag?.(repository, tag, name)
  for (const [repository, refs] of Object.entries((step['refs'] ?? {}) as JsonObject))
    for (const [ref, to] of Object.entries(refs as Record<string, string | null>))
      state.repositories.get(repository)?.move(ref, to)
  for (const [secret, data] of Object.entries((step['secrets'] ?? {}) as JsonObject))
    await putSecret(state, {
      name: secret,
      data: data as Record<string, string> | null,
      type: ((step['types'] ?? {}) as Record<string, string>)[secret],
    })
  for (const resource of (step['resources'] ?? []) as JsonObject[])
    await applyResource(state, resource)
  await tamper(state, (step['tamper'] ?? {}) as Record<string, string>)
  for (const path of (step['store_remove'] ?? []) as string[])
    rmSync(join(state.system.storageDir, String(filled(state, path))), { recursive: true })
  await patchBehind(state, step)
  const rejected = await applySpecs(state, step)
  const asked = step['reconcile'] ?? []
  const names = asked === true ? [...state.requests.keys()] : (asked as string[])
  for (const each of names) {
    state.requests.set(each, `step-${number}`)
    const value = { metadata: { annotations: { [REQUESTED_AT]: `step-${number}` } } }
    await state.system.cluster.patch(refOf(state, each), { type: 'merge', value })
  }
  for (const each of (step['delete'] ?? []) as string[]) {
    await state.system.cluster.delete(refOf(state, each))
    state.requests.delete(each)
  }
  const least = started + Number(step['wait'] ?? 0) * 1000
  const limitMs = step['limit'] === undefined ? LIMIT_MS : Number(step['limit']) * 1000
  const { items, settled } = await settle(state, { least, limitMs })
  return record(state, { items, settled, rejected })
}

function refOf(state: Play, name: string) {
  return {
    group: GROUP,
    version: 'v1',
    kind: state.scenario.kind,
    namespace: state.scenario.name,
    name,
  }
}

async function putSecret(
  state: Play,
  secret: {
    readonly name: string
    readonly data: Readonly<Record<string, string>> | null
    readonly type: string | undefined
  },
): Promise<void> {
  const { name, data } = secret
  const { cluster } = state.system
  const namespace = state.scenario.name
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
  await cluster.delete(ref).catch(() => undefined)
  if (data === null) return
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(filled(state, value) as string).toString('base64'),
  ])
  const metadata = { name, namespace }
  const isDocker = Object.hasOwn(data, '.dockerconfigjson')
  const type = secret.type ?? (isDocker ? 'kubernetes.io/dockerconfigjson' : 'Opaque')
  const body = { apiVersion: 'v1', kind: 'Secret', type, metadata }
  await cluster.create({ ...body, data: Object.fromEntries(entries) })
}

/** Applied, since some are there before anybody makes them: the default service account. */
async function applyResource(state: Play, resource: JsonObject): Promise<void> {
  const { metadata, ...rest } = filled(state, resource) as unknown as KubeObject
  const { name = '' } = metadata
  const namespace = state.scenario.name
  const value = { ...rest, metadata: { ...metadata, namespace } } as KubeObject
  const { kind } = value
  await state.system.cluster.patch(
    { group: '', version: 'v1', kind, namespace, name },
    { type: 'apply', value, force: true },
    { fieldManager: 'fixture' },
  )
}

/** What somebody else writes to the objects: their status, their metadata. */
async function patchBehind(state: Play, step: Step): Promise<void> {
  const { cluster } = state.system
  for (const [name, status] of Object.entries((step['status_patch'] ?? {}) as JsonObject))
    await cluster.patch(
      refOf(state, name),
      { type: 'merge', value: { status: status as Json } },
      { fieldManager: 'somebody', subresource: 'status' },
    )
  for (const [name, metadata] of Object.entries((step['meta'] ?? {}) as JsonObject))
    await cluster.patch(refOf(state, name), {
      type: 'merge',
      value: { metadata: metadata as Json },
    })
}

async function tamper(state: Play, how: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, what] of Object.entries(how)) {
    const object = await state.system.cluster.get(refOf(state, name))
    const file = join(state.system.storageDir, statusOf(object).artifact?.path ?? 'none')
    if (what === 'remove') rmSync(file, { force: true })
    else writeFileSync(file, 'tampered')
  }
}

async function applySpecs(state: Play, step: Step): Promise<Record<string, string>> {
  const specs = { ...((step['gitrepositories'] ?? {}) as Record<string, JsonObject>) }
  const own = step['spec'] ?? step['oci']
  if (own !== undefined)
    specs['repo'] = state.system.specOf?.(own as JsonObject) ?? (own as JsonObject)
  const rejected: Record<string, string> = {}
  for (const [name, spec] of Object.entries(specs)) {
    const request = state.requests.get(name)
    const object: KubeObject = {
      apiVersion: `${GROUP}/v1`,
      kind: state.scenario.kind,
      metadata: {
        name,
        namespace: state.scenario.name,
        ...(request === undefined ? {} : { annotations: { [REQUESTED_AT]: request } }),
      },
      spec: filled(state, { interval: '10m', ...spec }),
    }
    try {
      await state.system.cluster.patch(
        refOf(state, name),
        { type: 'apply', value: object, force: true },
        { fieldManager: 'fixture' },
      )
      if (!state.requests.has(name)) state.requests.set(name, undefined)
    } catch (error) {
      if (!isApiFault(error)) throw error
      rejected[name] = error.message
    }
  }
  return rejected
}

/** Puts in what `${…}` and `@keys/…` stand for. */
function filled(state: Play, value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => filled(state, each))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, filled(state, each ?? null)]),
    )
  if (typeof value !== 'string') return value
  if (value.startsWith('@keys/')) return keyText(value.slice(6))
  return value.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name === 'scenario') return state.scenario.name
    const known = state.system.names[name]
    const [repository = '', commit] = name.split(':')
    if (known === undefined && commit !== undefined) return commitOf(repository, commit)
    if (known === undefined) throw new Error(`nothing is called ${name}`)
    return known
  })
}

interface Status {
  readonly artifact?: { readonly path: string; readonly url: string }
  readonly conditions?: readonly JsonObject[]
  readonly lastHandledReconcileAt?: string
}

function statusOf(object: KubeObject): Status {
  return (object['status'] ?? {}) as Status
}

function isSettled(object: KubeObject): boolean {
  const { metadata } = object
  if (metadata.deletionTimestamp !== undefined) return false
  if ((object['spec'] as JsonObject)['suspend'] === true)
    return (metadata.finalizers?.length ?? 0) > 0
  const { conditions = [], lastHandledReconcileAt } = statusOf(object)
  const ready = conditions.find((condition) => condition['type'] === 'Ready')
  if (ready === undefined || ready['status'] === 'Unknown') return false
  if (ready['observedGeneration'] !== metadata.generation) return false
  if (conditions.some((condition) => condition['reason'] === 'Progressing')) return false
  const wanted = metadata.annotations?.[REQUESTED_AT]
  return wanted === undefined || lastHandledReconcileAt === wanted
}

async function settle(
  state: Play,
  { least, limitMs }: { readonly least: number; readonly limitMs: number },
): Promise<{ items: readonly KubeObject[]; settled: boolean }> {
  const limit = systemClock.now() + limitMs
  let last = ''
  let since = systemClock.now()
  for (;;) {
    const { items } = await state.system.cluster.list(
      { group: GROUP, version: 'v1', kind: state.scenario.kind },
      { namespace: state.scenario.name },
    )
    const now = systemClock.now()
    const text = JSON.stringify(items.map((item) => [item.metadata.generation, item['status']]))
    const names = items.map((item) => item.metadata.name ?? '')
    const isWhole =
      items.length === state.requests.size && names.every((name) => state.requests.has(name))
    if (text !== last || !isWhole || !items.every(isSettled)) {
      last = text
      since = now
    } else if (now - since > STABLE_MS && now > least) return { items, settled: true }
    if (now > limit) return { items, settled: false }
    await systemClock.sleep(POLL_MS)
  }
}

async function record(
  state: Play,
  seen: {
    readonly items: readonly KubeObject[]
    readonly settled: boolean
    readonly rejected: Readonly<Record<string, string>>
  },
): Promise<JsonObject> {
  const events = await newEvents(state)
  const files: Record<string, Json> = {}
  const current = new Set<string>()
  for (const item of seen.items) {
    const { artifact } = statusOf(item)
    if (artifact === undefined) continue
    const name = item.metadata.name ?? ''
    state.earlier.set(`${name}/${artifact.path}`, artifact.url)
    current.add(artifact.url)
    files[name] = await fileOf(artifact.url)
  }
  const earlier: Record<string, Json> = {}
  for (const [key, url] of state.earlier) {
    if (current.has(url)) continue
    const answer = await fetch(url, { method: 'HEAD' })
    earlier[key.slice(key.indexOf('/') + 1)] = answer.status
  }
  return masked(state, {
    settled: seen.settled,
    rejected: seen.rejected,
    objects: Object.fromEntries(seen.items.map((item) => [item.metadata.name, snapshot(item)])),
    events,
    files,
    ...(Object.keys(earlier).length === 0 ? {} : { earlierFiles: earlier }),
  } as JsonObject) as JsonObject
}

async function newEvents(state: Play): Promise<JsonObject[]> {
  await systemClock.sleep(POLL_MS)
  const { items } = await state.system.cluster.list(
    { group: '', version: 'v1', kind: 'Event' },
    { namespace: state.scenario.name },
  )
  const found = new Map<string, { event: JsonObject; count: number; isWarning: boolean }>()
  for (const item of items) {
    const reason = String(item['reason'])
    if (state.scenario.ignoredEvents.includes(reason)) continue
    const object = String((item['involvedObject'] as JsonObject)['name'])
    const marks = Object.entries(item.metadata.annotations ?? {})
      .map(([key, value]) => `${key.split('/').at(-1)}=${value}`)
      .sort()
      .join(' ')
    const { type, message } = item
    const event = { object, type, reason, message, annotations: marks } as JsonObject
    const key = JSON.stringify([object, type, reason, masked(state, String(message))])
    const count = (found.get(key)?.count ?? 0) + Number(item['count'] ?? 1)
    found.set(key, { event, count, isWarning: type === 'Warning' })
  }
  const fresh = [...found].filter(([key, { count, isWarning }]) => {
    const before = state.seen.get(key)
    return before === undefined || (!isWarning && count > before)
  })
  state.seen = new Map([...found].map(([key, { count }]) => [key, count]))
  return fresh.map(([, { event }]) => event)
}

async function fileOf(url: string): Promise<Json> {
  const answer = await fetch(url)
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200) return { get: answer.status }
  const digest = createHash('sha256').update(body).digest('hex')
  return { get: answer.status, gzipSha256: digest, entries: listed(body) } as Json
}

/** What is no archive has no entries: a layer that was copied may be anything. */
function listed(body: Buffer): JsonObject[] {
  try {
    return entriesOf(gunzipSync(body))
  } catch {
    return []
  }
}

function snapshot(object: KubeObject): JsonObject {
  const status = (object['status'] ?? {}) as JsonObject
  const { artifact, conditions, includedArtifacts, ...observed } = status
  const plain = (value: Json | undefined): JsonObject =>
    withoutKey(value as JsonObject, 'lastUpdateTime')
  const sorted = [...((conditions ?? []) as JsonObject[])].sort(
    (a, b) => orderOf(a) - orderOf(b) || (String(a['type']) < String(b['type']) ? -1 : 1),
  )
  return {
    generation: object.metadata.generation ?? 0,
    observedGeneration: status['observedGeneration'] ?? null,
    ...observed,
    finalizers: object.metadata.finalizers ?? [],
    conditions: sorted.map((condition) => withoutKey(condition, 'lastTransitionTime')),
    ...(artifact === undefined
      ? {}
      : { artifact: { ...plain(artifact), hasLastUpdateTime: true } }),
    ...(includedArtifacts === undefined
      ? {}
      : { includedArtifacts: (includedArtifacts as Json[]).map(plain) }),
  } as JsonObject
}

function withoutKey(value: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key))
}

function orderOf(condition: JsonObject): number {
  return condition['type'] === 'Ready' ? 0 : 1
}

/** Puts names for what differs from machine to machine. */
function masked(state: Play, value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => masked(state, each))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, masked(state, each ?? null)]),
    )
  if (typeof value !== 'string') return value
  return state.system.masks.reduce((text, [from, to]) => text.replaceAll(from, to), value)
}
