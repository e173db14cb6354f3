import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isFault, memoryTree } from '../../../src/base/index.ts'
import { build } from '../../../src/build/index.ts'
import type { Tree } from './dice.ts'

/** What a build came to: the text on stdout, or the words of its fault. */
export interface Outcome {
  readonly ok: boolean
  readonly text: string
  /** Something else than a fault was thrown. */
  readonly isBug?: boolean
}

/** The build that judges ours: a directory on the disk to an outcome. */
export interface Oracle {
  run(directory: string, resets: boolean): Promise<Outcome>
  close(): void
}

/** The kustomize command, one process a build. */
export function commandOracle(binary: string): Oracle {
  return {
    run: (directory) => {
      const run = spawnSync(binary, ['build', directory], { encoding: 'utf8', timeout: 60_000 })
      const ok = run.status === 0
      return Promise.resolve({ ok, text: ok ? run.stdout : run.stderr.trim() })
    },
    close: () => {},
  }
}

/**
 * A program around kustomize's own build command, which reads lines of JSON arguments and answers
 * lines of JSON: `{ok, out: base64, err}`. Twenty times as fast as a process a build.
 */
export function serverOracle(program: string): Oracle {
  let server: Server | undefined
  return {
    run: async (directory, resets) => {
      server ??= start(program)
      const own = server
      const line = JSON.stringify(resets ? ['RESET', directory] : [directory])
      const answer = await Promise.race([own.ask(line), own.gone])
      if (answer === undefined) {
        server = undefined
        return { ok: false, text: 'the server is gone' }
      }
      const { ok, out, err } = JSON.parse(answer) as { ok: boolean; out: string; err: string }
      return { ok, text: ok ? Buffer.from(out, 'base64').toString('utf8') : err }
    },
    close: () => server?.process.kill(),
  }
}

interface Server {
  readonly process: ChildProcess
  readonly ask: (line: string) => Promise<string>
  readonly gone: Promise<undefined>
}

/** A program that answers each line with a line. */
export function lineServer(program: string): {
  ask(line: string): Promise<string>
  close(): void
} {
  const { ask, process: child } = start(program)
  return { ask, close: () => child.kill() }
}

function start(program: string): Server {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting: ((line: string) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line))
  return {
    process: child,
    ask: (line) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        child.stdin.write(`${line}\n`)
      }),
    gone: new Promise((resolve) => {
      child.on('exit', () => resolve(undefined))
    }),
  }
}

/** Our own build of a tree. */
export function ownBuild(tree: Tree, path: string): Outcome {
  try {
    const built = build(memoryTree(tree), path, { digests: false })
    if ('missing' in built) return { ok: false, text: 'remote bases' }
    return { ok: true, text: built.yaml }
  } catch (error) {
    if (isFault(error)) return { ok: false, text: error.message }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ok: false, text, isBug: true }
  }
}
