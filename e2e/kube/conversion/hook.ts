import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'

/** How a conversion webhook spoils what it has converted, or answers instead. */
export interface Spoiling {
  /** Only what is asked for in this version; absent: always. */
  readonly when?: string
  /** Changes an object that was converted; its members replace those of `metadata` or of the object. */
  readonly object?: JsonObject
  readonly metadata?: JsonObject
  /** Objects without metadata. */
  readonly bare?: boolean
  /** As many objects, whatever was asked. */
  readonly count?: number
  readonly result?: JsonObject
  readonly uid?: string
  readonly review?: JsonObject
  readonly text?: string
  readonly status?: number
}

/**
 * The answer of a conversion webhook: `spec.host` and `spec.port` of `v1` are `spec.hostPort` in `v2`.
 */
export function convertedReview(body: JsonObject, spoiling: Spoiling): JsonObject {
  const request = body['request'] as JsonObject
  const desired = String(request['desiredAPIVersion'])
  const isSpoilt = spoiling.when === undefined || desired.endsWith(`/${spoiling.when}`)
  const by: Spoiling = isSpoilt ? spoiling : {}
  const given = isArray(request['objects']) ? request['objects'].filter(isObject) : []
  const objects = given.map((each) => spoilt(inVersion(each, desired), by))
  return {
    kind: 'ConversionReview',
    apiVersion: body['apiVersion'] ?? '',
    response: {
      uid: by.uid ?? request['uid'] ?? '',
      convertedObjects: by.count === undefined ? objects : objects.slice(0, by.count),
      result: by.result ?? { status: 'Success' },
    },
    ...by.review,
  }
}

/** Whether this review is answered with something else than a review. */
export function isAnsweredOtherwise(body: JsonObject, { when, text, status }: Spoiling): boolean {
  const request = body['request'] as JsonObject
  if (text === undefined && status === undefined) return false
  return when === undefined || String(request['desiredAPIVersion']).endsWith(`/${when}`)
}

function spoilt(object: JsonObject, { metadata, object: members, bare }: Spoiling): JsonObject {
  if (bare === true) {
    const { metadata: _, ...rest } = object
    return rest
  }
  const own = object['metadata'] as JsonObject
  return { ...object, metadata: { ...own, ...metadata }, ...members }
}

function inVersion(object: JsonObject, apiVersion: string): JsonObject {
  const spec = object['spec']
  if (object['apiVersion'] === apiVersion || !isObject(spec)) return { ...object, apiVersion }
  return { ...object, apiVersion, spec: apiVersion.endsWith('/v1') ? split(spec) : joined(spec) }
}

function split({ hostPort, ...rest }: JsonObject): JsonObject {
  if (typeof hostPort !== 'string') return rest
  const [host = '', port] = hostPort.split(':')
  return { ...rest, host, ...(port === undefined ? {} : { port }) }
}

function joined({ host, port, ...rest }: JsonObject): JsonObject {
  if (host === undefined && port === undefined) return rest
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return { ...rest, hostPort: port === undefined ? text(host) : `${text(host)}:${text(port)}` }
}
