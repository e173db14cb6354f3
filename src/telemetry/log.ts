import { pino } from 'pino'
import type { Clock, Log, LogFields } from '../base/index.ts'

/** Flux's log levels. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'error'

/** What a log writes to, and how. */
export interface LogOptions {
  /** Takes one line, with its line end. */
  readonly write: (line: string) => void
  readonly clock: Pick<Clock, 'now'>
  /** The least that is written. */
  readonly level?: LogLevel
  /** `json` is one object a line, as `flux logs` reads them; `console` is for people. */
  readonly encoding?: 'json' | 'console'
}

/** `flux logs` reads no line that is longer than 64 KiB. */
const LINE_BYTES_MAX = 60 * 1024
const FIELD_CHARS_MAX = 8 * 1024

/**
 * A log in Flux's form: level as a word, `ts`, `msg`, then the fields. Errors among the fields are
 * written as their messages; stacks of what is a bug go to `stacktrace`.
 */
export function createLog(options: LogOptions): Log {
  const { clock, encoding = 'json', level = 'info' } = options
  const write = (line: string): void =>
    options.write(encoding === 'json' ? shortened(still(line)) : consoleLine(still(line)))
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  const of = (fields: LogFields): Log => ({
    debug: (message, more) => logger.debug(plain(fields, more), message),
    info: (message, more) => logger.info(plain(fields, more), message),
    error: (message, more) => logger.error(plain(fields, more), message),
    with: (more) => of({ ...fields, ...more }),
  })
  return of({})
}

function plain(fields: LogFields, more: LogFields | undefined): LogFields {
  const all = more === undefined ? fields : { ...fields, ...more }
  if (!Object.values(all).some((value) => value instanceof Error)) return all
  return Object.fromEntries(
    Object.entries(all).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : value,
    ]),
  )
}

/** Letters that move a terminal or turn the direction of a line; `flux logs` prints them as they are. */
const MOVING = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu
const MAY_MOVE = /\\[ubfr]|[\u007f-\u009f]|\p{Bidi_Control}/u

/** The line, with such letters written out: what a tenant names stands in the log. */
function still(line: string): string {
  if (!MAY_MOVE.test(line)) return line
  const written = JSON.stringify(JSON.parse(line), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll(MOVING, writtenOut) : value,
  )
  return `${written}\n`
}

function writtenOut(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The line, or the same with its longest fields cut, when it is too long to be read back. */
function shortened(line: string): string {
  if (line.length < LINE_BYTES_MAX / 4 || Buffer.byteLength(line) <= LINE_BYTES_MAX) return line
  const fields = Object.entries(JSON.parse(line) as Record<string, unknown>)
  const cut = fields.map(([key, value]): [string, unknown] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    if (text.length <= FIELD_CHARS_MAX / 8) return [key, value]
    const kept = text.slice(0, FIELD_CHARS_MAX)
    return [key, `${kept}${kept.length < text.length ? `… (${text.length} characters)` : ''}`]
  })
  return `${JSON.stringify(Object.fromEntries(cut.slice(0, 64)))}\n`
}

function consoleLine(line: string): string {
  const { level, ts, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const rest = Object.keys(fields).length === 0 ? '' : `\t${JSON.stringify(fields)}`
  return `${String(ts)}\t${String(level).toUpperCase()}\t${String(msg)}${rest}\n`
}
