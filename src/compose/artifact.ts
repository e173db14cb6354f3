import { existsSync, statSync } from 'node:fs'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { SourceTree } from '../api/index.ts'
import { Fault } from '../base/index.ts'
import { type ArtifactDeps, runPull, runPush } from '../cli/artifact.ts'
import type { Io } from '../cli/io.ts'
import { diskTree } from '../files/index.ts'
import { createHttpClient, createRegistry, createRegistryWriter } from '../source/index.ts'
import { systemLogins } from './logins.ts'
import { systemClock, systemNetwork } from './system.ts'

/** `tidegate push` on this machine. */
export function push(argv: readonly string[], io: Io): Promise<number> {
  return runPush(argv, io, depsOf(io))
}

/** `tidegate pull` on this machine. */
export function pull(argv: readonly string[], io: Io): Promise<number> {
  return runPull(argv, io, depsOf(io))
}

function depsOf(io: Io): ArtifactDeps {
  const http = createHttpClient(systemNetwork())
  return {
    registry: createRegistry({ http, clock: systemClock }),
    writer: createRegistryWriter({ http, clock: systemClock }),
    logins: systemLogins(io.env),
    clock: systemClock,
    dockerConfig: () => dockerConfig(io),
    tree: (path) => treeAt(resolve(io.cwd, path)),
    write: (dir, tree) => writeTree(resolve(io.cwd, dir), tree),
  }
}

async function dockerConfig({ env }: Io): Promise<Uint8Array | undefined> {
  const file = join(env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json')
  return existsSync(file) ? readFile(file) : undefined
}

function treeAt(path: string): SourceTree | undefined {
  if (!existsSync(path)) return undefined
  if (statSync(path).isDirectory()) return diskTree(path)
  const name = basename(path)
  const whole = diskTree(dirname(path))
  return {
    kind: (each) => (each === '' ? 'dir' : each === name ? 'file' : undefined),
    list: (each) => (each === '' ? [name] : undefined),
    read: (each) => (each === name ? whole.read(name) : undefined),
    executable: (each) => each === name && whole.executable(name),
  }
}

async function writeTree(dir: string, tree: SourceTree): Promise<void> {
  const found = await stat(dir).catch(() => undefined)
  if (!found?.isDirectory())
    throw new Fault({ code: 'NO_DIRECTORY', message: `invalid output path "${dir}"` })
  const write = async (path: string): Promise<void> => {
    for (const name of tree.list(path) ?? []) {
      const inner = path === '' ? name : `${path}/${name}`
      const at = join(dir, inner)
      const content = tree.read(inner)
      if (content === undefined) {
        await mkdir(at, { recursive: true })
        await write(inner)
      } else {
        await writeFile(at, content)
        if (tree.executable?.(inner)) await chmod(at, 0o755)
      }
    }
  }
  await write('')
}
