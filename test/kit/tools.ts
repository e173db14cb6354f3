import { execFileSync, spawnSync } from 'node:child_process'

/** Says whether a program is on the PATH of this machine. */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['--help'], { stdio: 'ignore' }).error === undefined
}

/** The reason for skipping a test that needs a tool, to be put in its title; `''` where the tool is there. */
export function missing(name: string): string {
  return hasTool(name) ? '' : ` (skipped: ${name} is not on this machine)`
}

/** Runs a tool to its end and answers what it printed; throws with its words when it fails. */
export function runTool(
  name: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Record<string, string>
    readonly input?: string
  } = {},
): string {
  return execFileSync(name, [...args], {
    encoding: 'utf8',
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    input: options.input ?? '',
    timeout: 30_000,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}
