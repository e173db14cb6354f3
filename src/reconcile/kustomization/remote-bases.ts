import type { Fetcher, GitCheckout, GitRef } from '../../api/index.ts'
import { Fault, type FileTree, isFault, joinPath } from '../../base/index.ts'
import type { BuildOptions, Built, RemoteBase } from '../../build/index.ts'
import type { Run } from './context.ts'

/** Rounds of a build: each may name the bases that the bases of the round before need. */
const ROUNDS_MAX = 10
/** Remote bases of one build. */
const BASES_MAX = 100

/** What a build with remote bases came to. */
export interface RemoteBuild {
  readonly built: Built
  /** What it was built from may be another one the next time: it can not be kept. */
  readonly isRemote: boolean
}

/**
 * Builds, fetching what the build says that it misses. Nothing is fetched with `--no-remote-bases`.
 * @throws Fault REMOTE_BASE; those of the build and of the fetcher
 */
export async function buildWithRemotes(
  run: Run,
  request: { readonly tree: FileTree; readonly path: string; readonly options: BuildOptions },
): Promise<RemoteBuild> {
  const checkouts = new Map<string, GitCheckout>()
  const mounts = new Map<string, FileTree>()
  const remotes: Record<string, string> = {}
  try {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const tree = mounts.size === 0 ? request.tree : withMounts(request.tree, mounts)
      const options = { ...request.options, remotes }
      const result = await run.context.build({ ...request, tree, options })
      if (!('missing' in result)) return { built: result, isRemote: mounts.size > 0 }
      for (const base of result.missing) {
        const key = `${base.address} ${base.ref ?? ''}`
        const checkout = checkouts.get(key) ?? (await fetchBase(run, base, mounts.size))
        checkouts.set(key, checkout)
        const mount = `remote-bases/${[...checkouts.keys()].indexOf(key)}`
        mounts.set(mount, checkout.tree)
        remotes[base.url] = mount
      }
    }
    throw remoteFault('remote bases need further remote bases without end')
  } finally {
    for (const checkout of checkouts.values()) checkout.release()
  }
}

async function fetchBase(run: Run, base: RemoteBase, fetched: number): Promise<GitCheckout> {
  const { fetcher, options } = run.context
  if (options.noRemoteBases || fetcher === undefined)
    throw remoteFault(`accumulating resources: remote bases are not allowed: '${base.url}'`)
  if (base.kind !== 'git')
    throw remoteFault(`accumulating resources: files over HTTP are not fetched: '${base.url}'`)
  if (fetched >= BASES_MAX) throw remoteFault(`more than ${BASES_MAX} remote bases`)
  let fault: unknown
  for (const ref of refsOf(base.ref)) {
    try {
      return await checkOut(run, fetcher, base, ref)
    } catch (error) {
      if (!isFault(error)) throw error
      fault ??= error
    }
  }
  throw fault
}

async function checkOut(
  run: Run,
  fetcher: Pick<Fetcher, 'git'>,
  base: RemoteBase,
  ref: GitRef,
): Promise<GitCheckout> {
  const checkout = await fetcher.git({ url: base.address, ref, signal: run.turn.signal })
  if (checkout === 'unchanged') throw remoteFault(`nothing was fetched from '${base.address}'`)
  return checkout
}

/** What a base's `ref` may be, in the order in which it is tried. */
function refsOf(ref: string | undefined): readonly GitRef[] {
  if (ref === undefined) return [{ name: 'HEAD' }, { branch: 'main' }, { branch: 'master' }]
  if (/^[0-9a-f]{40}$/.test(ref)) return [{ commit: ref }]
  return [{ branch: ref }, { tag: ref }]
}

function remoteFault(message: string): Fault<'REMOTE_BASE'> {
  return new Fault({ code: 'REMOTE_BASE', message: `kustomize build failed: ${message}` })
}

/** A tree with other trees below it. */
function withMounts(tree: FileTree, mounts: ReadonlyMap<string, FileTree>): FileTree {
  const find = (
    path: string,
  ): { readonly tree: FileTree; readonly path: string; mount: string } => {
    for (const [mount, mounted] of mounts)
      if (path === mount || path.startsWith(`${mount}/`))
        return { tree: mounted, path: path.slice(mount.length + 1), mount }
    return { tree, path, mount: '' }
  }
  return {
    kind: (path) => {
      const at = find(path)
      return at.tree.kind(at.path)
    },
    read: (path) => {
      const at = find(path)
      return at.tree.read(at.path)
    },
    list: (path) => {
      const at = find(path)
      return at.tree.list(at.path)
    },
    real: (path) => {
      const at = find(path)
      const real =
        at.tree.real === undefined
          ? at.tree.kind(at.path) === undefined
            ? undefined
            : at.path
          : at.tree.real(at.path)
      return real === undefined ? undefined : joinPath(at.mount, real)
    },
  }
}
