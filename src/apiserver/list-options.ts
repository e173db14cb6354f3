import type { Kind } from './kind.ts'
import { isTrue } from './route.ts'
import { readSelection, type Selection, selectionOf } from './select.ts'
import { badRequest, invalid, type StatusCause } from './status.ts'

/** What a list, a watch, or the deletion of a collection is asked for. */
export interface ListOptions {
  readonly selection: Selection
  /** A text, as it was sent: who needs a number reads it. */
  readonly resourceVersion: string
  readonly match: string
  readonly limit: number
  readonly continue: string
  readonly timeoutSeconds: number
  readonly bookmarks: boolean
  /** Whether a watch tells first what exists; undefined where its revision decides. */
  readonly initial: boolean | undefined
}

/**
 * Reads what is asked for, in the order in which the API server finds fault with it: numbers,
 * selectors, what does not go together, fields that the kind does not offer.
 * @throws StatusFault 400, 422
 * @see k8s.io/apiserver pkg/endpoints/handlers/get.go listOpts (v0.36.3)
 * @see k8s.io/apimachinery pkg/apis/meta/internalversion/validation (v0.36.3)
 */
export function listOptions(kind: Kind, query: URLSearchParams, name = ''): ListOptions {
  const timeoutSeconds = whole(query, 'timeoutSeconds')
  const limit = whole(query, 'limit')
  const read = readSelection(query)
  const options = {
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
    limit,
    continue: query.get('continue') ?? '',
    timeoutSeconds,
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    initial: query.has(INITIAL) ? isTrue(query.get(INITIAL)) : undefined,
  }
  const watches = isTrue(query.get('watch'))
  const set = watches ? withInitial(options) : options
  const causes = watches ? watchCauses(set) : listCauses(set)
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes)
  const selection = selectionOf(kind, read)
  return { ...set, selection: name === '' ? selection : namedAs(selection, name) }
}

type Rest = Omit<ListOptions, 'selection'>

/** From the beginning, a watch is one with initial events, unless it says what it wants. */
function withInitial(options: Rest): Rest {
  const { initial, match, resourceVersion } = options
  const isOld = resourceVersion === '' || resourceVersion === '0'
  return initial === undefined && match === '' && isOld
    ? { ...options, initial: true, match: NOT_OLDER }
    : options
}

/** A name in the path is one more field to select by. */
function namedAs(selection: Selection, name: string): Selection {
  if (selection.isEmptyOfFields)
    return {
      ...selection,
      name,
      isEmpty: false,
      matches: (object) => object.metadata.name === name && selection.matches(object),
    }
  if (selection.name !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  return selection
}

const MATCH = 'resourceVersionMatch'
const INITIAL = 'sendInitialEvents'
const NOT_OLDER = 'NotOlderThan'

function listCauses(options: Rest): StatusCause[] {
  const { match, resourceVersion } = options
  const causes: StatusCause[] = []
  if (match !== '') {
    if (resourceVersion === '')
      causes.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`))
    causes.push(...besideContinue(options))
    if (match !== 'Exact' && match !== NOT_OLDER)
      causes.push(unsupported(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && resourceVersion === '0')
      causes.push(forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`))
  }
  if (options.initial !== undefined)
    causes.push(forbidden(INITIAL, 'sendInitialEvents is forbidden for list'))
  return causes
}

function watchCauses(options: Rest): StatusCause[] {
  const { match, initial } = options
  const causes: StatusCause[] = []
  if (initial !== undefined && match !== NOT_OLDER)
    causes.push(forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to ${NOT_OLDER}`))
  if (match === '') return causes
  if (initial === undefined)
    causes.push(
      forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`),
    )
  if (match !== NOT_OLDER) causes.push(unsupported(match, '"NotOlderThan"'))
  return [...causes, ...besideContinue(options)]
}

/**
 * A whole number of 64 bits in a query; 0 when it is not there.
 * @throws StatusFault 400
 */
export function whole(query: URLSearchParams, name: string): number {
  const text = query.get(name)
  if (text === null) return 0
  const fault = (why: string): Error =>
    badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`)
  if (!/^[+-]?\d+$/.test(text)) throw fault('invalid syntax')
  const value = BigInt(text.replace('+', ''))
  if (value >= 2n ** 63n || value < -(2n ** 63n)) throw fault('value out of range')
  return Number(value)
}

function besideContinue(options: Rest): StatusCause[] {
  if (options.continue === '') return []
  return [forbidden(MATCH, `${MATCH} is forbidden when continue is provided`)]
}

function forbidden(field: string, why: string): StatusCause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field }
}

function unsupported(match: string, supported: string): StatusCause {
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`,
    field: MATCH,
  }
}
