import { STATUS_CODES } from 'node:http'
import { compareText } from '../base/index.ts'
import { type HttpAnswer, readBody } from './http-client.ts'

const BODY_BYTES_MAX = 64 * 1024
const TEXT_MAX = 512
const DIAGNOSTICS_MAX = 8
/** Parts of a query that are no secret. */
const PLAIN_QUERY: ReadonlySet<string> = new Set(['scope', 'service', 'mount', 'from', 'n', 'last'])

/**
 * What a registry refused with, in the words of go-containerregistry. Errors in the form that the
 * specification gives are quoted, cut; of any other answer no more than its status is told, since it
 * may come from a host that is no registry.
 * @see go-containerregistry pkg/v1/remote/transport/error.go
 */
export async function refusalText(method: string, url: URL, answer: HttpAnswer): Promise<string> {
  const body = (await readBody(answer.body, BODY_BYTES_MAX)).toString()
  const found = diagnosticsIn(body)
  const at = `${method} ${shownUrl(url)}`
  if (found.length === 0)
    return `${at}: unexpected status code ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`
  if (found.length === 1) return `${at}: ${found[0]}`
  return `${at}: multiple errors returned: ${found.join('; ')}`
}

function diagnosticsIn(body: string): readonly string[] {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown }
    if (!Array.isArray(errors)) return []
    return errors.slice(0, DIAGNOSTICS_MAX).map(diagnostic)
  } catch {
    return []
  }
}

function diagnostic(error: unknown): string {
  const { code, message, detail } = (error ?? {}) as Readonly<Record<string, unknown>>
  const text = `${plain(code)}: ${plain(message)}`
  const whole = detail === undefined || detail === null ? text : `${text}; ${goText(detail)}`
  return whole.replace(/[\r\n]+/g, ' ').slice(0, TEXT_MAX)
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A value as Go's %v prints what was read from JSON. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object' || value === null) return value === null ? '<nil>' : String(value)
  const fields = Object.entries(value).sort(([a], [b]) => compareText(a, b))
  return `map[${fields.map(([key, each]) => `${key}:${goText(each)}`).join(' ')}]`
}

/** An address as it may be shown: queries of redirects carry signatures. */
export function shownUrl(url: URL): string {
  const shown = new URLSearchParams()
  for (const [key, value] of url.searchParams)
    shown.append(key, PLAIN_QUERY.has(key) ? value : 'REDACTED')
  const query = shown.size === 0 ? '' : `?${shown.toString()}`
  return `${url.protocol}//${url.host}${url.pathname}${query}`
}
