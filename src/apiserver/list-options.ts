import { badRequest, invalid, type StatusCause } from './status.ts'

/**
 * What a list may be asked for.
 * @throws StatusFault 400, 422
 * @see k8s.io/apimachinery pkg/apis/meta/internalversion/validation (v0.36.3)
 */
export function checkListOptions(query: URLSearchParams): void {
  checkNumbers(query)
  const match = query.get('resourceVersionMatch') ?? ''
  const revision = query.get('resourceVersion') ?? ''
  const causes: StatusCause[] = []
  if (match !== '') {
    if (revision === '')
      causes.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`))
    causes.push(...besideContinue(query))
    if (match !== 'Exact' && match !== NOT_OLDER)
      causes.push(unsupported(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && revision === '0')
      causes.push(forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`))
  }
  if (query.get(INITIAL) !== null)
    causes.push(forbidden(INITIAL, 'sendInitialEvents is forbidden for list'))
  refuse(causes)
}

/**
 * What a watch may be asked for.
 * @throws StatusFault 400, 422
 */
export function checkWatchOptions(query: URLSearchParams): void {
  checkNumbers(query)
  const match = query.get('resourceVersionMatch') ?? ''
  const hasInitial = query.get(INITIAL) !== null
  const revision = query.get('resourceVersion') ?? ''
  const causes: StatusCause[] = []
  // From the beginning, a watch is one with initial events, whatever it says.
  if (!hasInitial && match === '' && (revision === '' || revision === '0'))
    causes.push(...besideContinue(query))
  if (hasInitial && match !== NOT_OLDER)
    causes.push(forbidden(MATCH, `sendInitialEvents requires setting ${MATCH} to ${NOT_OLDER}`))
  if (match !== '') {
    if (!hasInitial)
      causes.push(
        forbidden(MATCH, `${MATCH} is forbidden for watch unless sendInitialEvents is provided`),
      )
    if (match !== NOT_OLDER) causes.push(unsupported(match, '"NotOlderThan"'))
    causes.push(...besideContinue(query))
  }
  refuse(causes)
}

const MATCH = 'resourceVersionMatch'
const INITIAL = 'sendInitialEvents'
const NOT_OLDER = 'NotOlderThan'

function checkNumbers(query: URLSearchParams): void {
  for (const name of ['timeoutSeconds', 'limit']) {
    const text = query.get(name) ?? ''
    if (text !== '' && !/^[+-]?\d+$/.test(text))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
}

function besideContinue(query: URLSearchParams): StatusCause[] {
  if ((query.get('continue') ?? '') === '') return []
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

function refuse(causes: readonly StatusCause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', causes)
}
