import type { KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { converted } from './convert.ts'
import type { Core } from './core.ts'
import { type Kind, keyOf } from './kind.ts'
import { type Answer, answerJson } from './respond.ts'
import { scaleOf } from './scale.ts'
import { type ObjectMatcher, selectorOf } from './select.ts'
import { type ListMeta, shapeList, shapeObject } from './shape.ts'
import { badRequest, expired, invalid, notFound, type StatusCause, StatusFault } from './status.ts'

/** Answers one object. */
export function getObject(core: Core, ask: Ask): Answer {
  const live = liveObject(core, ask)
  const object = ask.subresource === 'scale' ? scaleOf(ask.kind, live) : live
  return answerJson(200, shapeObject(core, ask.kind, object, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

/**
 * The live object that a request names, in the version of the request.
 * @throws StatusFault 404
 */
export function liveObject(
  core: Core,
  at: { readonly kind: Kind; readonly namespace: string; readonly name: string },
): KubeObject {
  const { kind, namespace, name } = at
  const stored = core.store.get(kind.table, keyOf(kind, namespace, name))
  if (stored === undefined) throw notFound(kind, name)
  return converted(stored, kind)
}

/** Answers a list: selected, in order, in pages where a limit is given. */
export function listObjects(core: Core, ask: Ask): Answer {
  const { kind, query } = ask
  const matches = selectorOf(kind, query)
  checkListOptions(query)
  checkRevision(core, query.get('resourceVersion') ?? '')
  const page = pageOf(core, kind, { namespace: ask.namespace, matches, query })
  return answerJson(200, shapeList(core, kind, page, ask), {
    format: ask.accepted.format,
    warnings: ask.warnings,
  })
}

/**
 * What `resourceVersionMatch` may be beside what else is asked.
 * @throws StatusFault 422
 */
export function checkListOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? ''
  if (match === '') return
  const causes: StatusCause[] = []
  const forbid = (why: string): void => {
    const message = `Forbidden: resourceVersionMatch is forbidden ${why}`
    causes.push({ reason: 'FieldValueForbidden', message, field: 'resourceVersionMatch' })
  }
  const revision = query.get('resourceVersion') ?? ''
  if (revision === '') forbid('unless resourceVersion is provided')
  if ((query.get('continue') ?? '') !== '') forbid('when continue is provided')
  if (match !== 'Exact' && match !== 'NotOlderThan')
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
      field: 'resourceVersionMatch',
    })
  if (match === 'Exact' && revision === '0') forbid('"Exact" for resourceVersion "0"')
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes)
}

/** @throws StatusFault 504 for a revision that has not been yet */
export function checkRevision(core: Core, text: string): void {
  if (text === '' || text === '0') return
  const revision = Number(text)
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  if (revision <= core.store.revision) return
  throw new StatusFault({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${revision}, current: ${core.store.revision}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })
}

interface Page {
  readonly items: readonly KubeObject[]
  readonly metadata: ListMeta
}

function pageOf(
  core: Core,
  kind: Kind,
  ask: {
    readonly namespace: string
    readonly matches: ObjectMatcher
    readonly query: URLSearchParams
  },
): Page {
  const { query, namespace } = ask
  const limit = numberOf(query.get('limit') ?? '')
  const token = readToken(core, query.get('continue') ?? '')
  const prefix = namespace === '' ? '' : `${namespace}/`
  const keys = core.store.keys(kind.table, prefix)
  const start = token === undefined ? 0 : keys.findIndex((key) => key > token.after)
  const items: KubeObject[] = []
  let at = start < 0 ? keys.length : start
  let last = ''
  for (; at < keys.length && (limit === 0 || items.length < limit); at += 1) {
    last = keys[at] ?? ''
    const stored = core.store.get(kind.table, last)
    const object = stored === undefined ? undefined : converted(stored, kind)
    if (object !== undefined && ask.matches(object)) items.push(object)
  }
  const resourceVersion = String(token?.revision ?? core.store.revision)
  if (at >= keys.length) return { items, metadata: { resourceVersion } }
  const selected = (query.get('labelSelector') ?? '') + (query.get('fieldSelector') ?? '') !== ''
  return {
    items,
    metadata: {
      resourceVersion,
      continue: writeToken({ revision: Number(resourceVersion), after: last }),
      ...(selected ? {} : { remainingItemCount: keys.length - at }),
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

function readToken(core: Core, text: string): Token | undefined {
  if (text === '') return undefined
  let value: { readonly rv?: unknown; readonly start?: unknown }
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof value
  } catch {
    const [first = ''] = Buffer.from(text, 'base64url').toString('latin1')
    throw badRequest(
      `invalid continue token: continue key is not valid: invalid character '${first}' looking for beginning of value`,
    )
  }
  if (typeof value.rv !== 'number' || typeof value.start !== 'string')
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion')
  if (value.rv < core.store.compacted)
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    )
  return { revision: value.rv, after: value.start.replace(/\0$/, '') }
}
