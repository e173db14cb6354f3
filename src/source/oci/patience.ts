import type { Clock } from '../../base/index.ts'
import type { HttpAnswer, HttpClient, HttpRequest } from '../http-client.ts'

const PAUSES_MS: readonly number[] = [1000, 3000]
/** A registry may ask for a longer pause; beyond this it is told of as it is. */
const ASKED_MS_MAX = 10_000
const PASSING: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522])
const PASSING_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])

/**
 * Sends a request, and up to twice again where what came back is likely to pass.
 * @see go-containerregistry pkg/v1/remote/options.go defaultRetryStatusCodes, defaultRetryBackoff (v0.21.6)
 */
export async function sendPatiently(
  { http, clock }: { readonly http: HttpClient; readonly clock: Clock },
  request: HttpRequest,
): Promise<HttpAnswer> {
  for (let tries = 0; ; tries += 1) {
    let pauseMs = PAUSES_MS[tries]
    try {
      const answer = await http.send(request)
      if (pauseMs === undefined || !PASSING.has(answer.status)) return answer
      pauseMs = Math.max(pauseMs, askedMs(answer))
      if (pauseMs > ASKED_MS_MAX) return answer
      answer.body.destroy()
    } catch (error) {
      if (pauseMs === undefined || request.signal.aborted || !isPassing(error)) throw error
    }
    await clock.sleep(pauseMs, request.signal)
  }
}

/** What `Retry-After` asks for in seconds; dates do not count. */
function askedMs({ headers }: HttpAnswer): number {
  const asked = headers['retry-after'] ?? ''
  return /^\d{1,6}$/.test(asked) ? Number(asked) * 1000 : 0
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && PASSING_CODES.has(String(error.code))
}
