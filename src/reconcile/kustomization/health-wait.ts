import { messageOf, pool } from '../../base/index.ts'
import { type Health, type HealthRules, healthOf } from '../../health/index.ts'
import {
  type Cluster,
  idKey,
  idText,
  isApiFault,
  type JsonObject,
  type KubeObject,
  type ObjectId,
  valueAt,
} from '../../object/index.ts'
import type { Run } from './context.ts'

/** How to wait. */
export interface WaitOptions {
  readonly timeoutMs: number
  /** The first Failed object ends the wait. */
  readonly failsFast: boolean
  readonly rules?: HealthRules | undefined
  /** Keys of Jobs that go away by themselves when they are done. */
  readonly vanishing?: ReadonlySet<string>
  /** Ends the wait early, with its reason. */
  readonly preempt?: AbortSignal
  /** Called once when there is something to wait for. */
  readonly onWait?: () => Promise<void>
}

/** Where nobody tells of changes, the state is asked for this often. */
const ASK_EVERY_MS = 2000
const ASK_AT_ONCE_MAX = 8

interface Wait {
  readonly run: Run
  readonly cluster: Cluster
  readonly ids: readonly ObjectId[]
  readonly options: WaitOptions
  readonly states: Map<string, Health>
}

/**
 * Waits until all objects are Current. Woken by the watches of what was applied; a worker is not held
 * meanwhile. Answers Flux's words for what went wrong, or undefined when all is well.
 */
export async function waitForHealth(
  run: Run,
  cluster: Cluster,
  ids: readonly ObjectId[],
  options: WaitOptions,
): Promise<string | undefined> {
  const wait: Wait = { run, cluster, ids, options, states: new Map() }
  await look(wait, ids)
  let end = verdict(wait, false)
  if (end !== 'waiting') return end.fault
  await options.onWait?.()
  const deadline = run.context.clock.now() + options.timeoutMs
  return run.turn.parked(async () => {
    while (end === 'waiting') {
      const leftMs = deadline - run.context.clock.now()
      if (leftMs <= 0) {
        await look(wait, ids)
        return (verdict(wait, true) as { fault: string | undefined }).fault
      }
      await nextChange(wait, Math.min(ASK_EVERY_MS, leftMs))
      await look(wait, ids)
      end = verdict(wait, false)
    }
    return end.fault
  })
}

/** Resolves when an object of the wait has changed, or after `ms`. */
async function nextChange(wait: Wait, ms: number): Promise<void> {
  const { run, ids, options } = wait
  const keys = new Set(ids.map(idKey))
  const woken = new AbortController()
  const stop = run.applied.onChange((key) => {
    if (keys.has(key)) woken.abort()
  })
  const signals = [run.turn.signal, woken.signal, ...(options.preempt ? [options.preempt] : [])]
  try {
    await run.context.clock.sleep(ms, AbortSignal.any(signals))
  } catch (error) {
    if (!woken.signal.aborted) throw error
  } finally {
    stop()
  }
}

async function look(wait: Wait, ids: readonly ObjectId[]): Promise<void> {
  const open = ids.filter((id) => wait.states.get(idKey(id))?.status !== 'Current')
  await pool(open, ASK_AT_ONCE_MAX, async (id) => {
    wait.states.set(idKey(id), await stateOf(wait, id))
  })
}

async function stateOf(wait: Wait, id: ObjectId): Promise<Health> {
  const { run, options } = wait
  const seen = options.rules === undefined ? run.applied.healthOf(id) : undefined
  if (seen !== undefined && seen.status === 'Current') return seen
  const now = run.context.clock.now()
  try {
    const object = await wait.cluster.get(id, { signal: run.turn.signal })
    const rules = options.rules === undefined ? {} : { rules: options.rules }
    const health = healthOf(object, { now, ...rules })
    if (health.status !== 'InProgress') return health
    const pods = await podsOf(wait, object)
    return pods === undefined ? health : healthOf(object, { now, pods, ...rules })
  } catch (error) {
    if (!isApiFault(error)) throw error
    if (error.code === 'NOT_FOUND') return { status: 'NotFound', message: error.message }
    if (error.code === 'NO_MATCH')
      return {
        status: 'Unknown',
        message: `no matches for kind "${id.kind}" in group "${id.group}"`,
      }
    return { status: 'Unknown', message: messageOf(error) }
  }
}

async function podsOf(wait: Wait, object: KubeObject): Promise<readonly KubeObject[] | undefined> {
  const labels = valueAt(object as unknown as JsonObject, 'spec', 'selector', 'matchLabels')
  if (!['Deployment', 'StatefulSet', 'ReplicaSet'].includes(object.kind)) return undefined
  if (typeof labels !== 'object' || labels === null) return undefined
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
  const namespace = object.metadata.namespace ?? ''
  const list = await wait.cluster.list(
    { group: '', kind: 'Pod', version: 'v1' },
    { namespace, labelSelector },
  )
  return list.items
}

type Verdict = 'waiting' | { readonly fault: string | undefined }

function verdict(wait: Wait, isLate: boolean): Verdict {
  const { options, ids } = wait
  const states = ids.map((id) => ({ id, health: effective(wait, id) }))
  const isFailed = states.some(({ health }) => health.status === 'Failed')
  const isDecided = states.every(({ health }) => ['Current', 'Failed'].includes(health.status))
  if (!isDecided && !isLate && !(options.failsFast && isFailed)) return 'waiting'
  const bad = states.filter(({ health }) =>
    isLate ? health.status !== 'Current' : health.status === 'Failed',
  )
  if (bad.length === 0) return { fault: undefined }
  const list = bad.map(({ id, health }) => {
    const why = health.status === 'Unknown' ? `: ${health.message}` : ''
    return `${idText(id)} status: '${health.status}'${why}`
  })
  const words = isLate ? 'timeout waiting for' : 'failed early due to stalled resources'
  return { fault: `${words}: [${list.join(', ')}]` }
}

function effective(wait: Wait, id: ObjectId): Health {
  const key = idKey(id)
  const health = wait.states.get(key) ?? { status: 'Unknown', message: 'not looked at yet' }
  const isDone = health.status === 'NotFound' && wait.options.vanishing?.has(key) === true
  return isDone ? { status: 'Current', message: 'Job went away after it was done' } : health
}
