import { Fault, messageOf } from '../base/index.ts'
import type { RemoteBase } from '../build/index.ts'
import { usageFault } from './options.ts'

/** Most rounds of fetching: remote bases may name remote bases. */
const MAX_ROUNDS = 20

/** How bases that lie elsewhere are had. */
export interface Fetching {
  /**
   * Brings a remote base to the disk and answers its path in the tree; absent where nothing may be
   * fetched.
   */
  readonly fetch?: ((remote: RemoteBase, signal: AbortSignal) => Promise<string>) | undefined
  readonly signal: AbortSignal
}

/** A build that lacks bases. */
interface Lacking {
  readonly missing: readonly RemoteBase[]
}

function isLacking(result: object): result is Lacking {
  return 'missing' in result
}

/** Builds, fetches what the build lacks, and builds again, until nothing is missing. */
export async function buildFetching<T extends object>(
  fetching: Fetching,
  build: (remotes: Readonly<Record<string, string>>) => T | Lacking,
): Promise<T> {
  const remotes: Record<string, string> = {}
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = build(remotes)
    if (!isLacking(result)) return result
    for (const remote of result.missing) remotes[remote.url] = await fetchRemote(remote, fetching)
  }
  throw usageFault(`remote bases name remote bases more than ${MAX_ROUNDS} levels deep`)
}

/** The path of a remote base in the tree, with kustomize's words where it cannot be had. */
export async function fetchRemote(remote: RemoteBase, fetching: Fetching): Promise<string> {
  const { fetch, signal } = fetching
  if (fetch === undefined)
    throw usageFault(
      `accumulating resources: remote base '${remote.url}' is refused: no request leaves this command (--no-remote-bases)`,
    )
  try {
    return await fetch(remote, signal)
  } catch (error) {
    const { url, kind } = remote
    const from = `accumulating resources from '${url}'`
    const what = kind === 'file' ? from : `accumulation err='${from}: URL is a git repository'`
    throw new Fault<'REMOTE_BASE'>({
      code: 'REMOTE_BASE',
      message: `accumulating resources: ${what}: ${messageOf(error)}`,
      cause: error,
    })
  }
}
