import { isArray, isObject, type Json, type JsonObject } from '../object/index.ts'
import { type Ask, headerOf } from './ask.ts'
import { badDryRun } from './options.ts'
import { isTrue } from './route.ts'
import { badRequest, invalid, type StatusCause, StatusFault } from './status.ts'
import { mediaType, readBody } from './wire/media.ts'

/** How dependents fare when their owner goes. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** What a deletion asks for. */
export interface Removal {
  readonly propagation?: Propagation
  readonly uid?: string
  readonly resourceVersion?: string
  readonly gracePeriodSeconds?: number
  readonly dryRun: boolean
}

/**
 * Reads DeleteOptions: from the body, where there is one, else from the query; never from both.
 * @throws StatusFault 400, 422
 * @see k8s.io/apiserver pkg/endpoints/handlers/delete.go (v0.36.3)
 */
export function removalOf(ask: Ask): Removal {
  const options = ask.body === '' ? queryOptions(ask.query) : bodyOptions(ask)
  check(options)
  return removalFrom(options)
}

/** What options that are right ask for. */
export function removalFrom(options: JsonObject): Removal {
  const { propagationPolicy, orphanDependents, gracePeriodSeconds: grace, dryRun } = options
  const preconditions = isObject(options['preconditions']) ? options['preconditions'] : {}
  const { uid, resourceVersion } = preconditions
  const orphan = orphanDependents === true ? ('Orphan' as const) : ('Background' as const)
  return {
    ...(isPropagation(propagationPolicy) ? { propagation: propagationPolicy } : {}),
    ...(typeof orphanDependents === 'boolean' ? { propagation: orphan } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    dryRun: isArray(dryRun) && dryRun.includes('All'),
  }
}

function queryOptions(query: URLSearchParams): JsonObject {
  const options: Record<string, Json> = {}
  const policy = query.get('propagationPolicy')
  if (policy !== null && policy !== '') options['propagationPolicy'] = policy
  const orphan = query.get('orphanDependents')
  if (orphan !== null) options['orphanDependents'] = isTrue(orphan)
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && grace !== '') {
    if (!/^[+-]?\d+$/.test(grace))
      throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
    options['gracePeriodSeconds'] = Number(grace)
  }
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) options['dryRun'] = dryRun
  return options
}

function bodyOptions(ask: Ask): JsonObject {
  let value: Json
  try {
    value = readBody(ask.body, mediaType(headerOf(ask.headers, 'content-type')))
  } catch (error) {
    if (error instanceof StatusFault) throw error
    throw badRequest(`couldn't decode DeleteOptions: ${String(error)}`)
  }
  return isObject(value) ? value : {}
}

const POLICIES: readonly Json[] = ['Foreground', 'Background', 'Orphan']

function isPropagation(value: Json | undefined): value is Propagation {
  return value !== undefined && POLICIES.includes(value)
}

/** @throws StatusFault 422 */
function check(options: JsonObject): void {
  const { propagationPolicy: policy, orphanDependents, dryRun } = options
  const causes: StatusCause[] = []
  const text = JSON.stringify(policy)
  if (policy !== undefined && typeof orphanDependents === 'boolean')
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${text}: orphanDependents and deletionPropagation cannot be both set`,
      field: 'propagationPolicy',
    })
  if (policy !== undefined && !isPropagation(policy))
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${text}: supported values: "Foreground", "Background", "Orphan", "nil"`,
      field: 'propagationPolicy',
    })
  if (isArray(dryRun)) causes.push(...badDryRun(dryRun))
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', causes)
}
