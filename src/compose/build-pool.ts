import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Clock, Fault, type FileTree, nextTurn } from '../base/index.ts'
import {
  type BuildAnswer,
  BuildTooBig,
  buildMounted,
  createParseCache,
  type TreeDigests,
} from '../build/index.ts'
import { type PackedTree, packTree } from '../files/index.ts'
import type { KubeObject } from '../object/index.ts'
import type { Builder } from '../reconcile/index.ts'
import { type BuildOrder, type FromThread, receivedFault, type ToThread } from './build-messages.ts'

/** Where the program of a build thread lies; undefined where the program is not bundled. */
export function buildThreadScript(): URL | undefined {
  const here = import.meta.url
  return here.includes('/src/compose/') ? undefined : new URL('./build-thread.mjs', here)
}

/** How big builds are run. */
export interface BuildPoolOptions {
  /** The program of a build thread. */
  readonly script: URL
  readonly clock: Clock
  /** Builds that read more than this go to a thread. */
  readonly hereBytesMax?: number
  readonly threadsMax?: number
  /** Memory of one thread. */
  readonly memoryMibMax?: number
  /** How long a build may take. */
  readonly buildMsMax?: number
}

/** Runs builds: small ones where it is, big ones in threads. */
export interface BuildPool {
  readonly build: Builder
  close(): Promise<void>
}

/** A build of this much takes some 15 ms. */
const HERE_BYTES_MAX = 64 * 1024
const THREADS_MAX = 4
const MEMORY_MIB_MAX = 512
const BUILD_MS_MAX = 300_000
/** A thread that nobody needs is given up after this time, and its memory with it. */
const IDLE_MS = 60_000
/** Kustomizations that are remembered as big. */
const BIG_MAX = 10_000

type Request = Parameters<Builder>[0]

interface Job {
  readonly order: BuildOrder
  readonly request: Request
  readonly settle: (how: { readonly answer: BuildAnswer } | { readonly error: unknown }) => void
}

interface Limits {
  readonly script: URL
  readonly clock: Clock
  readonly threadsMax: number
  readonly memoryMibMax: number
  readonly buildMsMax: number
}

/**
 * Creates a pool. Nothing is started before the first big build. What a thread dies of is a fault of
 * the build that it was at; the next build gets a new thread.
 */
export function createBuildPool(options: BuildPoolOptions): BuildPool {
  const digests: TreeDigests = new WeakMap()
  const parses = createParseCache()
  const big = new Set<string>()
  const { hereBytesMax: bytesMax = HERE_BYTES_MAX } = options
  const threads = new Threads({
    script: options.script,
    clock: options.clock,
    threadsMax:
      options.threadsMax ?? Math.min(THREADS_MAX, Math.max(1, availableParallelism() - 1)),
    memoryMibMax: options.memoryMibMax ?? MEMORY_MIB_MAX,
    buildMsMax: options.buildMsMax ?? BUILD_MS_MAX,
  })
  const packer = new Packer()
  const elsewhere = async (request: Request): Promise<BuildAnswer> => {
    const order = await packer.order(request)
    if (order !== undefined) return threads.run(request, order)
    return buildMounted(request, digests)
  }
  return {
    build: async (request) => {
      if (big.has(request.key)) return elsewhere(request)
      try {
        const answer = buildMounted(
          { ...request, options: { ...request.options, bytesMax, parses } },
          digests,
        )
        // A queue full of small builds must not hold everything else up, either.
        await nextTurn()
        return answer
      } catch (error) {
        if (!(error instanceof BuildTooBig)) throw error
        if (big.size >= BIG_MAX) big.clear()
        big.add(request.key)
        return await elsewhere(request)
      }
    },
    close: () => threads.close(),
  }
}

/** Packs trees once, however many builds they are for. */
class Packer {
  #count = 0
  readonly #packed = new WeakMap<
    FileTree,
    Promise<{ packed: PackedTree; number: number } | undefined>
  >()

  async order(request: Request): Promise<BuildOrder | undefined> {
    const { tree, root, path, options } = request
    const whole = await this.#pack(tree)
    if (whole === undefined) return undefined
    const mounts: [string, PackedTree][] = []
    for (const [at, mounted] of request.mounts) {
      const packed = await this.#pack(mounted)
      if (packed === undefined) return undefined
      mounts.push([at, packed.packed])
    }
    return { tree: whole.packed, treeNumber: whole.number, mounts, root, path, options }
  }

  #pack(tree: FileTree): Promise<{ packed: PackedTree; number: number } | undefined> {
    const known = this.#packed.get(tree)
    if (known !== undefined) return known
    this.#count += 1
    const number = this.#count
    const packing = packTree(tree).then((packed) =>
      packed === undefined ? undefined : { packed, number },
    )
    this.#packed.set(tree, packing)
    packing.catch(() => this.#packed.delete(tree))
    return packing
  }
}

