import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { asksForKustomization, type BuildDeps, runBuild } from '../cli/build.ts'
import type { Io } from '../cli/io.ts'
import { diskTree } from '../files/index.ts'

/** `tidegate build`. Loads little: it must start as fast as a small program does. */
export async function build(argv: readonly string[], io: Io): Promise<number> {
  if (process.versions.node.startsWith('20.')) setFlagsFromString(FEWER_OPTIMIZATIONS)
  const closers: (() => Promise<void>)[] = []
  // Several bases may lie in one repository.
  const fetched = new Map<string, string>()
  try {
    const tree = diskTree('/')
    const deps: BuildDeps = {
      tree,
      writeFile: (path, text) => writeFileSync(path, text),
      fetch: async (remote, signal) => {
        const { kind, address, ref, submodules } = remote
        const key = JSON.stringify([
          kind,
          address,
          ref,
          submodules,
          remote.mayBeFile === true ? remote.url : '',
        ])
        const known = fetched.get(key)
        if (known !== undefined) return known
        const { fetchBase } = await import('./remote-bases.ts')
        const isSsh = /^ssh:|^[\w-]+@/.test(remote.address)
        const keys = isSsh ? await (await import('./ssh-keys.ts')).ownSshKeys(io.env) : undefined
        const { path, dispose } = await fetchBase(remote, signal, keys)
        closers.push(dispose)
        fetched.set(key, path)
        return path
      },
    }
    if (!asksForKustomization(argv)) return await runBuild(argv, io, deps)
    const { runBuildKustomization } = await import('../cli/build-kustomization.ts')
    return await runBuildKustomization(argv.slice(1), io, {
      ...deps,
      ignores: async (directory, more) =>
        (await import('../source/index.ts')).directoryIgnores(tree, directory, more),
      connect: async (at) => await (await import('./connect.ts')).connect(io, at),
    })
  } finally {
    for (const close of closers) await close()
  }
}

/**
 * A build is over before most of what V8 optimizes has paid for itself: with eight times the usual
 * budget before a function is optimized, a build takes a third less time, whatever its size.
 * Later V8s, which have a cheaper compiler in between, have no such flag and complain about it.
 */
const FEWER_OPTIMIZATIONS = '--interrupt-budget=540000'
