/** Variable parts of a log line. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * A structured log. Messages are constant; what varies goes into fields. `info` is a state that
 * changed, `debug` the reason why, `error` a bug or work for an operator.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A log that adds these fields to each of its lines. */
  with(fields: LogFields): Log
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  error: () => undefined,
  with: () => silentLog,
}
