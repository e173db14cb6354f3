/** Time, as the rooms see it. Milliseconds everywhere. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fn` once after `ms`; the returned function takes the appointment back. */
  after(ms: number, fn: () => void): () => void
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Sleeping on top of timers, shared by every clock. */
export function sleepOn(
  clock: Pick<Clock, 'after'>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** RFC 3339 in UTC with whole seconds, the form of Kubernetes timestamps. */
export function rfc3339(ms: number): string {
  const second = Math.floor(ms / 1000)
  // Many things happen within one second, and each of them is dated.
  if (second !== lastSecond) lastText = `${new Date(ms).toISOString().slice(0, 19)}Z`
  lastSecond = second
  return lastText
}

let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 in UTC with six digits of a second, the form of Kubernetes MicroTime. */
export function rfc3339Micro(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`
}
