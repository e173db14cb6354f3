import { createHash } from 'node:crypto'
import type { Fetcher, GitCheckout, GitRef } from '../../api/index.ts'
import { Fault, type FileTree, formatDuration, isFault, memoryTree } from '../../base/index.ts'
import type { BuildAnswer, BuildRequest, Built, RemoteBase } from '../../build/index.ts'
import type { FetchedBase } from './build-cache.ts'
import type { Run } from './context.ts'

/** Rounds of a build: each may name the bases that the bases of the round before need. */
const ROUNDS_MAX = 10
/** Remote bases of one build. */
const BASES_MAX = 100

/** What a build with remote bases came to. */
export interface RemoteBuild {
  readonly built: Pick<Built, 'objects' | 'files' | 'warnings'>
  readonly questions: BuildAnswer['questions']
  /** What else it was built from. */
  readonly bases: readonly FetchedBase[]
}

interface Mounted {
  readonly fetched: FetchedBase
  readonly mount: string
  readonly tree: FileTree
  readonly release: () => void
}

/**
 * Builds, fetching what the build says that it misses. Nothing is fetched with `--no-remote-bases`.
 * @throws Fault REMOTE_BASE; those of the build and of the fetcher
 */
export async function buildWithRemotes(
  run: Run,
  request: Omit<BuildRequest, 'mounts'>,
): Promise<RemoteBuild> {
  const mounted = new Map<string, Mounted>()
  const remotes: Record<string, string> = {}
  const { key, context, turn } = run
  try {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const mounts = new Map([...mounted.values()].map(({ mount, tree }) => [mount, tree]))
      const options = { ...request.options, remotes }
      const signal = turn.signal
      const { result, questions } = await context.build({
        ...request,
        mounts,
        options,
        key,
        signal,
      })
      const bases = [...mounted.values()].map(({ fetched }) => fetched)
      if (!('missing' in result)) return { built: result, questions, bases }
      for (const base of result.missing) {
        const id = JSON.stringify([
          base.kind,
          base.address,
          base.ref,
          base.submodules,
          base.mayBeFile === true ? base.url : '',
        ])
        const known = mounted.get(id) ?? (await mountBase(run, base, mounted.size))
        mounted.set(id, known)
        remotes[base.url] = known.fetched.base.kind === 'file' ? `${known.mount}/file` : known.mount
      }
    }
    throw remoteFault('remote bases need further remote bases without end')
  } finally {
    for (const { release } of mounted.values()) release()
  }
}

async function mountBase(run: Run, base: RemoteBase, count: number): Promise<Mounted> {
  demandAllowed(run, base)
  if (count >= BASES_MAX) throw remoteFault(`more than ${BASES_MAX} remote bases`)
  const mount = `remote-bases/${count}`
  const content = base.kind === 'file' ? await readFile(run, base) : await fileAt(run, base)
  if (content !== undefined) {
    const fetched = {
      base: { ...base, kind: 'file' as const, address: base.url },
      version: digestOf(content),
    }
    return { fetched, mount, tree: memoryTree({ file: content }), release: () => undefined }
  }
  const checkout = await checkOut(run, base)
  if (checkout === 'unchanged') throw remoteFault(`nothing was fetched from '${base.address}'`)
  const { revision, tree } = checkout
  return { fetched: { base, version: revision }, mount, tree, release: () => checkout.release() }
}

/** The file at an address that may be one of a repository as well; a page for people is no file. */
async function fileAt(run: Run, base: RemoteBase): Promise<Uint8Array | undefined> {
  if (base.mayBeFile !== true) return undefined
  try {
    const content = await readFile(run, { ...base, address: base.url })
    return /^\s*</.test(Buffer.from(content.subarray(0, 256)).toString()) ? undefined : content
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}

function demandAllowed(run: Run, base: RemoteBase): void {
  const { fetcher, options } = run.context
  if (options.noRemoteBases || fetcher === undefined)
    throw remoteFault(`accumulating resources: remote bases are not allowed: '${base.url}'`)
}

/**
 * Says whether the remote bases of a build still are what they were. A commit is what it is: nobody
 * is asked about one.
 */
export async function basesHold(run: Run, bases: readonly FetchedBase[]): Promise<boolean> {
  for (const { base, version } of bases) {
    demandAllowed(run, base)
    if (base.kind === 'file') {
      if (digestOf(await readFile(run, base)) !== version) return false
      continue
    }
    if (isCommit(base.ref)) continue
    const checkout = await checkOut(run, base, version)
    if (checkout === 'unchanged') continue
    checkout.release()
    if (checkout.revision !== version) return false
  }
  return true
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function readFile(run: Run, base: RemoteBase): Promise<Uint8Array> {
  const { remoteFiles } = run.context
  if (remoteFiles === undefined)
    throw remoteFault(`accumulating resources: files over HTTP are not fetched: '${base.url}'`)
  try {
    return await within(run, base, (signal) => remoteFiles(base.address, signal))
  } catch (error) {
    if (!isFault(error)) throw error
    throw remoteFault(`accumulating resources from '${base.url}': ${error.message}`)
  }
}

/** Work on a base, cut short where the base has a time of its own. */
async function within<T>(
  run: Run,
  base: RemoteBase,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = run.turn
  const { timeoutMs } = base
  if (timeoutMs === undefined) return work(signal)
  const late = new AbortController()
  const cancel = run.context.clock.after(timeoutMs, () => late.abort(new Error('timeout')))
  try {
    return await work(AbortSignal.any([signal, late.signal]))
  } catch (error) {
    if (!late.signal.aborted || signal.aborted) throw error
    const took = formatDuration(timeoutMs)
    throw remoteFault(`hit ${took} timeout running 'git fetch' of '${base.address}'`)
  } finally {
    cancel()
  }
}

async function checkOut(
  run: Run,
  base: RemoteBase,
  have?: string,
): Promise<GitCheckout | 'unchanged'> {
  const fetcher = run.context.fetcher as Pick<Fetcher, 'git'>
  let fault: unknown
  for (const ref of refsOf(base.ref)) {
    try {
      return await within(run, base, (signal) =>
        fetcher.git({
          url: base.address,
          ref,
          recurseSubmodules: base.submodules !== false,
          signal,
          ...(have === undefined ? {} : { have }),
        }),
      )
    } catch (error) {
      if (!isFault(error)) throw error
      fault ??= error
    }
  }
  throw fault
}

function isCommit(ref: string | undefined): boolean {
  return ref !== undefined && /^[0-9a-f]{40}$/.test(ref)
}

/** What a base's `ref` may be, in the order in which it is tried. */
function refsOf(ref: string | undefined): readonly GitRef[] {
  if (ref === undefined) return [{ name: 'HEAD' }, { branch: 'main' }, { branch: 'master' }]
  if (isCommit(ref)) return [{ commit: ref }]
  return ref.startsWith('refs/') ? [{ name: ref }] : [{ branch: ref }, { tag: ref }]
}

function remoteFault(message: string): Fault<'REMOTE_BASE'> {
  return new Fault({ code: 'REMOTE_BASE', message: `kustomize build failed: ${message}` })
}
