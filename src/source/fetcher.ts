import type { Fetcher, GitCheckout, GitRef, GitRequest, GitTag, SourceTree } from '../api/index.ts'
import { isFault, messageOf } from '../base/index.ts'
import { httpCredentials } from './git-credentials.ts'
import { type GitCode, gitFault } from './git-fault.ts'
import { type ObjectSource, parseCommit, parseTag } from './git-object.ts'
import {
  type FetchLimits,
  type GitConversation,
  openRemote,
  type Remote,
  type RemoteRefs,
} from './git-protocol.ts'
import { type GitTree, gitTree } from './git-tree.ts'
import type { HttpClient } from './http-client.ts'
import { proxyOf } from './proxy.ts'
import { matchingTags, parseRange } from './semver.ts'
import { smartHttp } from './smart-http.ts'
import { smartSsh } from './smart-ssh.ts'
import { sparseTree } from './sparse.ts'
import { withSubmodules } from './submodules.ts'

/** What a fetcher needs. */
export interface FetcherDeps {
  readonly http: HttpClient
  readonly limits?: Partial<FetcherLimits>
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

/** The ref that a request comes down to. */
interface Target {
  /** How a revision begins: `main`, `v1.0.0`, `refs/pull/1/head`; `''` for a bare commit. */
  readonly label: string
  readonly commit: string
  /** The object to ask the host for: the commit, or the tag object that leads to it. */
  readonly want: string
  /** The name of the tag that was asked for. */
  readonly tag?: string
  /** Set when only the history of these refs can prove that the commit may be had. */
  readonly history?: readonly string[]
}

/** Creates a fetcher for Git over HTTP(S). */
export function createFetcher(deps: FetcherDeps): Fetcher {
  const limits = { ...LIMITS, ...deps.limits }
  return {
    git: async (request) => {
      const way = openWay(request, deps, new URL(request.url))
      try {
        return await checkout(request, deps, { way, limits })
      } catch (error) {
        if (request.signal.aborted) throw timedOut(request)
        throw explained(error, request)
      } finally {
        way.close()
      }
    },
  }
}

/** An empty repository is a state of its own only for those who follow a branch. */
function isBranchOnly(ref: GitRef): boolean {
  return !ref.commit && !ref.name && !ref.tag && !ref.semver
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
  if (error.code === 'GIT_EMPTY' && !isBranchOnly(request.ref))
    return gitFault(
      'GIT_REF',
      `unable to clone: remote repository is empty: git repository: '${address}'`,
    )
  if (OWN_WORDS.includes(error.code)) return error
  if (/^(unable|no match|semver)/.test(error.message)) return error
  const message = `unable to clone '${address}': ${error.message}`
  return gitFault(error.code as GitCode, message, error)
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, (user) => (user.includes(':') ? '//' : user))
}

/** Credentials go to the host that they were given for and to no other. */
function openWay(request: GitRequest, deps: FetcherDeps, url: URL): GitConversation {
  const home = new URL(request.url)
  const isHome = url.protocol === home.protocol && url.host === home.host
  const data = isHome ? request.credentials : undefined
  const { signal } = request
  const proxy = request.proxy === undefined ? {} : { proxy: proxyOf(request.proxy) }
  if (url.protocol === 'ssh:') return smartSsh({ url, credentials: data ?? {}, signal, ...proxy })
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw gitFault('GIT_REF', `unsupported scheme '${url.protocol.slice(0, -1)}'`)
  const credentials = httpCredentials(url, data)
  return smartHttp({ http: deps.http, url, credentials, signal, ...proxy })
}

function timedOut(request: GitRequest): Error {
  const reason: unknown = request.signal.reason
  return gitFault('GIT_TIMEOUT', 'context deadline exceeded', messageOf(reason))
}

async function checkout(
  request: GitRequest,
  deps: FetcherDeps,
  { way, limits }: { readonly way: GitConversation; readonly limits: FetcherLimits },
): Promise<GitCheckout | 'unchanged'> {
  const remote = await openRemote(way, limits)
  const target = await resolveTarget(request.ref, remote)
  const revision = revisionOf(target)
  if (request.have === revision) return 'unchanged'
  const objects = await fetchObjects(remote, target)
  const commit = objects.get(target.commit)
  if (commit?.type !== 'commit') throw notFound(target.commit)
  const { tree, subject, signed } = parseCommit(commit.data)
  return {
    revision,
    commit: target.commit,
    subject,
    signed,
    ...tagOf(objects, target),
    tree: await contentOf(gitTree(objects, tree, limits), request, deps, limits),
    release: () => undefined,
  }
}

/** The tree with its submodules, cut down to the directories that were asked for. */
async function contentOf(
  tree: GitTree,
  request: GitRequest,
  deps: FetcherDeps,
  limits: FetcherLimits,
): Promise<SourceTree> {
  const fetchCommit = async (url: URL, commit: string): Promise<GitTree> => {
    const way = openWay(request, deps, url)
    try {
      return await treeOfCommit(await openRemote(way, limits), commit, limits)
    } finally {
      way.close()
    }
  }
  tree.check()
  const url = new URL(request.url)
  const whole = request.recurseSubmodules ? await withSubmodules(tree, { url }, fetchCommit) : tree
  const { sparseCheckout = [] } = request
  return sparseCheckout.length === 0 ? whole : sparseTree(whole, sparseCheckout)
}

/** The tree of a commit that no ref needs to name; its history is searched where that is needed. */
async function treeOfCommit(
  remote: Remote,
  commit: string,
  limits: FetcherLimits,
): Promise<GitTree> {
  const tips = [...(await remote.refs([])).refs.values()]
  const objects = await fetchObjects(remote, {
    label: '',
    commit,
    want: commit,
    ...(tips.includes(commit) ? {} : { history: [...new Set(tips)] }),
  })
  const object = objects.get(commit)
  if (object?.type !== 'commit') throw notFound(commit)
  return gitTree(objects, parseCommit(object.data).tree, limits)
}

