import { isArray, isObject, type JsonObject, type KubeObject } from '../../object/index.ts'
import { StatusFault } from '../status.ts'
import { type Hands, numberIn, specOf } from './hands.ts'
import { INDEX, indexOf } from './job-indexes.ts'
import { backoffLeft, endOf, failureMark, failuresOf, type JobLook, TRACKED } from './job-look.ts'
import { replacesOnlyFailed } from './job-policy.ts'
import { createPod, deletePod, isEnding, isTerminating, leastUseful } from './pods.ts'

/** Most pods created or deleted at one look. */
const BURST = 500

/** What became of the pods of a Job. */
export interface Managed {
  /** How many run now. */
  readonly active: number
  /** When the next may be begun. */
  readonly again: number | undefined
  /** What kept one from being made. */
  readonly refusal: StatusFault | undefined
}

interface Failures {
  readonly count: number
  readonly last: number
}

/** How often pods failed since one succeeded; kept as long as the process is. */
export class JobBackoff {
  readonly #failures = new Map<string, Failures>()

  /** Takes in the pods that ended. */
  note({ metadata }: KubeObject, look: JobLook): void {
    const key = metadata.uid ?? ''
    const success = Math.max(0, ...look.newSucceeded.map(endOf))
    const had = look.newSucceeded.length > 0 ? undefined : this.#failures.get(key)
    const ends = look.newFailed.map(endOf).filter((at) => at > success)
    if (had === undefined && ends.length === 0) {
      this.#failures.delete(key)
      return
    }
    const count = (had?.count ?? 0) + ends.length
    this.#failures.set(key, { count, last: Math.max(had?.last ?? 0, ...ends) })
  }

  /** How long the next pod has to wait still. */
  left({ metadata }: KubeObject, now: number): number {
    const { count, last } = this.#failures.get(metadata.uid ?? '') ?? { count: 0, last: 0 }
    return backoffLeft(count, last, now)
  }
}

/** Takes the finalizer from a pod that has been counted. */
export function untracked(hands: Hands, pod: KubeObject): void {
  const { finalizers = [], ...metadata } = pod.metadata
  if (!finalizers.includes(TRACKED)) return
  const left = finalizers.filter((each) => each !== TRACKED)
  const next = left.length === 0 ? metadata : { ...metadata, finalizers: left }
  hands.update(hands.kind('', 'Pod'), pod, { ...pod, metadata: next })
}

/** Creates and deletes pods until as many run as are to run. */
export function manage(hands: Hands, look: JobLook, backoff: JobBackoff): Managed {
  const { job, active } = look
  const spec = specOf(job)
  const isSuspended = spec['suspend'] === true
  const wanted = isSuspended ? 0 : wantedOf(look)
  const surplus = surplusOf(hands, look, Math.max(0, active.length - wanted)).slice(0, BURST)
  for (const pod of surplus) {
    const kind = hands.kind('', 'Pod')
    untracked(hands, pod)
    deletePod(
      hands,
      job,
      hands.get(kind, pod.metadata.namespace ?? '', pod.metadata.name ?? '') ?? pod,
    )
  }
  if (surplus.length > 0 || isSuspended)
    return { active: active.length - surplus.length, again: undefined, refusal: undefined }
  const going = replacesOnlyFailed(job) ? look.pods.filter(isTerminating).length : 0
  const missing = Math.min(BURST, wanted - going - active.length)
  return missing > 0
    ? start(hands, look, { missing, backoff })
    : { active: active.length, again: undefined, refusal: undefined }
}

function wantedOf({ job, active, succeeded }: JobLook): number {
  const parallelism = numberIn(specOf(job), 'parallelism', 1)
  const { completions } = specOf(job)
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism
  return Math.max(0, Math.min(parallelism, Number(completions) - succeeded))
}

