import { runBuildKustomization } from '../../src/cli/build-kustomization.ts'
import { diskTree } from '../../src/files/index.ts'
import { directoryIgnores } from '../../src/source/index.ts'

/** What a command came to. */
export interface FluxBuildRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `tidegate build kustomization` in a directory; no cluster, and nothing is fetched. */
export async function runFluxBuild(
  args: readonly string[],
  directory: string,
): Promise<FluxBuildRun> {
  const tree = diskTree('/')
  let [out, err] = ['', '']
  const io = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
    columns: undefined,
    env: {},
    cwd: directory,
    signal: new AbortController().signal,
  }
  const code = await runBuildKustomization(args, io, {
    tree,
    writeFile: () => {
      throw new Error('nothing is written')
    },
    ignores: (path, more) => Promise.resolve(directoryIgnores(tree, path, more)),
    connect: () => Promise.reject(new Error('no cluster')),
  })
  return { code, out, err }
}
