import { readFileSync } from 'node:fs'
import { runCheck } from '../cli/check.ts'
import { runInstall } from '../cli/install.ts'
import type { Io } from '../cli/io.ts'
import type { OperateDeps } from '../cli/operate.ts'
import { runUninstall } from '../cli/uninstall.ts'
import { connect } from './connect.ts'
import { shippedPath, systemClock } from './system.ts'

/** `tidegate install`. */
export function install(argv: readonly string[], io: Io): Promise<number> {
  return runInstall(argv, io, depsOf(io))
}

/** `tidegate uninstall`. */
export function uninstall(argv: readonly string[], io: Io): Promise<number> {
  return runUninstall(argv, io, depsOf(io))
}

/** `tidegate check`. */
export function check(argv: readonly string[], io: Io): Promise<number> {
  return runCheck(argv, io, depsOf(io))
}

function depsOf(io: Io): OperateDeps {
  return {
    clock: systemClock,
    manifests: () => readFileSync(shippedPath('deploy/install.yaml'), 'utf8'),
    connect: (at) => connect(io, at),
  }
}
