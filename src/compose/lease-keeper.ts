import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Log } from '../base/index.ts'
import {
  acquireLease,
  type ElectionOptions,
  type HeldLease,
  type KubeconfigSource,
} from '../cluster/index.ts'
import type { Cluster } from '../object/index.ts'
import { createStamp, type LeaseStamp, stampAgeMs, stampRenewal } from './lease-stamp.ts'
import type { KeeperReply, KeeperRequest, KeeperSetup } from './lease-worker.ts'
import { isBundle, steadyClock, systemClock, systemRandom } from './system.ts'

/** Takes Leases and keeps them. */
export interface LeaseKeeper {
  /** Waits for a Lease and takes it; rejects when the signal is aborted first. */
  acquire(options: ElectionOptions, signal: AbortSignal): Promise<HeldLease>
  close(): Promise<void>
}

/** What a keeper needs. */
export interface KeeperDeps {
  readonly kubeconfig: KubeconfigSource
  /** Not fenced. */
  readonly cluster: Cluster
  readonly log: Log
}

const BEAT_MS = 1_000
const HEAP_MIB_MAX = 64

/**
 * Keeps Leases in a thread of their own, so that they are renewed while this one is at work on
 * something big; run from its sources, where there is no file to start a thread from, in this one.
 */
export function createLeaseKeeper(deps: KeeperDeps): LeaseKeeper {
  let started: LeaseKeeper | undefined
  // A process that takes no Lease needs no thread for it.
  const keeper = (): LeaseKeeper => {
    started ??= isBundle() ? threadKeeper(deps) : localKeeper(deps)
    return started
  }
  return {
    acquire: (options, signal) => keeper().acquire(options, signal),
    close: async () => started?.close(),
  }
}

function localKeeper(deps: KeeperDeps): LeaseKeeper {
  return {
    acquire: async (options, signal) => {
      const stamp = createStamp()
      const renewed = (startedMs: number): void =>
        stampRenewal(stamp, steadyClock.now() - startedMs)
      const election = { ...deps, clock: steadyClock, random: systemRandom, renewed }
      const lease = await acquireLease(election, options, signal)
      return { ...lease, isYoung: () => lease.isYoung() && isFresh(stamp, options) }
    },
    close: async () => undefined,
  }
}

function isFresh(stamp: LeaseStamp, options: ElectionOptions): boolean {
  return stampAgeMs(stamp) < options.renewDeadlineMs
}

interface Waiting {
  readonly acquired: () => void
  readonly failed: (why: string) => void
  readonly lost: AbortController
}

function threadKeeper(deps: KeeperDeps): LeaseKeeper {
  const beat = createStamp()
  stampRenewal(beat, 0)
  const takeBack = everySecond(() => stampRenewal(beat, 0))
  const setup: KeeperSetup = { kubeconfig: deps.kubeconfig, beat }
  const worker = new Worker(new URL('./lease-worker.mjs', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
  })
  const leases = new Map<string, Waiting>()
  const turns = new Map<number, (fault: string | undefined) => void>()
  const end = (why: string): void => {
    for (const [key, { failed, lost }] of leases) {
      leases.delete(key)
      lost.abort(new Error(why))
      failed(why)
    }
    for (const done of turns.values()) done(why)
  }
  worker.on('message', (reply: KeeperReply) => hear(deps.log, { leases, turns }, reply))
  worker.on('error', (error) => end(`the thread that holds the leases failed: ${error.message}`))
  worker.on('exit', () => end('the thread that holds the leases has ended'))
  let turn = 0
  const ask = (request: (turn: number) => KeeperRequest): Promise<void> => {
    turn += 1
    const mine = turn
    worker.postMessage(request(mine))
    return new Promise((resolve, reject) =>
      turns.set(mine, (fault) => {
        turns.delete(mine)
        if (fault === undefined) resolve()
        else reject(new Error(fault))
      }),
    )
  }
  return {
    acquire: async (options, signal) => {
      const key = options.name
      const stamp = createStamp()
      const lost = new AbortController()
      setMaxListeners(0, lost.signal)
      const stop = (): void => worker.postMessage({ type: 'stop', key } satisfies KeeperRequest)
      await new Promise<void>((resolve, reject) => {
        leases.set(key, { acquired: resolve, failed: (why) => reject(new Error(why)), lost })
        worker.postMessage({ type: 'acquire', key, options, stamp } satisfies KeeperRequest)
        signal.addEventListener('abort', stop, { once: true })
        if (signal.aborted) stop()
      }).finally(() => signal.removeEventListener('abort', stop))
      return {
        isYoung: () => !lost.signal.aborted && isFresh(stamp, options),
        lost: lost.signal,
        note: (annotations) => ask((mine) => ({ type: 'note', key, turn: mine, annotations })),
        release: (isKept = false) => ask((mine) => ({ type: 'release', key, turn: mine, isKept })),
      }
    },
    close: async () => {
      takeBack()
      leases.clear()
      await worker.terminate()
    },
  }
}

function hear(
  log: Log,
  waiting: {
    readonly leases: ReadonlyMap<string, Waiting>
    readonly turns: ReadonlyMap<number, (fault: string | undefined) => void>
  },
  reply: KeeperReply,
): void {
  if (reply.type === 'log') return log[reply.level](reply.message, reply.fields)
  if (reply.type === 'done') return waiting.turns.get(reply.turn)?.(reply.fault)
  const lease = waiting.leases.get(reply.key)
  if (reply.type === 'acquired') lease?.acquired()
  else if (reply.type === 'failed') lease?.failed(reply.message)
  else lease?.lost.abort(new Error(reply.message))
}

function everySecond(work: () => void): () => void {
  let takeBack: () => void = () => undefined
  const again = (): void => {
    work()
    takeBack = systemClock.after(BEAT_MS, again)
  }
  takeBack = systemClock.after(BEAT_MS, again)
  return () => takeBack()
}
