import type { Fetcher, GitCheckout, GitRef, GitRequest, GitTag, SourceTree } from '../api/index.ts'
import { type Clock, isFault, messageOf } from '../base/index.ts'
import { httpCredentials } from './git/credentials.ts'
import { type GitCode, gitFault } from './git/fault.ts'
import { type GitTree, gitTree } from './git/git-tree.ts'
import { createGithubApp, type GithubApp, isGithubApp } from './git/github-app.ts'
import { type Commit, type ObjectSource, parseCommit, parseTag } from './git/object.ts'
import { type FetchLimits, type GitConversation, openRemote, type Remote } from './git/protocol.ts'
import { RepositoryMemory } from './git/repository-memory.ts'
import { smartHttp } from './git/smart-http.ts'
import { type SshAlgorithms, smartSsh } from './git/smart-ssh.ts'
import { withSubmodules } from './git/submodules.ts'
import { resolveTarget, revisionOf, type Target } from './git/target.ts'
import type { HttpClient } from './http-client.ts'
import { proxyOf } from './proxy.ts'
import { sparseTree } from './tree/sparse.ts'

/** What a fetcher needs. */
export interface FetcherDeps {
  readonly http: HttpClient
  readonly clock: Clock
  readonly limits?: Partial<FetcherLimits>
  /** Answers of hosts are not quoted in faults. */
  readonly isQuiet?: boolean
  /** Where packs go that are too large for the memory; they stay in memory unless given. */
  readonly spoolDir?: string
  readonly ssh?: SshAlgorithms
}

/** Bounds of what one repository may cost. */
export interface FetcherLimits extends FetchLimits {
  readonly filesMax: number
  readonly depthMax: number
}

const MIB = 1024 * 1024
const LIMITS: FetcherLimits = {
  objectsMax: 2_000_000,
  objectBytesMax: 512 * MIB,
  totalBytesMax: 8192 * MIB,
  packBytesMax: 2048 * MIB,
  refsMax: 500_000,
  filesMax: 1_000_000,
  depthMax: 256,
}
/** Packs beyond this go to the disk. */
const MEMORY_PACK_BYTES_MAX = 32 * MIB

interface Shared {
  readonly isQuiet: boolean
  readonly http: HttpClient
  readonly limits: FetcherLimits
  readonly memory: RepositoryMemory
  readonly ssh: SshAlgorithms
}

/**
 * Creates a fetcher for Git over HTTP(S) and SSH. What a host can do and the last commits that it
 * gave are remembered: an unchanged ref costs one request, and many who follow one address share
 * what is fetched. Each of them asks the host for its refs itself, with its own credentials.
 */
export function createFetcher(deps: FetcherDeps): Fetcher {
  const githubApp = createGithubApp(deps)
  const shared: Shared = {
    isQuiet: deps.isQuiet ?? false,
    http: deps.http,
    limits: { ...LIMITS, ...spoolOf(deps), ...deps.limits },
    memory: new RepositoryMemory(),
    ssh: deps.ssh ?? {},
  }
  return {
    git: async (given) => {
      const request = await withToken(given, githubApp)
      const way = openWay(request, shared, new URL(request.url))
      try {
        return await checkout(request, shared, way)
      } catch (error) {
        if (request.signal.aborted) throw timedOut(request)
        throw explained(error, request)
      } finally {
        way.close()
      }
    },
  }
}

function spoolOf({ spoolDir: dir }: FetcherDeps): Pick<FetcherLimits, 'spool'> {
  return dir === undefined ? {} : { spool: { dir, fromBytes: MEMORY_PACK_BYTES_MAX } }
}

/** Exchanges the key of a GitHub App for a token, where the provider is GitHub. */
async function withToken(request: GitRequest, githubApp: GithubApp): Promise<GitRequest> {
  const { provider, credentials, proxy, signal } = request
  if (provider !== 'github' || credentials === undefined || !isGithubApp(credentials))
    return request
  const via = proxy === undefined ? {} : { proxy: proxyOf(proxy) }
  return { ...request, credentials: await githubApp({ data: credentials, signal, ...via }) }
}