/** Threads, and the builds that wait for one: namespaces take turns. */
class Threads {
  readonly #limits: Limits
  readonly #waiting = new Map<string, Job[]>()
  readonly #idle: Thread[] = []
  readonly #all = new Set<Thread>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  run(request: Request, order: BuildOrder): Promise<BuildAnswer> {
    return new Promise((resolve, reject) => {
      const { signal } = request
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      const namespace = request.key.slice(0, Math.max(0, request.key.indexOf('/')))
      const line = this.#waiting.get(namespace) ?? []
      this.#waiting.set(namespace, line)
      line.push({
        request,
        order,
        settle: (how) => ('answer' in how ? resolve(how.answer) : reject(how.error)),
      })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#waiting.clear()
    await Promise.all([...this.#all].map((thread) => thread.end()))
  }

  #next(): void {
    const [namespace, line] = this.#waiting.entries().next().value ?? []
    if (namespace === undefined || line === undefined) return
    const thread = this.#idle.pop() ?? this.#start()
    if (thread === undefined) return
    const job = line.shift()
    // Its next build waits for those of the other namespaces.
    this.#waiting.delete(namespace)
    if (line.length > 0) this.#waiting.set(namespace, line)
    if (job === undefined || job.request.signal.aborted) {
      job?.settle({ error: job.request.signal.reason })
      this.#idle.push(thread)
    } else thread.take(job)
    this.#next()
  }

  #start(): Thread | undefined {
    if (this.#all.size >= this.#limits.threadsMax) return undefined
    const thread = new Thread(this.#limits, {
      free: () => {
        this.#idle.push(thread)
        this.#next()
      },
      gone: () => {
        this.#all.delete(thread)
        const at = this.#idle.indexOf(thread)
        if (at >= 0) this.#idle.splice(at, 1)
        this.#next()
      },
    })
    this.#all.add(thread)
    return thread
  }
}

/** One thread and the build that it is at. */
class Thread {
  readonly #worker: Worker
  readonly #limits: Limits
  readonly #events: { readonly free: () => void; readonly gone: () => void }
  #job: { readonly job: Job; readonly objects: KubeObject[]; readonly stop: () => void } | undefined
  #stopIdling: () => void = () => undefined
  #isGone = false

  constructor(limits: Limits, events: { readonly free: () => void; readonly gone: () => void }) {
    this.#limits = limits
    this.#events = events
    this.#worker = new Worker(limits.script, {
      name: 'build',
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMibMax },
    })
    this.#worker.unref()
    this.#worker.on('message', (message: FromThread) => this.#hear(message))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      this.#die(
        isMemory ? limitFault(`takes more than ${limits.memoryMibMax} MiB of memory`) : error,
      )
    })
    this.#worker.on('exit', () => this.#die(limitFault('ended with its thread')))
  }

  take(job: Job): void {
    this.#stopIdling()
    const { clock, buildMsMax } = this.#limits
    const { signal } = job.request
    const give = (error: unknown): void => {
      this.#die(error)
      void this.#worker.terminate()
    }
    const onAbort = (): void => give(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const late = clock.after(buildMsMax, () =>
      give(limitFault(`takes more than ${buildMsMax / 1000} seconds`)),
    )
    const stop = (): void => {
      late()
      signal.removeEventListener('abort', onAbort)
    }
    this.#job = { job, objects: [], stop }
    this.#worker.ref()
    this.#worker.postMessage({ build: job.order } satisfies ToThread)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #hear(message: FromThread): void {
    const current = this.#job
    if (current === undefined) return
    if ('part' in message) {
      current.objects.push(...(JSON.parse(message.part) as KubeObject[]))
      void nextTurn().then(() => this.#worker.postMessage('next' satisfies ToThread))
      return
    }
    this.#job = undefined
    current.stop()
    this.#worker.unref()
    if ('fault' in message) current.job.settle({ error: receivedFault(message.fault) })
    else if ('bug' in message) current.job.settle({ error: new Error(message.bug) })
    else if ('missing' in message) {
      const { missing, questions } = message
      current.job.settle({ answer: { result: { missing }, questions } })
    } else {
      const { done, questions } = message
      current.job.settle({ answer: { result: { ...done, objects: current.objects }, questions } })
    }
    this.#stopIdling = this.#limits.clock.after(IDLE_MS, () => void this.#worker.terminate())
    this.#events.free()
  }

  #die(error: unknown): void {
    const current = this.#job
    this.#job = undefined
    current?.stop()
    current?.job.settle({ error })
    if (this.#isGone) return
    this.#isGone = true
    this.#stopIdling()
    this.#events.gone()
  }
}

function limitFault(why: string): Fault<'BUILD_LIMIT'> {
  return new Fault({ code: 'BUILD_LIMIT', message: `kustomize build failed: the build ${why}` })
}
