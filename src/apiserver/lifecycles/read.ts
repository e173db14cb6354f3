import { Fault, parseDuration } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject, parseYaml } from '../../object/index.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Codes of faults in files of lifecycles. */
export type LifecycleCode =
  /** A document is no lifecycle. */
  'LIFECYCLE_INVALID'

const KEYS = [
  'name',
  'kind',
  'match',
  'delay',
  'delayMs',
  'status',
  'conditions',
  'remove',
  'event',
]
const STATUSES: readonly (Json | undefined)[] = ['True', 'False', 'Unknown']

/**
 * Reads lifecycles from YAML, one a document; see {@link Lifecycle} for what they hold. `delay` is a
 * duration (`500ms`, `2m`), `delayMs` a number of milliseconds. The first that matches an object is
 * taken, so a failing variant stands before the one that succeeds.
 *
 * ```yaml
 * name: certificate-fails
 * kind: cert-manager.io/Certificate
 * match: { 'metadata.annotations.tidegate\.dev/simulate': never-ready, status.conditions: null }
 * delay: 1s
 * conditions: [{ type: Ready, status: 'False', reason: Failed, message: The issuer does not answer }]
 * ---
 * name: certificate-ready
 * kind: cert-manager.io/Certificate
 * match: { status.conditions: null }
 * delay: 2s
 * conditions: [{ type: Ready, status: 'True', reason: Ready, message: Certificate is up to date }]
 * ```
 *
 * @throws Fault LIFECYCLE_INVALID, and those of YAML
 */
export function readLifecycles(text: string, file: string): Lifecycle[] {
  return parseYaml(text, file).flatMap((document, i) =>
    document === null ? [] : [lifecycleOf(document, `${file}, document ${i + 1}`)],
  )
}

function lifecycleOf(document: Json, place: string): Lifecycle {
  const refuse = (why: string): Fault<LifecycleCode> =>
    new Fault<LifecycleCode>({
      code: 'LIFECYCLE_INVALID',
      message: `invalid lifecycle: ${place}: ${why}`,
    })
  if (!isObject(document)) throw refuse('it is no map')
  const unknown = Object.keys(document).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    throw refuse(`unknown field "${unknown}", known are ${KEYS.join(', ')}`)
  for (const key of ['name', 'kind'])
    if (typeof document[key] !== 'string' || document[key] === '')
      throw refuse(`"${key}" must be a text`)
  if (!KIND.test(String(document['kind'])))
    throw refuse(
      `"kind" must be KIND of the core group, GROUP/KIND or *, not "${String(document['kind'])}"`,
    )
  for (const key of ['match', 'status', 'event'])
    if (document[key] !== undefined && !isObject(document[key]))
      throw refuse(`"${key}" must be a map`)
  const why = wrongIn(document)
  if (why !== undefined) throw refuse(why)
  const { delay, ...rest } = document
  return { ...rest, ...delayIn(delay, rest['delayMs'], refuse) } as unknown as Lifecycle
}

/** `Pod`, `apps/Deployment`; a version has no place in it. */
const KIND = /^(?:\*|(?:[a-z0-9][a-z0-9.-]*\/)?[A-Z][A-Za-z0-9]*)$/
const CONDITION_KEYS = ['type', 'status', 'reason', 'message', 'observedGeneration']

/** What is wrong with the parts of a lifecycle; undefined where nothing is. */
function wrongIn({ conditions = [], event, remove, ...rest }: JsonObject): string | undefined {
  if (!isArray(conditions)) return '"conditions" must be a list'
  for (const [i, each] of conditions.entries()) {
    const why = wrongInCondition(each)
    if (why !== undefined) return `"conditions[${i}]" ${why}`
  }
  if (remove !== undefined && typeof remove !== 'boolean') return '"remove" must be true or false'
  if (isObject(event)) {
    if (!['Normal', 'Warning'].includes(String(event['type'])))
      return '"event.type" must be Normal or Warning'
    for (const key of ['reason', 'message'])
      if (typeof event[key] !== 'string') return `"event.${key}" must be a text`
  }
  const does = [
    conditions.length > 0,
    rest['status'] !== undefined,
    isObject(event),
    remove === true,
  ]
  return does.includes(true)
    ? undefined
    : 'it does nothing: give "status", "conditions", "event" or "remove: true"'
}

function wrongInCondition(value: Json): string | undefined {
  if (!isObject(value)) return 'must be a map'
  if (typeof value['type'] !== 'string') return 'must have a "type"'
  const { status } = value
  if (typeof status === 'boolean')
    return `must have "status" as a text: '${status ? 'True' : 'False'}' in quotes`
  if (!STATUSES.includes(status)) return "must have the \"status\" 'True', 'False' or 'Unknown'"
  const unknown = Object.keys(value).find((key) => !CONDITION_KEYS.includes(key))
  return unknown === undefined
    ? undefined
    : `has an unknown field "${unknown}", known are ${CONDITION_KEYS.join(', ')}`
}

function delayIn(
  delay: Json | undefined,
  delayMs: Json | undefined,
  refuse: (why: string) => Error,
): JsonObject {
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0))
    throw refuse('"delayMs" must be a number of milliseconds')
  if (delay === undefined) return {}
  const ms = typeof delay === 'string' ? parseDuration(delay) : undefined
  if (ms === undefined || ms < 0) throw refuse('"delay" must be a duration like 500ms or 2m')
  return { delayMs: ms }
}
