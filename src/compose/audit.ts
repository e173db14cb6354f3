import { readFileSync } from 'node:fs'
import { Fault, type Log, messageOf } from '../base/index.ts'
import { runAudit } from '../cli/audit.ts'
import type { ControllerFlags } from '../cli/controller-flags.ts'
import type { Io } from '../cli/io.ts'
import { diskTree } from '../files/index.ts'
import { type AuditTrail, createAuditTrail } from '../telemetry/index.ts'
import { systemClock } from './system.ts'

/** `tidegate audit` on this machine. */
export function audit(argv: readonly string[], io: Io): Promise<number> {
  return runAudit(argv, io, { tree: diskTree('/'), clock: systemClock })
}

/** The trail that a controller is told to keep; undefined when it is told nothing. */
export function openAuditTrail(
  { audit: { file, keyFile, stdout } }: ControllerFlags,
  io: Io,
  log: Log,
): AuditTrail | undefined {
  if (file === '' && !stdout) return undefined
  try {
    return createAuditTrail({
      clock: systemClock,
      log,
      ...(file === '' ? {} : { file }),
      ...(stdout ? { write: (line: string) => io.out(line) } : {}),
      ...(keyFile === '' ? {} : { key: readFileSync(keyFile, 'utf8').trim() }),
    })
  } catch (error) {
    throw new Fault({ code: 'FLAG', message: `--audit-file: ${messageOf(error)}`, cause: error })
  }
}
