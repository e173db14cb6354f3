import { type Clock, type Log, messageOf, type Random, rfc3339Micro } from '../base/index.ts'
import {
  type Cluster,
  isApiFault,
  type Json,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
  stringAt,
} from '../object/index.ts'

/** What an election needs. The cluster is one whose writes are not fenced by this very lease. */
export interface ElectionDeps {
  readonly cluster: Cluster
  /** A clock that nobody sets: the age of a renewal is measured by it. */
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Told of each renewal that the server has taken in, with the moment at which it was begun. */
  readonly renewed?: (startedMs: number) => void
}

/** Flux's flags about leader election, in milliseconds. */
export interface ElectionOptions {
  readonly namespace: string
  readonly name: string
  /** Who we are: unique for each process, or for those that hold the Lease together. */
  readonly identity: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  readonly releaseOnCancel: boolean
  /** Labels and annotations of a Lease that is created. */
  readonly metadata?: Pick<ObjectMeta, 'labels' | 'annotations'>
  /** The Lease is this process's own, and goes with it. */
  readonly isOwn?: true
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
  /** Writes annotations onto the Lease, which renews it; rejects when the Lease is lost or released. */
  note(annotations: Readonly<Record<string, string>>): Promise<void>
  /** Stops renewing; `isKept` leaves the Lease to those that hold it together with us. */
  release(isKept?: boolean): Promise<void>
}

/** A renewal is given up after this part of the deadline. */
const TRIES_A_DEADLINE = 3
/** Others that hold the Lease with us may be faster, but not for ever. */
const CONFLICTS_MAX = 5
const NOTE_RETRY_MS = 500

/** The Lease of an election. */
export function leaseRef(options: Pick<ElectionOptions, 'namespace' | 'name'>): ObjectRef {
  const { namespace, name } = options
  return { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace, name }
}

interface Held {
  readonly deps: ElectionDeps
  readonly options: ElectionOptions
  readonly lost: AbortController
  readonly stop: AbortController
  lease: KubeObject
  renewedAtMs: number
  /** The write that is under way; one follows the other, since each needs the version of the last. */
  writing: Promise<unknown>
}

/** Keeps a Lease that was taken. */
export function holdLease(
  deps: ElectionDeps,
  options: ElectionOptions,
  taken: KubeObject,
  takenAtMs: number,
): HeldLease {
  const { clock, log } = deps
  const held: Held = {
    deps,
    options,
    lost: new AbortController(),
    stop: new AbortController(),
    lease: taken,
    renewedAtMs: takenAtMs,
    writing: Promise.resolve(),
  }
  deps.renewed?.(takenAtMs)
  log.info('successfully acquired lease', { lease: options.name, identity: options.identity })
  const takeBack = startDeadline(held)
  const renewing = renew(held).catch(() => undefined)
  const { lost, stop } = held
  return {
    isYoung: () => !lost.signal.aborted && clock.now() - held.renewedAtMs < options.renewDeadlineMs,
    lost: lost.signal,
    note: async (annotations) => {
      for (;;) {
        try {
          return await write(held, annotations)
        } catch (error) {
          stop.signal.throwIfAborted()
          log.error('unable to write to the lease', {
            lease: options.name,
            error: messageOf(error),
          })
        }
        await clock.sleep(NOTE_RETRY_MS, stop.signal)
      }
    },
    release: async (isKept = false) => {
      takeBack()
      stop.abort(new Error('released'))
      await renewing
      await held.writing
      if (isKept || !options.releaseOnCancel || lost.signal.aborted) return
      await giveBack(held).catch((error: unknown) =>
        log.error('unable to release the lease', { lease: options.name, error: messageOf(error) }),
      )
    },
  }
}

async function renew(held: Held): Promise<void> {
  const { deps, options, stop } = held
  for (;;) {
    await deps.clock.sleep(options.retryPeriodMs, stop.signal)
    try {
      await write(held, {})
    } catch (error) {
      if (stop.signal.aborted) return
      deps.log.error('unable to renew the lease', { lease: options.name, error: messageOf(error) })
      if (deps.clock.now() - held.renewedAtMs >= options.renewDeadlineMs)
        return lose(held, 'could not be renewed in time')
    }
  }
}

/** Renews, in turn with other writes; on a conflict the newer Lease is read, and tried again. */
function write(held: Held, annotations: Readonly<Record<string, string>>): Promise<void> {
  const inTurn = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      held.stop.signal.throwIfAborted()
      try {
        return await writeOnce(held, annotations)
      } catch (error) {
        if (isApiFault(error, 'NOT_FOUND')) lose(held, 'it was deleted')
        if (!isApiFault(error, 'CONFLICT') || tries >= CONFLICTS_MAX) throw error
        await refresh(held)
      }
    }
  }
  const mine = held.writing.then(inTurn)
  held.writing = mine.catch(() => undefined)
  return mine
}

async function writeOnce(held: Held, annotations: Readonly<Record<string, string>>): Promise<void> {
  const { deps, options, lease, stop } = held
  const startedMs = deps.clock.now()
  // One try that hangs must leave time for another.
  const hung = new AbortController()
  const takeBack = deps.clock.after(options.renewDeadlineMs / TRIES_A_DEADLINE, () =>
    hung.abort(new Error('no answer')),
  )
  const metadata = {
    ...lease.metadata,
    annotations: { ...lease.metadata.annotations, ...annotations },
  }
  const spec = { ...(lease['spec'] as object), renewTime: rfc3339Micro(startedMs) }
  try {
    held.lease = await deps.cluster.update(
      { ...lease, metadata, spec },
      { signal: AbortSignal.any([stop.signal, hung.signal]) },
    )
    held.renewedAtMs = startedMs
    deps.renewed?.(startedMs)
  } finally {
    takeBack()
  }
}

async function refresh(held: Held): Promise<void> {
  const { deps, options, stop } = held
  held.lease = await deps.cluster.get(leaseRef(options), { signal: stop.signal })
  const holder = stringAt(held.lease as unknown as Json, 'spec', 'holderIdentity') ?? ''
  if (holder !== options.identity) lose(held, `held by ${holder === '' ? 'nobody' : holder}`)
}

function lose(held: Held, why: string): void {
  if (held.stop.signal.aborted) return
  held.deps.log.error('leader election lost', { lease: held.options.name, error: why })
  held.lost.abort(new Error(`leader election lost: ${why}`))
  held.stop.abort(held.lost.signal.reason)
}

/** Watches over a renewal that hangs: the deadline counts, whatever the request does. */
function startDeadline(held: Held): () => void {
  const { clock } = held.deps
  const { renewDeadlineMs } = held.options
  let takeBack: () => void = () => undefined
  const arm = (): void => {
    const left = held.renewedAtMs + renewDeadlineMs - clock.now()
    takeBack = clock.after(Math.max(left, 0), () => {
      if (clock.now() - held.renewedAtMs < renewDeadlineMs) arm()
      else lose(held, 'could not be renewed in time')
    })
  }
  arm()
  return () => takeBack()
}

async function giveBack(held: Held): Promise<void> {
  const { deps, options, lease } = held
  const { resourceVersion } = lease.metadata
  if (options.isOwn) {
    const guard = resourceVersion === undefined ? {} : { resourceVersion }
    await deps.cluster.delete(leaseRef(options), guard)
  } else {
    const now = rfc3339Micro(deps.clock.now())
    const free = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now }
    await deps.cluster.update({ ...lease, spec: { ...(lease['spec'] as object), ...free } })
  }
  deps.log.info('released the lease', { lease: options.name })
}
