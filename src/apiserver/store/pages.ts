import type { KubeObject } from '../../object/index.ts'
import { listed, listedAll } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import type { ListOptions } from '../list-options.ts'
import { checkRevision } from '../revisions.ts'
import { badRequest, expired, StatusFault } from '../status.ts'
import type { ListMeta } from '../wire/shape.ts'
import { readToken, type Token, writeToken } from './continue-token.ts'

/** Part of a list. */
export interface Page {
  readonly items: readonly KubeObject[]
  readonly metadata: ListMeta
}

interface ListAsk {
  readonly namespace: string
  readonly options: ListOptions
}

/** What is read: everything below a prefix, or the one object that has the key. */
interface Range {
  readonly prefix: string
  readonly key: string | undefined
}

/**
 * A list, or a page of it. All pages show the objects as they were when the first was asked for.
 * @throws StatusFault 400 for a token or revision that is none, 410 when history has left its
 *   revision, 504 for a revision that has not been yet
 * @see k8s.io/apiserver pkg/registry/generic/registry/store.go ListPredicate,
 *   pkg/storage/cacher/cacher.go GetList (v0.36.3)
 */
export function pageOf(core: Core, kind: Kind, ask: ListAsk): Page {
  const { resourceVersion: given, match, limit, continue: text } = ask.options
  const token = readToken(text)
  if (token !== undefined && given !== '' && given !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  const range = rangeOf(kind, ask)
  const isLate = kind.table === 'events' || (range.key !== undefined && limit > 0 && match === '')
  const asked = token === undefined ? checkRevision(core, given, isLate) : 0
  // Of one object there are no pages, and its state now is as good as any.
  const isExact = match === 'Exact' || (match === '' && limit > 0 && range.key === undefined)
  const revision = token?.revision ?? (isExact && asked > 0 ? asked : -1)
  const at = revision < 0 ? core.store.revision : revision
  if (token !== undefined) checkRevision(core, String(at))
  const entries = core.store.at(kind.table, at, range.prefix)
  if (entries === undefined)
    throw token === undefined
      ? expired('The resourceVersion for the provided list is too old.')
      : tokenExpired(token)
  return cut(kind, ask.options, { entries, range, after: token?.after ?? '', revision: at })
}

/** Fields that can only have one value narrow down what is looked at, and so what may follow. */
function rangeOf(kind: Kind, { namespace, options }: ListAsk): Range {
  const { selection, continue: token } = options
  const named = token === '' ? (selection.namespace ?? '') : ''
  const isNarrowed =
    kind.namespaced && namespace === '' && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(named)
  const within = isNarrowed ? named : namespace
  const prefix = within === '' ? '' : `${within}/`
  const name = token === '' ? (selection.name ?? '') : ''
  const isOne = name !== '' && !/[/%]|^\.\.?$/.test(name) && (prefix !== '' || !kind.namespaced)
  return { prefix, key: isOne ? `${prefix}${name}` : undefined }
}

function cut(
  kind: Kind,
  { selection, limit: asked, resourceVersion: given }: ListOptions,
  of: {
    readonly entries: readonly (readonly [string, KubeObject])[]
    readonly range: Range
    readonly after: string
    readonly revision: number
  },
): Page {
  const { range, revision } = of
  const after = `${range.prefix}${of.after}`
  const isWhole = range.key === undefined && of.after === ''
  const entries = isWhole
    ? of.entries
    : of.entries.filter(([key]) => key > after && (range.key ?? key) === key)
  // A list of any age comes from the cache, which knows no pages; events are in none.
  const limit = given === '0' && kind.table !== 'events' ? 0 : Math.max(0, asked)
  if (kind.custom?.conversion !== undefined)
    listedAll(
      entries.map(([, stored]) => stored),
      kind,
    )
  const items: KubeObject[] = []
  let at = 0
  let last = ''
  for (; at < entries.length && (limit === 0 || items.length < limit); at += 1) {
    const [key, stored] = entries[at] as readonly [string, KubeObject]
    last = key
    const object = listed(stored, kind)
    if (selection.matches(object)) items.push(object)
  }
  const resourceVersion = String(revision)
  if (at >= entries.length) return { items, metadata: { resourceVersion } }
  return {
    items,
    metadata: {
      resourceVersion,
      continue: writeToken({ revision, after: last.slice(range.prefix.length) }),
      ...(selection.isEmpty ? { remainingItemCount: entries.length - at } : {}),
    },
  }
}

/** A token that goes on with what is there now, in a fault that says so. */
function tokenExpired(token: Token): StatusFault {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  const metadata = { continue: writeToken({ ...token, revision: -1 }) }
  return new StatusFault({ code: 410, reason: 'Expired', message, metadata })
}
