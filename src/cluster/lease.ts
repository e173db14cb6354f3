import { createHash } from 'node:crypto'
import { type Clock, type Log, messageOf, type Random, rfc3339Micro } from '../base/index.ts'
import {
  type Cluster,
  isApiFault,
  type Json,
  type KubeObject,
  type ObjectRef,
  stringAt,
  valueAt,
} from '../object/index.ts'

/** What an election needs. The cluster is one whose writes are not fenced by this very lease. */
export interface ElectionDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** Flux's flags about leader election, in milliseconds. */
export interface ElectionOptions {
  readonly namespace: string
  readonly name: string
  /** Who we are: unique for each process. */
  readonly identity: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  readonly releaseOnCancel: boolean
}

/** A Lease that we hold. */
export interface HeldLease {
  /**
   * Whether the last renewal is young enough that no other can have taken the Lease. False after a
   * process was frozen, until it has renewed: no write may go out then.
   */
  isYoung(): boolean
  /** Aborted when the Lease is lost: another has it, or it could not be renewed in time. */
  readonly lost: AbortSignal
  /** Stops renewing and, with releaseOnCancel, gives the Lease to whoever waits for it. */
  release(): Promise<void>
}

/** A renewal is given up after this part of the deadline. */
const TRIES_A_DEADLINE = 3

/**
 * The name of the Lease of one of Flux's controllers: with a label selector each shard has its own.
 * @see fluxcd/pkg runtime/leaderelection
 */
export function leaseName(controller: 'source' | 'kustomize', selector: string): string {
  const base = `${controller}-controller-leader-election`
  if (selector === '') return base
  return `${base}-${createHash('sha256').update(selector).digest('hex').slice(0, 8)}`
}

/** The Lease as it was seen, and when, on our own clock: the holder's clock may be off. */
interface Seen {
  readonly lease: KubeObject
  readonly record: string
  readonly atMs: number
}

/**
 * Waits for a Lease and takes it, as client-go's leader election does; a release by its holder is
 * noticed at once by a watch, not at the next try. Rejects when the signal is aborted.
 */
export async function acquireLease(
  deps: ElectionDeps,
  options: ElectionOptions,
  signal: AbortSignal,
): Promise<HeldLease> {
  const bell = startBell(deps, options, signal)
  let seen: Seen | undefined
  let holder: string | undefined
  try {
    for (;;) {
      signal.throwIfAborted()
      const startedMs = deps.clock.now()
      try {
        seen = await look(deps, options, seen, signal)
        const taken = await tryTake(deps, options, seen, signal)
        if (taken !== undefined) return hold(deps, options, taken, startedMs)
      } catch (error) {
        signal.throwIfAborted()
        deps.log.error('unable to take the lease', { lease: options.name, error: messageOf(error) })
      }
      const now = stringAt(seen?.lease as unknown as Json, 'spec', 'holderIdentity')
      if (now !== holder)
        deps.log.info('waiting for the lease', { lease: options.name, holder: now ?? '' })
      holder = now
      await bell.wait(options.retryPeriodMs * (1 + deps.random.next() * 0.2))
    }
  } finally {
    bell.stop()
  }
}

function refOf(options: ElectionOptions): ObjectRef {
  const { namespace, name } = options
  return { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name }
}

