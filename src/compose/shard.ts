import { createHash, randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { Shares } from '../api/index.ts'
import { type Log, messageOf } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import {
  divideShares,
  type ElectionOptions,
  type HeldLease,
  SHARD_GROUP,
  SHARD_MEMBERS,
} from '../cluster/index.ts'
import type { Cluster } from '../object/index.ts'
import { endedOrLost, fluxLease, RECEIVER_LEASE, takeLease } from './leader.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { type ReconcilerOptions, startReconcilers } from './reconcilers.ts'
import { steadyClock } from './system.ts'

/** Annotation of a replica's Lease: where its artifacts are served. */
export const ARTIFACT_ADDRESS = 'tidegate.dev/artifact-address'

/** A replica that divides its work with others. */
export interface ShardReplica {
  readonly flags: ControllerFlags
  readonly keeper: LeaseKeeper
  /** Not fenced. */
  readonly cluster: Cluster
  readonly log: Log
  readonly signal: AbortSignal
  /** Where this replica's artifacts are served; `''` where it serves none. */
  readonly artifactAddress: string
  /** Told where the artifacts of each replica are served, as replicas come and go. */
  readonly onReplicas: (addresses: readonly string[]) => void
  /** Called when the others have had the time to take over this replica's artifacts. */
  readonly handedOver: () => void
}

/**
 * The group's Leases are renewed by every member, and so seldom; whoever else waits for them waits
 * this much longer than for a leader that was killed.
 */
const GROUP_TIMES_SLOWER = 3
const HOST_CHARS_MAX = 50
/** Artifacts are served on for so long after the Lease was given back. */
const LINGER_MS = 5_000

/**
 * Runs both sides on a share of the objects. There is no leader: the replicas hold Flux's Leases
 * together, under one identity, so that no Flux controller and no leader works beside them, and each has
 * a Lease of its own. Resolves with `ended` after the signal, `lost` when a Lease was.
 */
export async function runShard(
  replica: ShardReplica,
  optionsOf: (mayWrite: () => boolean, shares: Shares) => ReconcilerOptions,
): Promise<'ended' | 'lost'> {
  const { flags, log } = replica
  const group = groupOf(flags)
  const held = await groupLeases(replica, group)
  if (held === undefined) return 'ended'
  const self = `tidegate-${hostname().slice(0, HOST_CHARS_MAX)}-${randomBytes(4).toString('hex')}`
  const own = await takeLease(replica, ownLease(replica, group, self))
  if (own === undefined) {
    await leaveGroup(replica, group, held)
    return 'ended'
  }
  const all = [...held, own]
  const lost = AbortSignal.any(all.map((lease) => lease.lost))
  const signal = AbortSignal.any([replica.signal, lost])
  setMaxListeners(0, signal)
  const { shares, done } = divideShares(
    {
      cluster: replica.cluster,
      clock: steadyClock,
      log,
      lease: own,
      onMembers: (leases) => {
        const at = leases.map(({ metadata }) => metadata.annotations?.[ARTIFACT_ADDRESS] ?? '')
        replica.onReplicas(at)
      },
    },
    { namespace: flags.runtimeNamespace, group, self, ...flags.leaderElection },
    signal,
  )
  log.info('working on a share', { lease: self, group })
  const mayWrite = (): boolean => all.every((lease) => lease.isYoung())
  const reconcilers = await startReconcilers(optionsOf(mayWrite, shares), signal)
  await endedOrLost(
    Promise.all([reconcilers.done, done]).then(() => undefined),
    lost,
  )
  if (lost.aborted && !replica.signal.aborted) {
    log.error('a lease was lost', { group })
    replica.handedOver()
    return 'lost'
  }
  await own.release()
  const others = await leaveGroup(replica, group, held)
  if (others > 0 && flags.controllers.includes('source')) await steadyClock.sleep(LINGER_MS)
  replica.handedOver()
  return 'ended'
}

/** Replicas divide their work with those alone that are set up for the same objects. */
function groupOf(flags: ControllerFlags): string {
  const { controllers, watchNamespace = '', source, kustomize } = flags
  const set = [
    controllers.join(),
    watchNamespace,
    source.watchLabelSelector,
    kustomize.watchLabelSelector,
  ]
  return `tidegate-${createHash('sha256').update(set.join('\n')).digest('hex').slice(0, 8)}`
}

async function groupLeases(
  replica: ShardReplica,
  group: string,
): Promise<readonly HeldLease[] | undefined> {
  const { flags } = replica
  if (!flags.leaderElection.enabled) return []
  const held: HeldLease[] = []
  const wanted = flags.controllers.map((side) => fluxLease(flags, side, group))
  const [any] = wanted
  if (flags.receiverAddr !== '' && any !== undefined) wanted.push({ ...any, name: RECEIVER_LEASE })
  for (const options of wanted) {
    const lease = await takeLease(replica, slower(options))
    if (lease === undefined) {
      await leaveGroup(replica, group, held)
      return undefined
    }
    held.push(lease)
  }
  return held
}

function slower(options: ElectionOptions): ElectionOptions {
  return {
    ...options,
    leaseDurationMs: options.leaseDurationMs * GROUP_TIMES_SLOWER,
    renewDeadlineMs: options.renewDeadlineMs * GROUP_TIMES_SLOWER,
    retryPeriodMs: options.retryPeriodMs * GROUP_TIMES_SLOWER,
  }
}

function ownLease(replica: ShardReplica, group: string, self: string): ElectionOptions {
  const { enabled: _enabled, ...timing } = replica.flags.leaderElection
  return {
    ...timing,
    namespace: replica.flags.runtimeNamespace,
    name: self,
    identity: self,
    isOwn: true,
    releaseOnCancel: true,
    metadata: {
      labels: { [SHARD_GROUP]: group },
      annotations: { [SHARD_MEMBERS]: '', [ARTIFACT_ADDRESS]: replica.artifactAddress },
    },
  }
}

/** The last one to leave gives the group's Leases back; answers how many others there are. */
async function leaveGroup(
  replica: ShardReplica,
  group: string,
  held: readonly HeldLease[],
): Promise<number> {
  const others = await membersOf(replica, group)
  for (const lease of held) await lease.release(others > 0)
  return others
}

async function membersOf(replica: ShardReplica, group: string): Promise<number> {
  const { cluster, flags, log } = replica
  try {
    const { items } = await cluster.list(
      { group: 'coordination.k8s.io', kind: 'Lease' },
      { namespace: flags.runtimeNamespace, labelSelector: `${SHARD_GROUP}=${group}` },
    )
    return items.length
  } catch (error) {
    log.error('unable to look for other replicas', { error: messageOf(error) })
    return 1
  }
}
