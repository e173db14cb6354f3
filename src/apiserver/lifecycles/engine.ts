import { messageOf, rfc3339 } from '../../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  jsonMergePatch,
  type KubeObject,
} from '../../object/index.ts'
import type { Hands } from '../controllers/hands.ts'
import { withCondition } from '../controllers/parts.ts'
import { record } from '../controllers/recorder.ts'
import { converted } from '../convert/convert.ts'
import type { Kind } from '../kind.ts'
import { StatusFault } from '../status.ts'
import type { StoreEvent } from '../store/store.ts'
import type { Lifecycle } from './lifecycle.ts'
import { fill, matches, type Scope } from './template.ts'

interface Engine {
  readonly hands: Hands
  readonly lifecycles: ReadonlyMap<string, readonly Lifecycle[]>
  readonly delayMs: number
  readonly pending: Map<string, { readonly lifecycle: Lifecycle; readonly cancel: () => void }>
  readonly addresses: Map<string, string>
  /** How many addresses were given in all. */
  readonly given: { count: number }
  /** How many lifecycles of an object there were since a moment. */
  readonly played: Map<string, { readonly since: number; count: number }>
}

/** Runs lifecycles on the changes of the store; the returned function ends them. */
export function runLifecycles(
  hands: Hands,
  lifecycles: readonly Lifecycle[],
  options: { readonly delayMs: number },
): () => void {
  const byKind = new Map<string, Lifecycle[]>()
  for (const each of lifecycles) {
    const had = byKind.get(each.kind)
    if (had === undefined) byKind.set(each.kind, [each])
    else had.push(each)
  }
  const engine: Engine = {
    hands,
    lifecycles: byKind,
    delayMs: options.delayMs,
    pending: new Map(),
    addresses: new Map(),
    given: { count: 0 },
    played: new Map(),
  }
  const { store, registry } = hands.core
  for (const kind of registry.storages())
    for (const object of store.list(kind.table)) {
      if (kind.table === 'pods') keepAddress(engine, object)
      look(engine, kind, object, `${kind.table} ${keyIn(object)}`)
    }
  const unsubscribe = store.subscribeAll((event) => note(engine, event))
  return () => {
    unsubscribe()
    for (const { cancel } of engine.pending.values()) cancel()
  }
}

function keyIn(object: KubeObject): string {
  const { namespace, name } = object.metadata
  return namespace === undefined ? (name ?? '') : `${namespace}/${name}`
}

function note(engine: Engine, event: StoreEvent): void {
  const id = `${event.table} ${event.key}`
  if (event.type === 'DELETED') {
    engine.pending.get(id)?.cancel()
    engine.pending.delete(id)
    engine.played.delete(id)
    engine.addresses.delete(event.object.metadata.uid ?? '')
    return
  }
  const kind = engine.hands.core.registry.storage(event.table)
  if (kind !== undefined) look(engine, kind, event.object, id)
}

/** The lifecycles of a kind, in the order in which they are tried. */
function lifecyclesOf(engine: Engine, kind: Kind): readonly Lifecycle[] {
  const name = kind.group === '' ? kind.kind : `${kind.group}/${kind.kind}`
  const own = engine.lifecycles.get(name) ?? []
  const any = kind.custom?.standIn === true ? (engine.lifecycles.get('*') ?? []) : []
  return any.length === 0 ? own : [...own, ...any]
}

function look(engine: Engine, kind: Kind, object: KubeObject, id: string): void {
  const lifecycles = lifecyclesOf(engine, kind)
  const pending = engine.pending.get(id)
  if (lifecycles.length === 0) return
  const scope = scopeOf(engine, object)
  const next = lifecycles.find((each) => matches(each.match, scope))
  if (next === pending?.lifecycle) return
  pending?.cancel()
  engine.pending.delete(id)
  if (next === undefined) return
  const at = { id, uid: object.metadata.uid ?? '' }
  appoint(engine, kind, next, { ...at, ms: next.delayMs ?? engine.delayMs })
}

/** Has a lifecycle happen after a while. */
function appoint(
  engine: Engine,
  kind: Kind,
  lifecycle: Lifecycle,
  { id, uid, ms }: { readonly id: string; readonly uid: string; readonly ms: number },
): void {
  const cancel = engine.hands.core.clock.after(unhurried(engine, id, ms), () => {
    engine.pending.delete(id)
    happen(engine, kind, lifecycle, { id, uid })
  })
  engine.pending.set(id, { lifecycle, cancel })
}

/** Lifecycles of one object within a window, after which it waits: theirs is a circle. */
const PLAYED_MAX = 50
const WINDOW_MS = 1000

