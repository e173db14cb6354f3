import { type Clock, Fault, messageOf } from '../base/index.ts'

/** Codes of faults of the events address. */
export type EventPostCode = 'EVENT_POST'

/** What a poster needs. */
export interface EventPosterOptions {
  /** `--events-addr`, an http or https URL. */
  readonly address: string
  readonly clock: Clock
}

/** One try takes no longer than this, as Flux's recorder has it. */
const TIMEOUT_MS = 5_000
const TRIES_MAX = 4
const WAIT_MS_FIRST = 500

/**
 * Sends events to notification-controller, or to whatever takes Flux's event payload. A server that
 * is not there, or fails, is tried again a few times; one that has the event already (429) is done.
 * @throws Fault EVENT_POST when the event is given up: the caller logs it and goes on
 */
export function createEventPoster(options: EventPosterOptions): (payload: object) => Promise<void> {
  const { address, clock } = options
  return async (payload) => {
    const body = JSON.stringify(payload)
    for (let tries = 1; ; tries += 1) {
      const failed = await postOnce(address, body, clock)
      if (failed === undefined) return
      if (!failed.again || tries >= TRIES_MAX)
        throw new Fault<EventPostCode>({ code: 'EVENT_POST', message: failed.message })
      await clock.sleep(WAIT_MS_FIRST * 2 ** (tries - 1))
    }
  }
}

async function postOnce(
  address: string,
  body: string,
  clock: Clock,
): Promise<{ readonly message: string; readonly again: boolean } | undefined> {
  const stop = new AbortController()
  const takeBack = clock.after(TIMEOUT_MS, () => stop.abort(new Error('timed out')))
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: stop.signal,
    })
    await response.body?.cancel()
    // 429: the receiver has seen this event within its interval.
    if (response.ok || response.status === 429) return undefined
    return { message: `events address answered ${response.status}`, again: response.status >= 500 }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { message: `events address: ${messageOf(cause)}`, again: true }
  } finally {
    takeBack()
  }
}
