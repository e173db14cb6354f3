import { type Log, silentLog } from '../base/index.ts'
import type { Io } from '../cli/io.ts'
import { createLog, type LogLevel } from '../telemetry/index.ts'
import { systemClock } from './system.ts'

/**
 * What a person at a terminal may read of the machinery, on stderr: everything where the environment
 * has TIDEGATE_DEBUG, else what is at least of a level, or nothing.
 */
export function terminalLog(io: Io, usual?: LogLevel): Log {
  const level = io.env['TIDEGATE_DEBUG'] === undefined ? usual : 'debug'
  if (level === undefined) return silentLog
  return createLog({
    write: (line) => io.err(line),
    clock: systemClock,
    level,
    encoding: 'console',
  })
}
