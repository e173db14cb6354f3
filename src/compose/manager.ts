import type { Log, MetricDefinition, Metrics } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import type { Io } from '../cli/io.ts'
import { EXIT } from '../cli/io.ts'
import type { Cluster, Transport } from '../object/index.ts'
import { artifactHostsOf, podAddress } from './artifact-hosts.ts'
import { lead } from './leader.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { ReceiverSide } from './receivers.ts'
import type { ReconcilerOptions } from './reconcilers.ts'
import { keepReport } from './report.ts'
import { runShard } from './shard.ts'

/** What the controller is made of; each part is made anew for whoever may write under its own fence. */
export interface Manager {
  readonly flags: ControllerFlags
  readonly io: Io
  readonly log: Log
  readonly metrics: Metrics
  readonly keeper: LeaseKeeper
  /** Not fenced. */
  readonly cluster: Cluster
  readonly transport: Transport
  readonly base: (mayWrite: () => boolean) => ReconcilerOptions
  readonly source: () => NonNullable<ReconcilerOptions['source']>
  readonly kustomize: (mayWrite: () => boolean) => NonNullable<ReconcilerOptions['kustomize']>
}

/** Replicas that divide the work, as this one sees it. */
const REPLICAS: MetricDefinition = {
  name: 'tidegate_replicas',
  help: 'Replicas that divide the work among themselves.',
  type: 'gauge',
  labels: [],
}

/** Works until the signal ends it; answers the exit code. */
export function manage(manager: Manager): Promise<number> {
  return manager.flags.sharding === 'auto' ? amongOthers(manager) : asLeader(manager)
}

/** Each side works while it holds its Lease. */
async function asLeader(manager: Manager): Promise<number> {
  const { flags, io, log, keeper, metrics } = manager
  const stop = new AbortController()
  const end = (): void => stop.abort(io.signal.reason)
  io.signal.addEventListener('abort', end, { once: true })
  if (io.signal.aborted) end()
  const sides = flags.controllers.map((side) =>
    lead({ flags, side, keeper, log, metrics, signal: stop.signal }, (lease) => {
      const mayWrite = (): boolean => lease?.isYoung() ?? true
      const base = manager.base(mayWrite)
      const report = { ...manager, cluster: base.cluster }
      // One of the sides reports for both.
      const beside = (signal: AbortSignal): Promise<void> =>
        side === flags.controllers[0] ? keepReport(report, signal) : Promise.resolve()
      return side === 'source'
        ? { ...base, beside, source: manager.source() }
        : { ...base, beside, kustomize: manager.kustomize(mayWrite) }
    }),
  )
  if (flags.receiverAddr !== '') sides.push(receivers(manager, stop.signal))
  // One process, one fate: a side that lost its lease takes the other one down with it.
  const results = await Promise.all(sides.map((each) => each.finally(end)))
  return results.every((how) => how === 'ended') ? EXIT.ok : EXIT.failed
}

/** Webhooks, where they are asked for. */
async function receivers(manager: Manager, signal: AbortSignal): Promise<'ended' | 'lost'> {
  const { leadReceivers } = await import('./receivers.ts')
  const { flags, keeper } = manager
  return leadReceivers({ flags, keeper, signal, sideOf: manager.base })
}

/** Each replica answers webhooks, and looks after its own Receivers. */
async function hooksOf(
  side: Omit<ReceiverSide, 'address'>,
  flags: ControllerFlags,
  signal: AbortSignal,
): Promise<void> {
  if (flags.receiverAddr === '') return
  const { startReceivers, receiverFlags } = await import('./receivers.ts')
  await (await startReceivers({ ...side, ...receiverFlags(flags) }, signal)).done
}

/** Both sides work on a share of the objects. */
async function amongOthers(manager: Manager): Promise<number> {
  const { flags, io } = manager
  const artifactAddress = podAddress(flags, io.env)
  const named = artifactHostsOf(flags, io.env)
  const artifactHosts = [...(named ?? [])]
  let handedOver: () => void = () => undefined
  const serveUntil = new Promise<void>((resolve) => {
    handedOver = resolve
  })
  let replicas = 1
  const onReplicas = (addresses: readonly string[]): void => {
    replicas = addresses.length
    manager.metrics.set(REPLICAS, {}, replicas)
    artifactHosts.splice(0, Number.POSITIVE_INFINITY, ...(named ?? []), ...addresses)
  }
  const replica = { ...manager, signal: io.signal, artifactAddress, onReplicas, handedOver }
  const ended = await runShard(replica, (mayWrite, shares) => {
    const { options, ...kustomize } = manager.kustomize(mayWrite)
    const hosts = named === undefined ? {} : { artifactHosts }
    const source = { ...manager.source(), advertised: artifactAddress, serveUntil }
    const base = manager.base(mayWrite)
    const report = { ...manager, cluster: base.cluster, shares, replicas: () => replicas }
    return {
      ...base,
      shares,
      beside: async (signal) => {
        await Promise.all([keepReport(report, signal), hooksOf({ ...base, shares }, flags, signal)])
      },
      ...(flags.controllers.includes('source') && { source }),
      ...(flags.controllers.includes('kustomize') && {
        kustomize: { ...kustomize, options: { ...options, ...hosts } },
      }),
    }
  })
  return ended === 'ended' ? EXIT.ok : EXIT.failed
}