async function look(
  deps: ElectionDeps,
  options: ElectionOptions,
  before: Seen | undefined,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  try {
    const lease = await deps.cluster.get(refOf(options), { signal })
    const record = JSON.stringify(lease['spec'] ?? {})
    if (before !== undefined && before.record === record) return { ...before, lease }
    return { lease, record, atMs: deps.clock.now() }
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** Takes the Lease where it is free: absent, released, expired, or still ours after a restart. */
async function tryTake(
  deps: ElectionDeps,
  options: ElectionOptions,
  seen: Seen | undefined,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const now = rfc3339Micro(deps.clock.now())
  const spec = {
    holderIdentity: options.identity,
    leaseDurationSeconds: Math.round(options.leaseDurationMs / 1000),
    acquireTime: now,
    renewTime: now,
    leaseTransitions: 0,
  }
  try {
    if (seen === undefined) {
      const { namespace, name } = options
      const metadata = { namespace, name }
      return await deps.cluster.create(
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec },
        { signal },
      )
    }
    const was = seen.lease as unknown as Json
    const holder = stringAt(was, 'spec', 'holderIdentity') ?? ''
    const seconds = valueAt(was, 'spec', 'leaseDurationSeconds')
    const durationMs = typeof seconds === 'number' ? seconds * 1000 : options.leaseDurationMs
    const expired = deps.clock.now() >= seen.atMs + durationMs
    if (holder !== '' && holder !== options.identity && !expired) return undefined
    const transitions = valueAt(was, 'spec', 'leaseTransitions')
    const leaseTransitions = (typeof transitions === 'number' ? transitions : 0) + 1
    // The resourceVersion of what was seen goes with it: of two that try, one gets a conflict.
    return await deps.cluster.update(
      { ...seen.lease, spec: { ...spec, leaseTransitions } },
      { signal },
    )
  } catch (error) {
    if (isApiFault(error, 'CONFLICT', 'ALREADY_EXISTS')) return undefined
    throw error
  }
}

/** Keeps a Lease that was taken. */
function hold(
  deps: ElectionDeps,
  options: ElectionOptions,
  taken: KubeObject,
  takenAtMs: number,
): HeldLease {
  const { clock, log } = deps
  const lost = new AbortController()
  const stop = new AbortController()
  let lease = taken
  let renewedAtMs = takenAtMs
  log.info('successfully acquired lease', { lease: options.name, identity: options.identity })
  const loseBecause = (why: string): void => {
    log.error('leader election lost', { lease: options.name, error: why })
    lost.abort(new Error(`leader election lost: ${why}`))
    stop.abort(lost.signal.reason)
  }
  const renewOnce = async (): Promise<void> => {
    const startedMs = clock.now()
    const spec = { ...(lease['spec'] as object), renewTime: rfc3339Micro(startedMs) }
    // One try that hangs must leave time for another.
    const hung = new AbortController()
    const takeBack = clock.after(options.renewDeadlineMs / TRIES_A_DEADLINE, () =>
      hung.abort(new Error('no answer')),
    )
    try {
      const signal = AbortSignal.any([stop.signal, hung.signal])
      lease = await deps.cluster.update({ ...lease, spec }, { signal })
      renewedAtMs = startedMs
    } finally {
      takeBack()
    }
  }
  const renew = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(options.retryPeriodMs, stop.signal)
      try {
        await renewOnce()
        continue
      } catch (error) {
        if (stop.signal.aborted) return
        log.error('unable to renew the lease', { lease: options.name, error: messageOf(error) })
        if (isApiFault(error, 'CONFLICT'))
          lease = await refreshed(deps, options, lease, stop.signal)
      }
      const holder = stringAt(lease as unknown as Json, 'spec', 'holderIdentity')
      if (holder !== options.identity) return loseBecause(`held by ${holder ?? 'nobody'}`)
      if (clock.now() - renewedAtMs >= options.renewDeadlineMs)
        return loseBecause('could not be renewed in time')
    }
  }
  const deadline = startDeadline(clock, options.renewDeadlineMs, () => renewedAtMs, loseBecause)
  const renewing = renew().catch(() => undefined)
  return {
    isYoung: () => !lost.signal.aborted && clock.now() - renewedAtMs < options.renewDeadlineMs,
    lost: lost.signal,
    release: async () => {
      deadline()
      stop.abort(new Error('released'))
      await renewing
      if (options.releaseOnCancel && !lost.signal.aborted)
        await giveBack(deps, options, lease).catch((error: unknown) =>
          log.error('unable to release the lease', {
            lease: options.name,
            error: messageOf(error),
          }),
        )
    },
  }
}

/** Watches over a renewal that hangs: the deadline counts, whatever the request does. */
function startDeadline(
  clock: Clock,
  deadlineMs: number,
  renewedAtMs: () => number,
  lose: (why: string) => void,
): () => void {
  let takeBack: () => void = () => undefined
  const arm = (): void => {
    const left = renewedAtMs() + deadlineMs - clock.now()
    takeBack = clock.after(Math.max(left, 0), () => {
      if (clock.now() - renewedAtMs() < deadlineMs) arm()
      else lose('could not be renewed in time')
    })
  }
  arm()
  return () => takeBack()
}

async function refreshed(
  deps: ElectionDeps,
  options: ElectionOptions,
  lease: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject> {
  try {
    return await deps.cluster.get(refOf(options), { signal })
  } catch {
    return lease
  }
}

async function giveBack(
  deps: ElectionDeps,
  options: ElectionOptions,
  lease: KubeObject,
): Promise<void> {
  const now = rfc3339Micro(deps.clock.now())
  const spec = {
    ...(lease['spec'] as object),
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
  }
  await deps.cluster.update({ ...lease, spec })
  deps.log.info('released the lease', { lease: options.name })
}

/** Rings when the Lease changes, so that a release is noticed at once. */
function startBell(
  deps: ElectionDeps,
  options: ElectionOptions,
  signal: AbortSignal,
): { readonly wait: (ms: number) => Promise<void>; readonly stop: () => void } {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let ring: () => void = () => undefined
  const { group, kind, namespace } = refOf(options)
  const listen = async (): Promise<void> => {
    const events = deps.cluster.watch(
      { group, kind },
      { namespace, fieldSelector: `metadata.name=${options.name}`, signal: stop.signal },
    )
    for await (const event of events) {
      const object = event.type === 'synced' ? undefined : (event.object as unknown as Json)
      const free = event.type === 'delete' || stringAt(object, 'spec', 'holderIdentity') === ''
      if (free) ring()
    }
  }
  // Without the right to watch, the next try finds out.
  listen().catch(() => undefined)
  return {
    wait: async (ms) => {
      const woken = new AbortController()
      ring = () => woken.abort(new Error('rung'))
      await deps.clock.sleep(ms, AbortSignal.any([woken.signal, signal])).catch(() => undefined)
    },
    stop: () => {
      signal.removeEventListener('abort', onAbort)
      stop.abort(new Error('over'))
    },
  }
}
