import { createHash } from 'node:crypto'
import { messageOf, rfc3339Micro } from '../base/index.ts'
import { isApiFault, type Json, type KubeObject, stringAt, valueAt } from '../object/index.ts'
import {
  type ElectionDeps,
  type ElectionOptions,
  type HeldLease,
  holdLease,
  leaseRef,
} from './lease-hold.ts'

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
        if (taken !== undefined)
          return await kept(holdLease(deps, options, taken, startedMs), signal)
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

/** A Lease that came when nobody waited for it any more is given back. */
async function kept(held: HeldLease, signal: AbortSignal): Promise<HeldLease> {
  if (!signal.aborted) return held
  await held.release()
  throw signal.reason
}

async function look(
  deps: ElectionDeps,
  options: ElectionOptions,
  before: Seen | undefined,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  try {
    const lease = await deps.cluster.get(leaseRef(options), { signal })
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
      const metadata = { namespace, name, ...options.metadata }
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
    const before = typeof transitions === 'number' ? transitions : 0
    const leaseTransitions = holder === options.identity ? before : before + 1
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
  const { group, kind, namespace } = leaseRef(options)
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
