import type { KubeObject } from '../../object/index.ts'
import { converted } from '../convert/convert.ts'
import type { Core } from '../core.ts'
import type { Kind } from '../kind.ts'
import type { ObjectMatcher } from '../select.ts'
import { badRequest, expired, StatusFault } from '../status.ts'
import type { ListMeta } from '../wire/shape.ts'

/** Part of a list. */
export interface Page {
  readonly items: readonly KubeObject[]
  readonly metadata: ListMeta
}

interface ListAsk {
  readonly namespace: string
  readonly matches: ObjectMatcher
  readonly query: URLSearchParams
}

/**
 * A list, or a page of it. All pages show the objects as they were when the first was asked for.
 * @throws StatusFault 400 for a token or limit that is none, 410 when history has left its revision
 * @see k8s.io/apiserver pkg/storage/etcd3/store.go GetList (v0.36.3)
 */
export function pageOf(core: Core, kind: Kind, ask: ListAsk): Page {
  const { query, namespace } = ask
  const given = query.get('resourceVersion') ?? ''
  const token = readToken(query.get('continue') ?? '')
  if (token !== undefined && given !== '' && given !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  const asked = Math.max(0, numberOf(query.get('limit') ?? ''))
  // A list of any age comes from the cache, which knows no pages.
  const limit = given === '0' && token === undefined ? 0 : asked
  const isExact = query.get('resourceVersionMatch') === 'Exact' || (limit > 0 && given !== '')
  const revision =
    token === undefined ? (isExact && given !== '' ? Number(given) : undefined) : token.revision
  const prefix = namespace === '' ? '' : `${namespace}/`
  const at = revision === undefined || revision < 0 ? core.store.revision : revision
  const entries = core.store.at(kind.table, at, prefix)
  if (entries === undefined)
    throw token === undefined
      ? expired('The resourceVersion for the provided list is too old.')
      : tokenExpired(token)
  return cut(entries, { kind, ask, limit, after: token?.after ?? '', revision: at })
}

function cut(
  entries: readonly (readonly [string, KubeObject])[],
  of: {
    readonly kind: Kind
    readonly ask: ListAsk
    readonly limit: number
    readonly after: string
    readonly revision: number
  },
): Page {
  const { kind, ask, limit, after, revision } = of
  const start = after === '' ? 0 : entries.findIndex(([key]) => key > after)
  const items: KubeObject[] = []
  let at = start < 0 ? entries.length : start
  let last = ''
  for (; at < entries.length && (limit === 0 || items.length < limit); at += 1) {
    const [key, stored] = entries[at] as readonly [string, KubeObject]
    last = key
    const object = converted(stored, kind)
    if (ask.matches(object)) items.push(object)
  }
  const resourceVersion = String(revision)
  if (at >= entries.length) return { items, metadata: { resourceVersion } }
  const { query } = ask
  const selected = (query.get('labelSelector') ?? '') + (query.get('fieldSelector') ?? '') !== ''
  return {
    items,
    metadata: {
      resourceVersion,
      continue: writeToken({ revision, after: last }),
      ...(selected ? {} : { remainingItemCount: entries.length - at }),
    },
  }
}

function numberOf(text: string): number {
  if (text === '') return 0
  if (!/^-?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

interface Token {
  /** Negative: whatever is there now. */
  readonly revision: number
  readonly after: string
}

function writeToken(token: Token): string {
  const text = JSON.stringify({
    v: 'meta.k8s.io/v1',
    rv: token.revision,
    start: `${token.after}\0`,
  })
  return Buffer.from(text).toString('base64url')
}

/** A token that goes on with what is there now, in a fault that says so. */
function tokenExpired(token: Token): StatusFault {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'
  const metadata = { continue: writeToken({ ...token, revision: -1 }) }
  return new StatusFault({ code: 410, reason: 'Expired', message, metadata })
}

/** @see k8s.io/apiserver pkg/storage/continue.go (v0.36.3) */
function readToken(text: string): Token | undefined {
  if (text === '') return undefined
  const refuse = (why: string): StatusFault =>
    badRequest(`invalid continue token: continue key is not valid${why}`)
  const decoded = Buffer.from(text, 'base64url').toString('latin1')
  let value: { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown }
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof value
  } catch {
    throw refuse(`: invalid character '${quoted(decoded[0] ?? '')}' looking for beginning of value`)
  }
  if (value.v !== 'meta.k8s.io/v1')
    throw refuse(`: server does not recognize this encoded version ${String(value.v ?? '')}`)
  if (typeof value.rv !== 'number' || value.rv === 0)
    throw refuse(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof value.start !== 'string' || value.start === '')
    throw refuse(': encoded start key empty (version meta.k8s.io/v1)')
  if (value.start.split('/').includes('..')) throw refuse(`: ${value.start}`)
  return { revision: value.rv, after: value.start.replace(/\0$/, '') }
}

/** A character as Go's errors quote it. */
function quoted(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || (code >= 0x7f && code < 0xa0))
    return code < 0x80
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  return character === "'" ? "\\'" : character
}
