import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** The program as users run it; `npm test` bundles it first. */
const bundle = join(root, 'dist', 'tidegate.mjs')

/** A run of the program. */
export interface Running {
  /** All that it has printed so far, on both streams. */
  output(): string
  /** Resolves with the match as soon as the output has one; rejects when the program ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** The exit code. */
  readonly ended: Promise<number>
  /** Asks it to end, as Ctrl-C does. */
  interrupt(): void
}

/** Starts the bundled program. Ends with the test at the latest: call `interrupt` and await `ended`. */
export function startProgram(
  args: readonly string[],
  cwd: string = root,
  tempDir: string = tmpdir(),
): Running {
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: tempDir, TMPDIR: tempDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return watchChild(child)
}

function watchChild(child: ChildProcess): Running {
  let text = ''
  const listeners = new Set<() => void>()
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => {
      resolve(code ?? (signal === null ? -1 : 128))
      for (const listener of listeners) listener()
    })
  })
  const take = (chunk: Buffer): void => {
    text += chunk.toString()
    for (const listener of listeners) listener()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text)
        if (match !== null) resolve(match)
        else if (child.exitCode !== null)
          reject(new Error(`ended without ${String(pattern)}:\n${text}`))
        else return
        listeners.delete(look)
      }
      listeners.add(look)
      look()
    })
  return { output: () => text, until, ended, interrupt: () => void child.kill('SIGINT') }
}

/** Runs the bundled program to its end. */
export async function runProgram(
  args: readonly string[],
  cwd?: string,
): Promise<{ readonly code: number; readonly output: string }> {
  const running = startProgram(args, cwd)
  const code = await running.ended
  return { code, output: running.output() }
}

/** A temporary folder, with a copy of a folder of the project in it where one is named. */
export function scratch(from?: string): { readonly dir: string; dispose(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
  if (from !== undefined) cpSync(join(root, from), dir, { recursive: true })
  return { dir, dispose: () => rmSync(dir, { recursive: true, force: true }) }
}