/** After what time a lifecycle happens; those that call each other without end wait for each other. */
function unhurried({ hands, played }: Engine, id: string, ms: number): number {
  const now = hands.core.clock.now()
  const had = played.get(id)
  if (had === undefined || now - had.since > WINDOW_MS) played.set(id, { since: now, count: 1 })
  else had.count += 1
  return had !== undefined && had.count > PLAYED_MAX ? Math.max(ms, WINDOW_MS) : ms
}

function scopeOf(engine: Engine, object: KubeObject): Scope {
  const { uid = '' } = object.metadata
  return {
    object: object as unknown as JsonObject,
    variables: {
      now: rfc3339(engine.hands.core.clock.now()),
      get podIP() {
        return addressOf(engine, uid)
      },
    },
  }
}

const RETRY_MS = 1000

/** What a pod has from before is not given to another. */
function keepAddress(engine: Engine, pod: KubeObject): void {
  const { podIP } = (pod['status'] ?? {}) as JsonObject
  const [, high, low] = /^10\.244\.(\d+)\.(\d+)$/.exec(String(podIP)) ?? []
  if (high === undefined || low === undefined) return
  engine.addresses.set(pod.metadata.uid ?? '', String(podIP))
  const number = Number(high) * 256 + Number(low)
  engine.given.count = Math.max(engine.given.count, number - 1)
}

const ADDRESSES = 65_000

/** An address in 10.244.0.0/16, kept for the life of an object. */
function addressOf(engine: Engine, uid: string): string {
  const known = engine.addresses.get(uid)
  if (known !== undefined) return known
  // Counted on and on: those of objects that went are not given to others right away.
  const number = (engine.given.count % ADDRESSES) + 2
  engine.given.count += 1
  const address = `10.244.${number >> 8}.${number & 255}`
  engine.addresses.set(uid, address)
  return address
}

function happen(
  engine: Engine,
  kind: Kind,
  lifecycle: Lifecycle,
  at: { readonly id: string; readonly uid: string },
): void {
  const { hands } = engine
  const key = at.id.slice(kind.table.length + 1)
  const stored = hands.core.store.get(kind.table, key)
  if (stored === undefined || stored.metadata.uid !== at.uid) return
  const live = converted(stored, kind)
  try {
    if (lifecycle.remove === true) {
      hands.remove(kind, live, { gracePeriodSeconds: 0 })
      return
    }
    const status = statusFor(engine, lifecycle, live)
    const split = kind.subresources.some((part) => part.name === 'status')
    hands.update(kind, live, { ...live, status }, split ? 'status' : '')
    tell(engine, lifecycle, live)
  } catch (error) {
    const fields = { lifecycle: lifecycle.name, key: at.id, error: messageOf(error) }
    if (error instanceof StatusFault) {
      hands.core.log.debug('lifecycle refused', fields)
      // The definition of a kind may refuse what a file says: who wrote that finds it with the object.
      if (error.status === INVALID) tellRefused(engine, lifecycle, { live, why: error.message })
    } else {
      hands.core.log.error('lifecycle failed', fields)
      // A disk that is full may have room again.
      appoint(engine, kind, lifecycle, { ...at, ms: RETRY_MS })
    }
  }
}

const INVALID = 422

function tellRefused(
  { hands }: Engine,
  { name }: Lifecycle,
  { live, why }: { readonly live: KubeObject; readonly why: string },
): void {
  const message = `lifecycle ${name}: ${why}`
  record(hands, live, {
    type: 'Warning',
    reason: 'LifecycleRefused',
    message,
    component: 'tidegate',
  })
}

function tell(engine: Engine, lifecycle: Lifecycle, object: KubeObject): void {
  const { event } = lifecycle
  if (event === undefined) return
  const message = fill(event.message, scopeOf(engine, object))
  record(engine.hands, object, {
    type: event.type,
    reason: event.reason,
    message: typeof message === 'string' ? message : '',
    component: 'kubelet',
  })
}

function statusFor(engine: Engine, lifecycle: Lifecycle, live: KubeObject): Json {
  const scope = scopeOf(engine, live)
  const had = isObject(live['status']) ? live['status'] : {}
  const merged = jsonMergePatch(had, fill(lifecycle.status ?? {}, scope) ?? {})
  if (lifecycle.conditions === undefined || !isObject(merged)) return merged
  const listed = merged['conditions']
  let conditions: JsonObject[] = isArray(listed) ? listed.filter(isObject) : []
  const now = rfc3339(engine.hands.core.clock.now())
  for (const each of lifecycle.conditions) {
    const filled = fill(each as unknown as Json, scope) as never
    const { observedGeneration, ...condition } = filled as JsonObject
    conditions = withCondition(conditions, condition as never, { now })
    if (observedGeneration !== undefined)
      conditions = conditions.map((one) =>
        one['type'] === condition['type'] ? { ...one, observedGeneration } : one,
      )
  }
  return { ...merged, conditions }
}