/** `<label>@sha1:<hex>`, or `sha1:<hex>` for a bare commit. */
function revisionOf(target: Target): string {
  const digest = `sha1:${target.commit}`
  return target.label === '' ? digest : `${target.label}@${digest}`
}

async function fetchObjects(remote: Remote, target: Target): Promise<ObjectSource> {
  if (target.history === undefined) return remote.fetch({ wants: [target.want], depth: 1 })
  // The history proves that the commit may be had; where it can be asked for without its trees and
  // files, those of the one commit are fetched after.
  const isLean = remote.canFilter && remote.canWantAny
  const history = await remote.fetch({ wants: target.history, commitsOnly: isLean })
  if (history.get(target.commit)?.type !== 'commit') throw notFound(target.commit)
  return isLean ? remote.fetch({ wants: [target.commit], depth: 1 }) : history
}

function notFound(commit: string): Error {
  return gitFault('GIT_REF', `unable to resolve commit object for '${commit}': object not found`)
}

/** Commit before name before tag before semver before branch, as Flux has it. */
async function resolveTarget(ref: GitRef, remote: Remote): Promise<Target> {
  if (ref.commit) return commitTarget(ref.commit, ref, remote)
  if (ref.name) return nameTarget(ref.name, remote)
  if (ref.tag) return tagTarget(`refs/tags/${ref.tag}`, ref.tag, remote)
  if (ref.semver) return semverTarget(ref.semver, remote)
  const branch = ref.branch || 'master'
  const full = `refs/heads/${branch}`
  const commit = (await listed(remote, [full])).refs.get(full)
  if (commit === undefined) throw await missing(remote, full)
  return { label: branch, commit, want: commit }
}

async function listed(remote: Remote, prefixes: readonly string[]): Promise<RemoteRefs> {
  return remote.refs(prefixes)
}

/** Says which it is: a ref that is not there, or a repository with nothing in it. */
async function missing(remote: Remote, ref: string): Promise<Error> {
  const all = await remote.refs([])
  if (all.refs.size === 0) return gitFault('GIT_EMPTY', 'remote repository is empty')
  return gitFault('GIT_REF', `couldn't find remote ref "${ref}"`)
}

async function commitTarget(commit: string, ref: GitRef, remote: Remote): Promise<Target> {
  const { branch = '', name } = ref
  const full = `refs/heads/${branch}`
  const { refs } = await remote.refs(branch === '' ? ['refs/heads/'] : [full])
  const tips = [...refs].filter(([name]) =>
    branch === '' ? name.startsWith('refs/heads/') : name === full,
  )
  if (tips.length === 0) throw await missing(remote, full)
  const base = { label: name || branch, commit, want: commit }
  const wants = tips.map(([, oid]) => oid)
  return wants.includes(commit) ? base : { ...base, history: [...new Set(wants)] }
}

async function nameTarget(name: string, remote: Remote): Promise<Target> {
  const plain = name.replace(/\^\{\}$/, '')
  if (plain.startsWith('refs/tags/')) return tagTarget(plain, name, remote)
  const commit = (await remote.refs([plain])).refs.get(plain)
  if (commit === undefined)
    throw gitFault('GIT_REF', `unable to resolve ref '${name}' to a specific commit`)
  return { label: name, commit, want: commit }
}

async function tagTarget(full: string, label: string, remote: Remote): Promise<Target> {
  const { refs } = await remote.refs([full])
  const object = refs.get(full)
  if (object === undefined) throw await missing(remote, full)
  const tag = full.slice('refs/tags/'.length)
  return { label, commit: refs.get(`${full}^{}`) ?? object, want: object, tag }
}

async function semverTarget(text: string, remote: Remote): Promise<Target> {
  const range = parseRange(text)
  const { refs } = await remote.refs(['refs/tags/'])
  const names = [...refs.keys()]
    .filter((name) => name.startsWith('refs/tags/') && !name.endsWith('^{}'))
    .map((name) => name.slice('refs/tags/'.length))
  const best = matchingTags(names, range)
  if (best.length === 0) throw gitFault('GIT_REF', `no match found for semver: ${text}`)
  const targets = best.map((tag) => {
    const object = refs.get(`refs/tags/${tag}`) ?? ''
    return { label: tag, commit: refs.get(`refs/tags/${tag}^{}`) ?? object, want: object, tag }
  })
  const [only] = targets
  return targets.length === 1 && only !== undefined ? only : newest(targets, remote)
}

/** Of versions that are equal, build metadata aside, the one with the youngest commit counts. */
async function newest(targets: readonly Target[], remote: Remote): Promise<Target> {
  const wants = [...new Set(targets.map((target) => target.want))]
  const objects = await remote.fetch({ wants, depth: 1, commitsOnly: true })
  const ages = targets.map((target) => {
    const commit = objects.get(target.commit)
    return { target, at: commit?.type === 'commit' ? parseCommit(commit.data).committedAt : 0 }
  })
  const [first, ...others] = ages
  if (first === undefined) throw gitFault('GIT_REF', 'no tag')
  return others.reduce((best, next) => (next.at >= best.at ? next : best), first).target
}

/** What is known of the tag that led to a commit. */
function tagOf(objects: ObjectSource, target: Target): { readonly tag?: GitTag } {
  if (target.tag === undefined) return {}
  const object = objects.get(target.want)
  const signed = object?.type === 'tag' ? { signed: parseTag(object.data).signed } : {}
  return { tag: { name: target.tag, oid: target.want, ...signed } }
}
