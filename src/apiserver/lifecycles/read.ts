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
  for (const key of ['match', 'status', 'event'])
    if (document[key] !== undefined && !isObject(document[key]))
      throw refuse(`"${key}" must be a map`)
  const { conditions } = document
  if (conditions !== undefined && !(isArray(conditions) && conditions.every(isCondition)))
    throw refuse(
      '"conditions" must be a list of type, status (True, False, Unknown), reason, message',
    )
  const { delay, ...rest } = document
  return { ...rest, ...delayIn(delay, rest['delayMs'], refuse) } as unknown as Lifecycle
}

function isCondition(value: Json): boolean {
  return isObject(value) && typeof value['type'] === 'string' && STATUSES.includes(value['status'])
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
