import { STATUS_CODES } from 'node:http'
import { compareText } from '../../base/index.ts'
import { type HttpAnswer, readStart } from '../http-client.ts'

const BODY_BYTES_MAX = 64 * 1024
const TEXT_MAX = 512
const DIAGNOSTICS_MAX = 8
/** Parts of a query that are no secret. */
const PLAIN_QUERY: ReadonlySet<string> = new Set(['scope', 'service', 'mount', 'from', 'n', 'last'])

/**
 * What a registry refused with, in the words of go-containerregistry; what it said is cut. Of a quiet
 * one no more is told than the status and the names of errors that the specification has: what
 * answers may be a host that is no registry.
 * @see go-containerregistry pkg/v1/remote/transport/error.go
 */
export async function refusalText(
  {
    method,
    url,
    isQuiet,
  }: { readonly method: string; readonly url: URL; readonly isQuiet: boolean },
  answer: HttpAnswer,
): Promise<string> {
  const body = (await readStart(answer.body, BODY_BYTES_MAX)).toString()
  const found = diagnosticsIn(body, isQuiet)
  const at = `${method} ${shownUrl(url)}`
  if (found.length === 0) {
    const status = `${at}: unexpected status code ${answer.status} ${goStatus(answer.status)}`
    return isQuiet || body === '' ? status : `${status}: ${body.slice(0, TEXT_MAX)}`
  }
  if (found.length === 1) return `${at}: ${found[0]}`
  return `${at}: multiple errors returned: ${found.join('; ')}`
}

/** Go's words where they are not Node's. */
const GO_STATUS: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  416: 'Requested Range Not Satisfiable',
  418: "I'm a teapot",
}

function goStatus(status: number): string {
  return GO_STATUS[status] ?? STATUS_CODES[status] ?? ''
}

function diagnosticsIn(body: string, isQuiet: boolean): readonly string[] {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown }
    if (!Array.isArray(errors)) return []
    return errors.slice(0, DIAGNOSTICS_MAX).map((error) => diagnostic(error, isQuiet))
  } catch {
    return []
  }
}

function diagnostic(error: unknown, isQuiet: boolean): string {
  const { code, message, detail } = (error ?? {}) as Readonly<Record<string, unknown>>
  if (isQuiet) return /^[A-Z_]{1,64}$/.exec(plain(code))?.[0] ?? 'UNKNOWN'
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
