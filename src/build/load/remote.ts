import { parseDuration } from '../../base/index.ts'
import type { RemoteBase } from '../types.ts'

const SCHEMES = ['ssh://', 'https://', 'http://', 'file://']

/**
 * Reads a location as a Git repository with a path and a ref in it; undefined when it is none, and
 * so a local path or the address of a plain file.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/git/repospec.go
 */
export function parseRemote(location: string): RemoteBase | undefined {
  if (location.startsWith('/')) return undefined
  const question = location.indexOf('?')
  const before = question < 0 ? location : location.slice(0, question)
  const host = splitHost(before.replace(/^git::/i, ''))
  if (host === undefined) return undefined
  const parts = splitPathParts(host.rest, host.host.startsWith('file://'))
  if (parts === undefined || parts.repo === '') return undefined
  const path = parts.path.replace(/^\//, '')
  const [first] = cleaned(path)
  if (first === '..') return undefined
  return {
    url: location,
    address: host.host + parts.repo,
    kind: 'git',
    path: cleaned(path).join('/'),
    ...(question < 0 ? {} : queryOf(location.slice(question + 1))),
    ...(mayBeFile(location) ? { mayBeFile: true } : {}),
  }
}

/** Nothing in an address like this says that it is one of a repository. */
function mayBeFile(location: string): boolean {
  return (
    /^https?:\/\//i.test(location) && !/\.git\b|_git\/|[^:]\/\/|[?&](?:ref|version)=/.test(location)
  )
}

function cleaned(path: string): string[] {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop()
    else out.push(part)
  }
  return out
}

/** @see sigs.k8s.io/kustomize/api v0.21.1 internal/git/repospec.go parseQuery */
function queryOf(query: string): Pick<RemoteBase, 'ref' | 'submodules' | 'timeoutMs'> {
  const values = new URLSearchParams(query)
  const ref = values.get('ref') || values.get('version')
  const submodules = values.get('submodules')
  const timeout = values.get('timeout') ?? ''
  const timeoutMs = /^\d+$/.test(timeout) ? Number(timeout) * 1000 : parseDuration(timeout)
  return {
    ...(ref ? { ref } : {}),
    ...(submodules !== null && FALSE.has(submodules) ? { submodules: false } : {}),
    ...(timeoutMs !== undefined && timeoutMs > 0 ? { timeoutMs } : {}),
  }
}

/** What Go reads as false. */
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

function splitHost(location: string): { host: string; rest: string } | undefined {
  const lower = location.toLowerCase()
  const scheme = SCHEMES.find((each) => lower.startsWith(each)) ?? ''
  let rest = location.slice(scheme.length)
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(rest)?.[0] ?? ''
  rest = rest.slice(user.length)
  const isGithub = /^github\.com[/:]/i.test(rest)
  const isScp = scheme === '' && (user !== '' || isGithub)
  if (scheme === '' && !isScp) return undefined
  if (scheme === 'file://') return { host: scheme, rest: user + rest }
  const slash = rest.indexOf('/')
  const colon = isScp ? rest.indexOf(':') : -1
  const end = isScp && (slash < 0 || (colon > 0 && colon < slash)) ? colon : slash
  const host = end < 0 ? rest : rest.slice(0, end + 1)
  const path = end < 0 ? '' : rest.slice(end + 1)
  if (host === '') return undefined
  if (!isGithub) return { host: scheme + user + host, rest: path }
  const isSsh = scheme === 'ssh://' || user !== ''
  return { host: isSsh ? `${user}github.com:` : 'https://github.com/', rest: path }
}

function splitPathParts(path: string, isFile: boolean): { repo: string; path: string } | undefined {
  const azure = path.indexOf('_git/')
  if (azure >= 0) {
    const [first = '', ...more] = path.slice(azure + 5).split('/')
    return { repo: path.slice(0, azure + 5) + first, path: more.join('/') }
  }
  const double = path.indexOf('//')
  if (double >= 0) return { repo: path.slice(0, double), path: path.slice(double + 2) }
  const suffix = path.indexOf('.git')
  if (suffix >= 0) return { repo: path.slice(0, suffix + 4), path: path.slice(suffix + 4) }
  if (isFile) return { repo: path, path: '' }
  const segments = path.split('/')
  if (segments.length < 2) return undefined
  return { repo: segments.slice(0, 2).join('/'), path: segments.slice(2).join('/') }
}
