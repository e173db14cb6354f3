import { isArray, isObject, type Json, type JsonObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { bodyOptions } from './delete-body.ts'
import { whole } from './list-options.ts'
import { badDryRun } from './options.ts'
import { isTrue } from './route.ts'
import { invalid, type StatusCause } from './status.ts'

/** How dependents fare when their owner goes. */
export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/** What a deletion asks for. */
export interface Removal {
  readonly propagation?: Propagation
  readonly uid?: string
  readonly resourceVersion?: string
  readonly gracePeriodSeconds?: number
  /** Set where dependents were asked to go in the old way, by `orphanDependents`. */
  readonly isOldCascade?: true
  readonly dryRun: boolean
  /** As they were given, for admission. */
  readonly options?: JsonObject
}

/**
 * Reads DeleteOptions: from the body, where there is one, else from the query; never from both.
 * @throws StatusFault 400, 422
 * @see k8s.io/apiserver pkg/endpoints/handlers/delete.go (v0.36.3)
 */
export function removalOf(ask: Ask): Removal {
  const options = ask.body === '' ? queryOptions(ask.query) : bodyOptions(ask)
  checkRemoval(options)
  const { kind: _k, apiVersion: _a, dryRun: _d, ...rest } = options
  return { ...removalFrom(options), options: rest }
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
    ...(orphanDependents === false ? { isOldCascade: true as const } : {}),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    dryRun: isArray(dryRun) && dryRun.includes('All'),
  }
}

function queryOptions(query: URLSearchParams): JsonObject {
  const options: Record<string, Json> = {}
  if (query.has('gracePeriodSeconds'))
    options['gracePeriodSeconds'] = whole(query, 'gracePeriodSeconds')
  const orphan = query.get('orphanDependents')
  if (orphan !== null) options['orphanDependents'] = isTrue(orphan)
  const policy = query.get('propagationPolicy')
  if (policy !== null) options['propagationPolicy'] = policy
  const preconditions = ['uid', 'resourceVersion'].flatMap((name) => {
    const value = query.get(name) ?? ''
    return value === '' ? [] : [[name, value] as const]
  })
  if (preconditions.length > 0) options['preconditions'] = Object.fromEntries(preconditions)
  const dryRun = query.getAll('dryRun')
  if (dryRun.length > 0) options['dryRun'] = dryRun
  return options
}

const POLICIES: readonly Json[] = ['Foreground', 'Background', 'Orphan']

function isPropagation(value: Json | undefined): value is Propagation {
  return value !== undefined && POLICIES.includes(value)
}

/**
 * Checks options that were read.
 * @throws StatusFault 422
 */
export function checkRemoval(options: JsonObject): void {
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