/** An empty repository is a state of its own only for those who follow a branch. */
function isBranchOnly(ref: GitRef): boolean {
  return !ref.commit && !ref.name && !ref.tag && !ref.semver
}

/** Flux clones for these at once, whatever is there already. */
function isCloned(ref: GitRef): boolean {
  return Boolean(ref.commit) || (!ref.name && !ref.tag && Boolean(ref.semver))
}

/** Codes that say something about the request, not about the way to the host. */
const OWN_WORDS: readonly string[] = [
  'GIT_CREDENTIALS',
  'GIT_LOCKED',
  'GIT_PROXY',
  'GIT_EMPTY',
  'GIT_SPARSE',
]

/** Adds which repository it was, in Flux's words and without the credentials in its address. */
function explained(error: unknown, request: GitRequest): unknown {
  if (!isFault(error)) return error
  const address = withoutUser(request.url)
  if (error.code === 'GIT_EMPTY' && request.have !== undefined && !isCloned(request.ref))
    return gitFault('GIT_REF', `unable to list remote for '${address}': ${error.message}`)
  if (error.code === 'GIT_EMPTY' && !isBranchOnly(request.ref))
    return gitFault(
      'GIT_REF',
      `unable to clone: remote repository is empty: git repository: '${address}'`,
    )
  if (OWN_WORDS.includes(error.code)) return error
  if (/^(unable|no match|semver)/.test(error.message)) return error
  // An artifact that is there is compared with a list of the refs first.
  const isListed = request.have !== undefined && !isCloned(request.ref)
  const step = isListed && !error.message.startsWith("couldn't find") ? 'list remote for' : 'clone'
  const words = withoutSecrets(error.message, request.credentials ?? {})
  return gitFault(error.code as GitCode, `unable to ${step} '${address}': ${words}`, error)
}

/** What may stand in messages: names, not what opens. */
const TELLABLE = new Set(['username', 'known_hosts', 'ca.crt', 'caFile', 'tls.crt', 'identity.pub'])
const SECRET_LENGTH_MIN = 4

/** A host may give back what it was sent, so that it would stand in a status and in events. */
function withoutSecrets(
  message: string,
  credentials: Readonly<Record<string, Uint8Array>>,
): string {
  const user = Buffer.from(credentials['username'] ?? '').toString()
  const secrets = Object.entries(credentials)
    .filter(([key]) => !TELLABLE.has(key))
    .map(([, value]) => Buffer.from(value).toString().trim())
    .filter((value) => value.length >= SECRET_LENGTH_MIN)
    .flatMap((value) => [Buffer.from(`${user}:${value}`).toString('base64'), value])
  return secrets.reduce((text, secret) => text.replaceAll(secret, '*****'), message)
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, (user) => (user.includes(':') ? '//' : user))
}

/** Credentials go to the host that they were given for and to no other. */
function openWay(request: GitRequest, shared: Shared, url: URL): GitConversation {
  const home = new URL(request.url)
  const isHome = url.protocol === home.protocol && url.host === home.host
  const data = isHome ? request.credentials : undefined
  const { signal } = request
  const proxy = request.proxy === undefined ? {} : { proxy: proxyOf(request.proxy) }
  if (url.protocol === 'ssh:')
    return smartSsh({
      url,
      credentials: data ?? {},
      signal,
      algorithms: shared.ssh,
      ...proxy,
    })
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw gitFault('GIT_REF', `unsupported scheme '${url.protocol.slice(0, -1)}'`)
  const credentials = httpCredentials(url, data)
  const { http, isQuiet } = shared
  return smartHttp({ http, url, credentials, signal, isQuiet, ...proxy })
}

function timedOut(request: GitRequest): Error {
  const reason: unknown = request.signal.reason
  return gitFault('GIT_TIMEOUT', 'context deadline exceeded', messageOf(reason))
}

