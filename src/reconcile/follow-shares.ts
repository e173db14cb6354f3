import type { Shares } from '../api/index.ts'
import type { KubeObject } from '../object/index.ts'
import { type Informer, keyOf } from './informer.ts'
import type { WorkQueue } from './queue.ts'

/** What a controller works on, and how it lets go of it. */
export interface Shared<T extends KubeObject> {
  readonly kind: string
  readonly objects: Informer<T>
  /** What runs look at besides. */
  readonly beside?: Iterable<{ refresh(signal: AbortSignal): Promise<void> }>
  readonly queue: WorkQueue
  /** Ends the controller. */
  readonly signal: AbortSignal
  /** Drops what is remembered of an object. */
  forget(key: string): void
}

/** Gives up what another replica is to have, and takes up what becomes ours; answers how to end that. */
export function followShares<T extends KubeObject>(
  shares: Shares | undefined,
  shared: Shared<T>,
): () => void {
  const { kind, objects, queue, signal, beside = [] } = shared
  const leave = shares?.follow({
    stop: async (keeps) => {
      await queue.release()
      for (const object of objects.list())
        if (!keeps(shareId(kind, keyOf(object)))) shared.forget(keyOf(object))
    },
    catchUp: async () => {
      const all = [objects, ...beside].map((informer) => informer.refresh(signal))
      await untilEnd(Promise.all(all), signal)
    },
    begin: (isNew) => {
      for (const object of objects.list())
        if (isNew(shareId(kind, keyOf(object)))) queue.add(keyOf(object))
    },
  })
  return () => leave?.()
}

/** Says of keys of one kind whether they are this process's own. */
export function admitter(shares: Shares | undefined, kind: string): (key: string) => boolean {
  return (key) => shares?.owns(shareId(kind, key)) ?? true
}

/** Resolves with the work, or when the signal ends it: what is over has nothing to catch up with. */
function untilEnd(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => resolve()
    signal.addEventListener('abort', over, { once: true })
    work
      .catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
      .then(() => resolve(), reject)
      .finally(() => signal.removeEventListener('abort', over))
    if (signal.aborted) resolve()
  })
}

function shareId(kind: string, key: string): string {
  return `${kind}/${key}`
}
