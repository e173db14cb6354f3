import type { Clock } from '../base/index.ts'
import { keysFault } from './faults.ts'

/** One request to a key service. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** The way out. Rejects with Fault KEY_SERVICE when there is no answer. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>

const TIMEOUT_MS = 30_000
/** Longest answer that is read. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** The network. Redirects are not followed: a credential is for one host. */
export function fetchHttp(clock: Clock): Http {
  return async ({ method, url, headers, body }) => {
    const host = new URL(url).host
    const abort = new AbortController()
    const cancel = clock.after(TIMEOUT_MS, () => abort.abort())
    try {
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: abort.signal,
        ...(body === undefined ? {} : { body }),
      })
      return { status: response.status, body: await readBounded(response) }
    } catch (error) {
      const why = abort.signal.aborted ? 'no answer in time' : 'cannot be reached'
      throw keysFault('KEY_SERVICE', `${host}: ${why}`, error)
    } finally {
      cancel()
    }
  }
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    const bytes = part as Uint8Array
    length += bytes.byteLength
    if (length > MAX_ANSWER_BYTES) throw new Error('the answer is too long')
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString('utf8')
}

/**
 * Sends a request and reads the JSON that must come back.
 * @throws Fault KEY_SERVICE, which has the status and not the body
 */
export async function askJson(
  http: Http,
  request: HttpRequest,
  what: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await http(request)
  const host = new URL(request.url).host
  if (status < 200 || status > 299)
    throw keysFault('KEY_SERVICE', `${what}: ${host} answered with status ${status}`)
  const value = parse(body)
  if (value !== undefined) return value
  throw keysFault('KEY_SERVICE', `${what}: ${host} answered with something else than JSON`)
}

function parse(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** The text in a field of an answer. @throws Fault KEY_SERVICE when it is not there */
export function textIn(
  answer: Readonly<Record<string, unknown>>,
  field: string,
  what: string,
): string {
  const value = answer[field]
  if (typeof value === 'string' && value !== '') return value
  throw keysFault('KEY_SERVICE', `${what}: the answer has no ${field}`)
}

/** A form as `application/x-www-form-urlencoded`. */
export function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

/** The object in a field of an answer; empty when there is none. */
export function inside(
  answer: Readonly<Record<string, unknown>>,
  field: string,
): Readonly<Record<string, unknown>> {
  const value = answer[field]
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}
