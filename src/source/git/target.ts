import type { GitRef } from '../../api/index.ts'
import { matchingTags, parseRange } from '../semver.ts'
import { gitFault } from './fault.ts'
import { parseCommit } from './object.ts'
import type { Remote } from './protocol.ts'

/** The ref that a request comes down to. */
export interface Target {
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

/** `<label>@sha1:<hex>`, or `sha1:<hex>` for a bare commit. */
export function revisionOf(target: Target): string {
  const digest = `sha1:${target.commit}`
  return target.label === '' ? digest : `${target.label}@${digest}`
}

/**
 * Finds what a ref comes down to: commit before name before tag before semver before branch.
 * @throws Fault GIT_REF, GIT_EMPTY
 * @see fluxcd/pkg git/gogit/clone.go (v0.52)
 */
export async function resolveTarget(ref: GitRef, remote: Remote): Promise<Target> {
  if (ref.commit) return commitTarget(ref.commit, ref, remote)
  if (ref.name) return nameTarget(ref.name, remote)
  if (ref.tag) return tagTarget(`refs/tags/${ref.tag}`, ref.tag, remote)
  if (ref.semver) return semverTarget(ref.semver, remote)
  const branch = ref.branch || 'master'
  const full = `refs/heads/${branch}`
  const commit = (await remote.refs([full])).refs.get(full)
  if (commit === undefined) throw await missing(remote, full)
  return { label: branch, commit, want: commit }
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
