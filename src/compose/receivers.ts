import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Shares } from '../api/index.ts'
import type { Log, Metrics } from '../base/index.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import type { HeldLease } from '../cluster/index.ts'
import { fetchHttp, issuerKeys } from '../keys/index.ts'
import type { Cluster } from '../object/index.ts'
import { createEvents, createReceiverController, type EventPayload } from '../reconcile/index.ts'
import { type RunningServer, serveHooks } from '../source/index.ts'
import { parseListenAddress } from '../telemetry/index.ts'
import { RECEIVER_LEASE, takeLease } from './leader.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { systemClock, systemRandom } from './system.ts'

/** What Receivers are served with. */
export interface ReceiverSide {
  readonly cluster: Cluster
  readonly log: Log
  readonly metrics: Metrics
  /** `host:port` of the webhooks. */
  readonly address: string
  readonly options?: {
    readonly concurrent?: number
    readonly noCrossNamespaceRefs?: boolean
    readonly watchNamespace?: string
  }
  readonly post?: (payload: EventPayload) => Promise<void>
  /** Absent: all Receivers are this process's own. Calls are answered by any replica. */
  readonly shares?: Shares
}

/** Receivers that are served. */
export interface RunningReceivers {
  readonly server: RunningServer
  /** Resolves when all has ended after the signal. */
  readonly done: Promise<void>
}

/** Starts the reconciler of Receivers and serves their webhooks, until the signal ends it. */
export async function startReceivers(
  side: ReceiverSide,
  signal: AbortSignal,
): Promise<RunningReceivers> {
  const { cluster, log, metrics, post } = side
  const deps = { cluster, clock: systemClock, random: systemRandom, log, metrics }
  const events = createEvents({
    ...deps,
    component: 'notification-controller',
    instance: hostname(),
    ...(post === undefined ? {} : { post }),
  })
  const controller = createReceiverController({
    ...deps,
    events,
    keys: issuerKeys({ http: fetchHttp(systemClock), clock: systemClock }),
    ...(side.options === undefined ? {} : { options: side.options }),
    ...(side.shares === undefined ? {} : { shares: side.shares }),
  })
  const { host = '0.0.0.0', port = 0 } = parseListenAddress(side.address) ?? {}
  const server = await serveHooks({ host, port, handle: controller.handle })
  log.info('starting webhook receiver server', { addr: side.address })
  return { server, done: controller.run(signal).then(() => server.close()) }
}

/** What the receivers of `tidegate controller` need beside their side. */
export interface LedReceivers {
  readonly flags: ControllerFlags
  readonly keeper: LeaseKeeper
  readonly signal: AbortSignal
  readonly sideOf: (mayWrite: () => boolean) => Omit<ReceiverSide, 'address' | 'options'>
}

/**
 * Serves Receivers where the flags say so; with leader election while holding the Lease of Flux's
 * notification-controller, so that both never do. Resolves with `lost` when the Lease was.
 */
export async function leadReceivers(led: LedReceivers): Promise<'ended' | 'lost'> {
  const { flags, signal } = led
  if (flags.receiverAddr === '') return 'ended'
  const isElected = flags.leaderElection.enabled
  const lease = isElected ? await lead(led) : undefined
  if (isElected && lease === undefined) return 'ended'
  const stop = lease === undefined ? signal : AbortSignal.any([signal, lease.lost])
  const running = await startReceivers(
    {
      ...led.sideOf(() => lease?.isYoung() ?? true),
      ...receiverFlags(flags),
    },
    stop,
  )
  await running.done
  await lease?.release()
  return lease?.lost.aborted === true && !signal.aborted ? 'lost' : 'ended'
}

/** What the flags say of Receivers. */
export function receiverFlags(flags: ControllerFlags): Pick<ReceiverSide, 'address' | 'options'> {
  return {
    address: flags.receiverAddr,
    options: {
      concurrent: flags.kustomize.concurrent,
      noCrossNamespaceRefs: flags.kustomize.noCrossNamespaceRefs,
      ...(flags.watchNamespace === undefined ? {} : { watchNamespace: flags.watchNamespace }),
    },
  }
}

function lead({ flags, keeper, signal }: LedReceivers): Promise<HeldLease | undefined> {
  const { enabled: _enabled, ...timing } = flags.leaderElection
  return takeLease(
    { keeper, signal },
    {
      ...timing,
      namespace: flags.runtimeNamespace,
      name: RECEIVER_LEASE,
      identity: `${hostname()}_${randomUUID()}`,
    },
  )
}
