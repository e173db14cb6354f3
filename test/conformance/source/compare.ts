import { isArray, isObject, type Json, type JsonObject } from '../../../src/object/index.ts'

// The same rules as the oracle's compare.py: gzip bytes (digest, size), the tar dialect and content
// types do not count; a message may go on after the words recorded; where a recording says
// libraryTail, the words of Flux alone count.

const OWN =
  /^(failed to checkout and determine revision: (?:semver parse error: )?|failed to parse url '[^']*': |failed to copy '[^']*' include from .*? to [^:]*: |failed to sparse checkout directories : sparse checkout dir '[^']*' does not exist in repository: |signature verification of (?:commit|tag) '[^']*' failed: )/

function cut(message: string, isTail: boolean): string {
  const own = isTail ? OWN.exec(message)?.[1] : undefined
  return own === undefined ? message : `${own}…`
}

function withoutKeys(value: Json | undefined, ...keys: readonly string[]): JsonObject {
  const entries = Object.entries((value ?? {}) as JsonObject)
  return Object.fromEntries(entries.filter(([key]) => !keys.includes(key)))
}

const PARTS = ['type', 'mode', 'uid', 'gid', 'mtime', 'size', 'sha256', 'owner', 'link', 'name']

/** A recording brought to the form in which two of them are compared. */
export function normal(step: JsonObject, isTail: boolean): JsonObject {
  const out: Record<string, Json | undefined> = {
    settled: step['settled'] ?? true,
    rejected: Object.keys((step['rejected'] ?? {}) as JsonObject).sort(),
  }
  for (const [name, object] of Object.entries((step['objects'] ?? {}) as JsonObject)) {
    if (!isObject(object)) continue
    const included = object['includedArtifacts']
    out[`object ${name}`] = {
      ...object,
      conditions: ((object['conditions'] ?? []) as JsonObject[]).map((condition) => ({
        ...condition,
        message: cut(String(condition['message']), isTail),
      })),
      ...(object['artifact'] === undefined
        ? {}
        : { artifact: withoutKeys(object['artifact'], 'digest', 'size') }),
      ...(isArray(included)
        ? { includedArtifacts: included.map((each) => withoutKeys(each, 'digest', 'size')) }
        : {}),
    }
  }
  out['events'] = [
    ...new Set(
      ((step['events'] ?? []) as JsonObject[]).map((event) => {
        const { object, type, reason, message, annotations = '' } = event
        const marks = String(annotations).replace(/digest=\S+/, 'digest')
        return [object, type, reason, cut(String(message), isTail), marks].join(' | ')
      }),
    ),
  ].sort()
  for (const [name, file] of Object.entries((step['files'] ?? {}) as JsonObject)) {
    if (!isObject(file)) continue
    const entries = ((file['entries'] ?? []) as JsonObject[]).map((entry) =>
      PARTS.filter((part) => entry[part] !== undefined)
        .map((part) => entry[part])
        .join(' '),
    )
    out[`file ${name}`] = { get: file['get'], entries }
  }
  return out as JsonObject
}

/** The messages of a recording without what they say beyond those expected. */
export function levelled(expected: JsonObject, actual: JsonObject): JsonObject {
  const objects = Object.fromEntries(
    Object.entries((actual['objects'] ?? {}) as JsonObject).map(([name, object]) => {
      const wanted = conditionsOf(expected, name)
      const conditions = conditionsOf(actual, name).map((condition) => {
        const want = wanted.find((each) => each['type'] === condition['type'])?.['message']
        return { ...condition, message: shortest([want], condition['message']) }
      })
      return [name, { ...(object as JsonObject), conditions }]
    }),
  )
  const events = ((actual['events'] ?? []) as JsonObject[]).map((event) => {
    const alike = ((expected['events'] ?? []) as JsonObject[]).filter((each) =>
      ['object', 'type', 'reason'].every((key) => each[key] === event[key]),
    )
    return {
      ...event,
      message: shortest(
        alike.map((each) => each['message']),
        event['message'],
      ),
    }
  })
  return { ...actual, objects, events } as JsonObject
}

const NO_CHANGES = /^(?:no changes since last reconciliation|artifact up-to-date with remote)/

/**
 * A step without what a try in between leaves. An object that failed in the step before is tried again
 * at a moment of its own; where that falls between the change of a step and its request, the try does
 * the work and the request finds no changes.
 */
export function withoutTryBetween(
  expected: JsonObject,
  { before, actual }: { readonly before: JsonObject; readonly actual: JsonObject },
): JsonObject {
  const idle = (step: JsonObject) =>
    ((step['events'] ?? []) as JsonObject[]).filter((event) =>
      NO_CHANGES.test(String(event['message'])),
    )
  const failedBefore = (object: string) =>
    conditionsOf(before, object).some(
      (condition) => condition['type'] === 'Ready' && condition['status'] === 'False',
    )
  const recorded = new Set(idle(expected).map((event) => event['object']))
  const raced = new Set(
    idle(actual).filter(
      ({ object }) => !recorded.has(object ?? null) && failedBefore(String(object)),
    ),
  )
  const events = ((actual['events'] ?? []) as JsonObject[]).filter((event) => !raced.has(event))
  return { ...actual, events }
}

function conditionsOf(step: JsonObject, name: string): JsonObject[] {
  const object = ((step['objects'] ?? {}) as JsonObject)[name]
  return isObject(object) ? ((object['conditions'] ?? []) as JsonObject[]) : []
}

function shortest(wanted: readonly (Json | undefined)[], message: Json | undefined): string {
  const text = String(message)
  const start = wanted.find((want) => want && text.startsWith(String(want)))
  return start === undefined ? text : String(start)
}