async function checkout(
  request: GitRequest,
  shared: Shared,
  way: GitConversation,
): Promise<GitCheckout | 'unchanged'> {
  const { memory } = shared
  const limits = { ...shared.limits, signal: request.signal }
  const address = withoutUser(request.url)
  const { remote, target } = await memory.greeted(address, way, limits, async (remote) => ({
    remote,
    target: await resolveTarget(request.ref, remote),
  }))
  const revision = revisionOf(target)
  if (request.have === revision) return 'unchanged'
  const release = new Releases()
  try {
    const objects = release.after(
      await fetchObjects(remote, target, (want) => memory.fetch(address, want, remote)),
    )
    const { tree, subject, signed } = commitOf(objects, target.commit)
    return {
      revision,
      commit: target.commit,
      subject,
      signed,
      ...tagOf(objects, target),
      tree: await contentOf(gitTree(objects, tree, limits), { request, shared, release }),
      release: () => release.all(),
    }
  } catch (error) {
    release.all()
    throw error
  }
}

/** What was fetched for one checkout, to be let go of when that is done with. */
class Releases {
  #held: ObjectSource[] = []

  after(objects: ObjectSource): ObjectSource {
    this.#held.push(objects)
    return objects
  }

  all(): void {
    const held = this.#held
    this.#held = []
    for (const objects of held) objects.release?.()
  }
}

function commitOf(objects: ObjectSource, oid: string): Commit {
  const commit = objects.get(oid)
  if (commit?.type !== 'commit') throw notFound(oid)
  return parseCommit(commit.data)
}

/** The tree with its submodules, cut down to the directories that were asked for. */
async function contentOf(
  tree: GitTree,
  context: { readonly request: GitRequest; readonly shared: Shared; readonly release: Releases },
): Promise<SourceTree> {
  const { request, shared, release } = context
  const limits = { ...shared.limits, signal: request.signal }
  const fetchCommit = async (url: URL, commit: string): Promise<GitTree> => {
    const way = openWay(request, shared, url)
    try {
      const objects = release.after(await objectsOf(await openRemote(way, limits), commit))
      return gitTree(objects, commitOf(objects, commit).tree, limits)
    } finally {
      way.close()
    }
  }
  tree.check()
  const url = new URL(request.url)
  const { sparseCheckout = [] } = request
  // As in Flux, submodules stay empty where not all is checked out.
  if (sparseCheckout.length > 0)
    return sparseTree(tree, sparseCheckout, (path) => tree.submodule(path) !== undefined)
  return request.recurseSubmodules ? withSubmodules(tree, { url }, fetchCommit) : tree
}

/** The objects of a commit that no ref needs to name; its history is searched where that is needed. */
async function objectsOf(remote: Remote, commit: string): Promise<ObjectSource> {
  const tips = [...(await remote.refs([])).refs.values()]
  return fetchObjects(
    remote,
    {
      label: '',
      commit,
      want: commit,
      ...(tips.includes(commit) ? {} : { history: [...new Set(tips)] }),
    },
    (want) => remote.fetch({ wants: [want], depth: 1 }),
  )
}

async function fetchObjects(
  remote: Remote,
  target: Target,
  fetchOne: (want: string) => Promise<ObjectSource>,
): Promise<ObjectSource> {
  if (target.history === undefined) return fetchOne(target.want)
  // The history proves that the commit may be had; where it can be asked for without its trees and
  // files, those of the one commit are fetched after.
  const isLean = remote.canFilter && remote.canWantAny
  const history = await remote.fetch({ wants: target.history, commitsOnly: isLean })
  try {
    if (history.get(target.commit)?.type !== 'commit') throw notFound(target.commit)
    if (!isLean) history.retain?.()
    return isLean ? await fetchOne(target.commit) : history
  } finally {
    history.release?.()
  }
}

function notFound(commit: string): Error {
  return gitFault('GIT_REF', `unable to resolve commit object for '${commit}': object not found`)
}

/** What is known of the tag that led to a commit. */
function tagOf(objects: ObjectSource, target: Target): { readonly tag?: GitTag } {
  if (target.tag === undefined) return {}
  const object = objects.get(target.want)
  const signed = object?.type === 'tag' ? { signed: parseTag(object.data).signed } : {}
  return { tag: { name: target.tag, oid: target.want, ...signed } }
}
