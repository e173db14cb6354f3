import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Log, MetricDefinition, Metrics } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import { type ElectionOptions, type HeldLease, leaseName } from '../cluster/index.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { type ReconcilerOptions, startReconcilers } from './reconcilers.ts'
import { systemClock } from './system.ts'

/** One side of the controller and what it stands for election with. */
export interface Candidate {
  readonly flags: ControllerFlags
  readonly side: 'source' | 'kustomize'
  readonly keeper: LeaseKeeper
  readonly log: Log
  readonly metrics: Metrics
  readonly signal: AbortSignal
}

/** As client-go tells it. */
const MASTER: MetricDefinition = {
  name: 'leader_election_master_status',
  help: 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
  type: 'gauge',
  labels: ['name'],
}

/**
 * Runs one side, as the leader where leader election is on: it takes the name of Flux's lease, so
 * that it never works beside Flux. Resolves with `ended` after the signal, `lost` when the lease was.
 */
export async function lead(
  candidate: Candidate,
  optionsOf: (lease: HeldLease | undefined) => ReconcilerOptions,
): Promise<'ended' | 'lost'> {
  const { signal, log, flags, side } = candidate
  if (!flags.leaderElection.enabled) {
    await (await startReconcilers(optionsOf(undefined), signal)).done
    return 'ended'
  }
  const identity = `${hostname()}_${randomUUID()}`
  const wanted = fluxLease(flags, side, identity)
  candidate.metrics.set(MASTER, { name: wanted.name }, 0)
  const lease = await takeLease(candidate, wanted)
  if (lease === undefined) return 'ended'
  candidate.metrics.set(MASTER, { name: wanted.name }, 1)
  log.info('became the leader', { controller: side })
  const reconcilers = await startReconcilers(
    optionsOf(lease),
    AbortSignal.any([signal, lease.lost]),
  )
  await endedOrLost(reconcilers.done, lease.lost)
  candidate.metrics.set(MASTER, { name: wanted.name }, 0)
  await lease.release()
  if (!lease.lost.aborted || signal.aborted) return 'ended'
  log.error('leader election lost', { controller: side })
  return 'lost'
}

/**
 * Resolves when the work has ended; what is still under way when a Lease was lost is waited for no
 * longer than a moment, since nothing of it may reach the cluster any more.
 */
export async function endedOrLost(done: Promise<void>, lost: AbortSignal): Promise<void> {
  const late = new Promise<void>((resolve) => {
    const arm = (): void => void systemClock.after(LOST_MS, resolve)
    if (lost.aborted) arm()
    else lost.addEventListener('abort', arm, { once: true })
  })
  await Promise.race([done, late])
}

const LOST_MS = 2_000

/** The Lease of Flux's notification-controller, which serves Receivers. */
export const RECEIVER_LEASE = 'notification-controller-leader-election'

/** The Lease that Flux's controller of a side holds while it works. */
export function fluxLease(
  flags: ControllerFlags,
  side: 'source' | 'kustomize',
  identity: string,
): ElectionOptions {
  const { enabled: _enabled, ...timing } = flags.leaderElection
  const selector = side === 'source' ? flags.source : flags.kustomize
  return {
    ...timing,
    namespace: flags.runtimeNamespace,
    name: leaseName(side, selector.watchLabelSelector),
    identity,
  }
}

/** Waits for a Lease; undefined when the signal came first. */
export async function takeLease(
  { keeper, signal }: Pick<Candidate, 'keeper' | 'signal'>,
  options: ElectionOptions,
): Promise<HeldLease | undefined> {
  try {
    return await keeper.acquire(options, signal)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
