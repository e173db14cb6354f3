import { messageOf, pool } from '../../base/index.ts'
import { type Health, type HealthRules, healthOf } from '../../health/index.ts'
import { type Cluster, idKey, idText, isApiFault, type ObjectId } from '../../object/index.ts'
import type { Run } from './context.ts'
import { causeOf, ownsPods, podSelector, podsOf } from './health-cause.ts'
import { HealthWatch } from './health-watch.ts'

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

/** What nobody tells of is asked for this often at first, */
const ASK_MS_FIRST = 2_000
/** and ever more seldom, up to this. */
const ASK_MS_MAX = 15_000
/** Even what is watched is looked at this often: a health may change with time alone. */
const LOOK_EVERY_MS = 60_000
const ASK_AT_ONCE_MAX = 8
/** Objects whose trouble is looked into. */
const CAUSES_MAX = 5

interface Wait {
  readonly run: Run
  readonly cluster: Cluster
  readonly ids: readonly ObjectId[]
  readonly options: WaitOptions
  readonly states: Map<string, Health>
  readonly watch: HealthWatch
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
  const watch = new HealthWatch(cluster, run.applied, ids)
  const wait: Wait = { run, cluster, ids, options, states: new Map(), watch }
  try {
    await look(wait, ids)
    const first = verdict(wait, false)
    if (first !== 'waiting') return await withCauses(wait, first.fault)
    await options.onWait?.()
    return await run.turn.parked(() => waitOn(wait))
  } finally {
    watch.stop()
  }
}

async function waitOn(wait: Wait): Promise<string | undefined> {
  const { ids, options, watch } = wait
  const { clock } = wait.run.context
  const deadline = clock.now() + options.timeoutMs
  let askMs = ASK_MS_FIRST
  let lookAt = clock.now() + LOOK_EVERY_MS
  for (;;) {
    for (const id of openOf(wait)) watch.follow(id)
    const silent = openOf(wait).filter((id) => watch.isSilent(id) || isUnknown(wait, id))
    const nextMs = silent.length > 0 ? askMs : lookAt - clock.now()
    const isTold = await nextChange(wait, Math.min(nextMs, deadline - clock.now()))
    const isLate = clock.now() >= deadline
    const isDue = isLate || clock.now() >= lookAt
    const changed = watch.take()
    await look(
      wait,
      isDue ? ids : ids.filter((id) => changed.has(idKey(id))).concat(isTold ? [] : silent),
    )
    if (!isTold) askMs = Math.min(ASK_MS_MAX, askMs * 1.5)
    if (isDue) lookAt = clock.now() + LOOK_EVERY_MS
    const end = verdict(wait, isLate)
    if (end !== 'waiting') return withCauses(wait, end.fault)
  }
}

/** What could not be asked for may be there without any further change. */
function isUnknown(wait: Wait, id: ObjectId): boolean {
  return wait.states.get(idKey(id))?.status === 'Unknown'
}

/** The objects that are not well yet. */
function openOf(wait: Wait): readonly ObjectId[] {
  return wait.ids.filter((id) => wait.states.get(idKey(id))?.status !== 'Current')
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

/** Resolves with true when an object of the wait has changed, with false after `ms`. */
async function nextChange(wait: Wait, ms: number): Promise<boolean> {
  const { run, options, watch } = wait
  const rung = new AbortController()
  watch.onChange(() => rung.abort())
  const signals = [run.turn.signal, rung.signal, ...(options.preempt ? [options.preempt] : [])]
  try {
    await run.context.clock.sleep(Math.max(0, ms), AbortSignal.any(signals))
    return false
  } catch (error) {
    const isOver = run.turn.signal.aborted || options.preempt?.aborted === true
    if (isOver || !rung.signal.aborted) throw error
    return true
  } finally {
    watch.onChange(() => undefined)
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
  const plainKstatus = run.context.options.fluxTiming
  const seen = options.rules === undefined ? run.applied.healthOf(id) : undefined
  const isWhole = !plainKstatus && !ownsPods(id)
  if (seen !== undefined && (isWhole || seen.status === 'Current')) return seen
  const now = run.context.clock.now()
  try {
    const object = await wait.cluster.get(id, { signal: run.turn.signal })
    const rules = { plainKstatus, ...(options.rules === undefined ? {} : { rules: options.rules }) }
    const health = healthOf(object, { now, ...rules })
    if (health.status !== 'InProgress') return health
    const selector = podSelector(object)
    if (selector !== undefined) wait.watch.followPods(id, selector)
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
