import { resuming } from './convert/convert.ts'
import type { Core } from './core.ts'
import { badRequest, StatusFault } from './status.ts'

/** How long a revision that has not been yet is waited for. */
export const FRESH_MS = 3000

/** Revisions have 64 bits. */
const REVISION_MAX = 2n ** 64n

/** What is wrong with a revision; undefined when nothing is. */
export function revisionProblem(text: string): string | undefined {
  const quoted = JSON.stringify(text)
  const begin = `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}:`
  if (!/^\d*$/.test(text)) return `${begin} invalid syntax`
  return text !== '' && BigInt(text) >= REVISION_MAX ? `${begin} value out of range` : undefined
}

/** A revision that is no number, where it is looked at late. */
export function unreadable(text: string): StatusFault | undefined {
  const message = revisionProblem(text)
  return message === undefined ? undefined : new StatusFault({ code: 500, reason: '', message })
}

/**
 * The revision that a list is not to be older than; 0 for any. What is read past the cache
 * (`isLate`) says nothing of trying again.
 * @throws StatusFault 400 for a text that is no revision, 504 for one that has not been yet
 */
export function checkRevision(core: Core, text: string, isLate = false): number {
  const problem = revisionProblem(text)
  if (problem !== undefined) throw badRequest(`invalid resource version: ${problem}`)
  const revision = Number(text)
  if (revision > core.store.revision) throw tooLarge(core, text, isLate)
  return revision
}

/** 504 for a revision that has not been yet. */
export function tooLarge(core: Core, revision: string, isLate = false): StatusFault {
  return new StatusFault({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${BigInt(revision)}, current: ${core.store.revision}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      ...(isLate ? {} : { retryAfterSeconds: 1 }),
    },
  })
}

/**
 * Answers what needs a revision once that has come, and what it says without it when it does not come
 * soon. What is read past the cache does not wait.
 * @see k8s.io/apiserver pkg/storage/cacher/watch_cache.go waitUntilFreshAndBlock (v0.36.3)
 */
export function onceFresh<T>(core: Core, text: string, next: () => T): T | Promise<T> {
  try {
    return next()
  } catch (error) {
    if (!(error instanceof StatusFault) || !isTooEarly(error)) throw error
    const resumed = resuming()
    const once = (): T | Promise<T> => resumed(next)
    return reached(core, Number(text)).then(once)
  }
}

function isTooEarly({ status, details }: StatusFault): boolean {
  return status === 504 && details?.retryAfterSeconds !== undefined
}

function reached(core: Core, revision: number): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      stop()
      cancel()
      resolve()
    }
    const stop = core.store.subscribeAll((event) => {
      if (event.revision >= revision) over()
    })
    const cancel = core.clock.after(FRESH_MS, over)
  })
}
