import { messageOf, pool } from '../../base/index.ts'
import { type Health, type HealthRules, healthOf } from '../../health/index.ts'
import { type Cluster, idKey, idText, isApiFault, type ObjectId } from '../../object/index.ts'
import type { Run } from './context.ts'
import { causeOf, podsOf } from './health-cause.ts'

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
/** Objects whose trouble is looked into. */
const CAUSES_MAX = 5

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
  if (end !== 'waiting') return withCauses(wait, end.fault)
  await options.onWait?.()
  const deadline = run.context.clock.now() + options.timeoutMs
  return run.turn.parked(async () => {
    while (end === 'waiting') {
      const leftMs = deadline - run.context.clock.now()
      if (leftMs <= 0) {
        await look(wait, ids)
        const late = verdict(wait, true)
        return late === 'waiting' ? undefined : withCauses(wait, late.fault)
      }
      await nextChange(wait, Math.min(ASK_EVERY_MS, leftMs))
      await look(wait, ids)
      end = verdict(wait, false)
    }
    return withCauses(wait, end.fault)
  })
}

/** Flux's words, and after them why the first few objects are not well. */
async function withCauses(wait: Wait, fault: string | undefined): Promise<string | undefined> {
  if (fault === undefined) return undefined
  const bad = wait.ids.filter((id) => {
    const status = effective(wait, id).status
    return status === 'InProgress' || status === 'Failed'
  })
  const causes = await pool(bad.slice(0, CAUSES_MAX), ASK_AT_ONCE_MAX, (id) =>
    causeOf(wait.cluster, id),
  )
  const known = causes.filter((cause) => cause !== undefined)
  return known.length === 0 ? fault : `${fault}: ${known.join('; ')}`
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
    const plainKstatus = run.context.options.fluxTiming
    const rules = { plainKstatus, ...(options.rules === undefined ? {} : { rules: options.rules }) }
    const health = healthOf(object, { now, ...rules })
    if (health.status !== 'InProgress') return health
    const pods = await podsOf(wait.cluster, object)
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
