import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import type { Emptied } from '../schema/index.ts'

/**
 * Lists and maps that a body gave without anything in them. They are not kept, but refusals print
 * them: for Go a map that is empty is another value than none.
 */
const emptied = new WeakMap<object, readonly Emptied[]>()

/** Notes what was empty in the body that an object was read from. */
export function noteEmptied(object: KubeObject, found: readonly Emptied[]): void {
  if (found.length > 0) emptied.set(object, found)
}

/** Lets an object have what was noted of the one that it was made of. */
export function carryEmptied(from: KubeObject, to: KubeObject): KubeObject {
  const found = emptied.get(from)
  if (found !== undefined) emptied.set(to, found)
  return to
}

/** An object with the empty lists and maps that stood in the body of another; undefined: none did. */
export function withEmptied(object: KubeObject, from: KubeObject): KubeObject | undefined {
  const found = emptied.get(from)?.filter(({ steps }) => isPrinted(steps))
  if (found === undefined || found.length === 0) return undefined
  const whole = found.reduce<Json>(
    (sum, { steps, value }) => put(sum, steps, value as Json),
    object as unknown as JsonObject,
  )
  return whole as unknown as KubeObject
}

/** Selectors of labels are printed as they are sent, without what is empty. */
function isPrinted(steps: Emptied['steps']): boolean {
  const last = steps.at(-1)
  if (last === 'matchLabels') return false
  if (last !== 'matchExpressions') return true
  return steps.includes('nodeSelectorTerms') || steps.includes('preference')
}

function put(value: Json, steps: readonly (string | number)[], leaf: Json): Json {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (isArray(value)) return value.map((item, i) => (i === step ? put(item, rest, leaf) : item))
  if (!isObject(value)) return value
  const child = value[step]
  if (rest.length === 0) return child === undefined ? { ...value, [step]: leaf } : value
  return child === undefined ? value : { ...value, [step]: put(child, rest, leaf) }
}