/** Pods that are too many: of indexes that need none first. */
function surplusOf(hands: Hands, look: JobLook, least: number): readonly KubeObject[] {
  const { job, active, isIndexed, succeededIndexes, failedIndexes } = look
  const completions = numberIn(specOf(job), 'completions', 0)
  const seen = new Set<number>()
  const needless = active.filter((pod) => {
    if (!isIndexed) return false
    const index = indexOf(pod)
    const isNone =
      index === undefined ||
      index >= completions ||
      seen.has(index) ||
      succeededIndexes.has(index) ||
      failedIndexes?.has(index) === true
    if (index !== undefined) seen.add(index)
    return isNone
  })
  if (needless.length >= least) return needless
  const others = active.filter((pod) => !needless.includes(pod))
  const ordered = leastUseful(others, [], hands.core.clock.now())
  return [...needless, ...ordered.slice(0, least - needless.length)]
}

function start(
  hands: Hands,
  look: JobLook,
  { missing, backoff }: { readonly missing: number; readonly backoff: JobBackoff },
): Managed {
  const { job, active, held } = look
  const now = hands.core.clock.now()
  const isPerIndex = specOf(job)['backoffLimitPerIndex'] !== undefined
  const left = isPerIndex ? 0 : backoff.left(job, now)
  if (left > 0) return { active: active.length, again: left, refusal: undefined }
  const waits: number[] = []
  const indexes = look.isIndexed ? pendingOf(look, missing) : []
  const ready = indexes.filter((index) => {
    const before = isPerIndex ? held.get(index) : undefined
    const wait = before === undefined ? 0 : backoffLeft(failuresOf(before) + 1, endOf(before), now)
    if (wait > 0) waits.push(wait)
    return wait === 0
  })
  const bodies = look.isIndexed
    ? ready.map((index) => indexed(look, index))
    : Array.from({ length: missing }, () => ({ metadata: { finalizers: [TRACKED] } }))
  let made = 0
  const again = waits.length === 0 ? undefined : Math.min(...waits)
  try {
    for (const body of bodies) {
      createPod(hands, job, body)
      made += 1
    }
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    const refusal = isEnding(hands, job) ? undefined : error
    return { active: active.length + made, again, refusal }
  }
  return { active: active.length + made, again, refusal: undefined }
}

/** The first indexes that have neither a pod nor an end. */
function pendingOf(look: JobLook, count: number): number[] {
  const { job, pods, active, succeededIndexes, failedIndexes } = look
  const completions = numberIn(specOf(job), 'completions', 0)
  const going = replacesOnlyFailed(job) ? pods.filter(isTerminating) : []
  const busy = new Set([...active, ...going].map(indexOf))
  const found: number[] = []
  for (let i = 0; i < completions && found.length < count; i += 1)
    if (!busy.has(i) && !succeededIndexes.has(i) && failedIndexes?.has(i) !== true) found.push(i)
  return found
}

/** The pod of an index of a Job. */
function indexed(
  { job, held }: JobLook,
  index: number,
): { readonly prefix: string; readonly metadata: JsonObject; readonly spec: JsonObject } {
  const { spec = {} } = (specOf(job)['template'] ?? {}) as { readonly spec?: JsonObject }
  const told = (containers: unknown): JsonObject[] =>
    (isArray(containers as never) ? (containers as JsonObject[]).filter(isObject) : []).map(
      withIndex,
    )
  const inits = told(spec['initContainers'])
  const { name } = job.metadata
  return {
    prefix: `${String(name).slice(0, 57 - String(index).length)}-${index}-`,
    metadata: {
      finalizers: [TRACKED],
      annotations: { [INDEX]: String(index), ...failureMark(job, held.get(index)) },
      labels: { [INDEX]: String(index) },
    },
    spec: {
      hostname: `${name}-${index}`,
      containers: told(spec['containers']),
      ...(inits.length === 0 ? {} : { initContainers: inits }),
    },
  }
}

/** A container that is told its index. */
function withIndex(container: JsonObject): JsonObject {
  const env = isArray(container['env']) ? container['env'].filter(isObject) : []
  const name = 'JOB_COMPLETION_INDEX'
  if (env.some((each) => each['name'] === name)) return container
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` }
  return { ...container, env: [...env, { name, valueFrom: { fieldRef } }] }
}
