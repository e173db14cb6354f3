import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Log } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import { acquireLease, type HeldLease, leaseName } from '../cluster/index.ts'
import type { Cluster } from '../object/index.ts'
import { type ReconcilerOptions, startReconcilers } from './reconcilers.ts'
import { systemClock, systemRandom } from './system.ts'

/** One side of the controller and what it stands for election with. */
export interface Candidate {
  readonly flags: ControllerFlags
  readonly side: 'source' | 'kustomize'
  /** Not fenced by the lease that is stood for. */
  readonly cluster: Cluster
  readonly log: Log
  readonly signal: AbortSignal
}

/**
 * Runs one side, as the leader where leader election is on: it takes the name of Flux's lease, so
 * that it never works beside Flux. Resolves with `ended` after the signal, `lost` when the lease was.
 */
export async function lead(
  candidate: Candidate,
  optionsOf: (lease: HeldLease | undefined) => ReconcilerOptions,
): Promise<'ended' | 'lost'> {
  const { signal, log } = candidate
  if (!candidate.flags.leaderElection.enabled) {
    await (await startReconcilers(optionsOf(undefined), signal)).done
    return 'ended'
  }
  const lease = await elected(candidate)
  if (lease === undefined) return 'ended'
  log.info('became the leader', { controller: candidate.side })
  const reconcilers = await startReconcilers(
    optionsOf(lease),
    AbortSignal.any([signal, lease.lost]),
  )
  await reconcilers.done
  await lease.release()
  if (!lease.lost.aborted || signal.aborted) return 'ended'
  log.error('leader election lost', { controller: candidate.side })
  return 'lost'
}

async function elected(candidate: Candidate): Promise<HeldLease | undefined> {
  const { flags, side, cluster, log, signal } = candidate
  const { enabled: _enabled, ...timing } = flags.leaderElection
  const selector = side === 'source' ? flags.source : flags.kustomize
  try {
    return await acquireLease(
      { cluster, clock: systemClock, random: systemRandom, log },
      {
        ...timing,
        namespace: flags.runtimeNamespace,
        name: leaseName(side, selector.watchLabelSelector),
        identity: `${hostname()}_${randomUUID()}`,
      },
      signal,
    )
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
