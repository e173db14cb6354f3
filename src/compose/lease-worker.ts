/** A thread that holds Leases: it renews them however long the main thread is at work on something. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Log, messageOf } from '../base/index.ts'
import {
  acquireLease,
  createCluster,
  type ElectionOptions,
  type HeldLease,
  httpTransport,
  type KubeconfigSource,
  loadKubeconfig,
} from '../cluster/index.ts'
import { type LeaseStamp, stampAgeMs, stampRenewal } from './lease-stamp.ts'
import { steadyClock, systemRandom } from './system.ts'

/** What the thread is started with. */
export interface KeeperSetup {
  readonly kubeconfig: KubeconfigSource
  /** Stamped by the main thread as long as it is alive. */
  readonly beat: LeaseStamp
}

/** What the thread is asked; `key` names a Lease, `turn` a request that wants an answer. */
export type KeeperRequest =
  | {
      readonly type: 'acquire'
      readonly key: string
      readonly options: ElectionOptions
      readonly stamp: LeaseStamp
    }
  | { readonly type: 'stop'; readonly key: string }
  | {
      readonly type: 'note'
      readonly key: string
      readonly turn: number
      readonly annotations: Readonly<Record<string, string>>
    }
  | {
      readonly type: 'release'
      readonly key: string
      readonly turn: number
      readonly isKept: boolean
    }

/** What the thread tells. */
export type KeeperReply =
  | { readonly type: 'acquired'; readonly key: string }
  | { readonly type: 'failed'; readonly key: string; readonly message: string }
  | { readonly type: 'lost'; readonly key: string; readonly message: string }
  | { readonly type: 'done'; readonly turn: number; readonly fault: string | undefined }
  | {
      readonly type: 'log'
      readonly level: 'debug' | 'info' | 'error'
      readonly message: string
      readonly fields: Readonly<Record<string, unknown>>
    }

/** A main thread that shows no life for so long is given up: somebody else is to do its work. */
const HUNG_MS = 90_000
const LOOK_MS = 5_000

const leases = new Map<string, { lease?: HeldLease; readonly stop: AbortController }>()

function tell(reply: KeeperReply): void {
  parentPort?.postMessage(reply)
}

function logWith(base: Readonly<Record<string, unknown>>): Log {
  const say =
    (level: 'debug' | 'info' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void =>
      tell({ type: 'log', level, message, fields: { ...base, ...fields } })
  return {
    debug: say('debug'),
    info: say('info'),
    error: say('error'),
    with: (more) => logWith({ ...base, ...more }),
  }
}

async function main(setup: KeeperSetup): Promise<void> {
  const { http } = await loadKubeconfig(setup.kubeconfig, steadyClock)
  const transport = httpTransport(http, steadyClock)
  const deps = { clock: steadyClock, random: systemRandom, log: logWith({}) }
  const cluster = createCluster({ ...deps, transport, host: new URL(http.server).host })
  const acquire = async (request: KeeperRequest & { type: 'acquire' }): Promise<void> => {
    const { key, options, stamp } = request
    const entry: { lease?: HeldLease; readonly stop: AbortController } = {
      stop: new AbortController(),
    }
    leases.set(key, entry)
    const renewed = (startedMs: number): void => stampRenewal(stamp, steadyClock.now() - startedMs)
    try {
      const lease = await acquireLease({ ...deps, cluster, renewed }, options, entry.stop.signal)
      entry.lease = lease
      lease.lost.addEventListener('abort', () =>
        tell({ type: 'lost', key, message: messageOf(lease.lost.reason) }),
      )
      tell({ type: 'acquired', key })
    } catch (error) {
      tell({ type: 'failed', key, message: messageOf(error) })
    }
  }
  const answer = (turn: number, work: Promise<unknown> | undefined): void => {
    Promise.resolve(work).then(
      () => tell({ type: 'done', turn, fault: undefined }),
      (error: unknown) => tell({ type: 'done', turn, fault: messageOf(error) }),
    )
  }
  parentPort?.on('message', (request: KeeperRequest) => {
    const held = leases.get(request.key)
    if (request.type === 'acquire') void acquire(request)
    else if (request.type === 'stop') held?.stop.abort(new Error('stopped'))
    else if (request.type === 'note') answer(request.turn, held?.lease?.note(request.annotations))
    else answer(request.turn, held?.lease?.release(request.isKept))
  })
  for (;;) {
    await steadyClock.sleep(LOOK_MS)
    if (stampAgeMs(setup.beat) < HUNG_MS) continue
    for (const [key, { lease }] of leases) {
      void lease?.release(true)
      tell({ type: 'lost', key, message: 'the main thread shows no life' })
    }
  }
}

void main(workerData as KeeperSetup)
