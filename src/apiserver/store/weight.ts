import { isArray, isObject, type Json } from '../../object/index.ts'

/** What an object or a list costs beside what is in it, in characters. */
const PART = 32

/**
 * About how much memory a value takes beside another one, in characters of its texts: parts that both
 * have in common are in memory once.
 */
export function weightBeside(value: unknown, other: unknown): number {
  return weigh(value as Json, other as Json | undefined)
}

function weigh(value: Json | undefined, other: Json | undefined): number {
  if (value === undefined || value === other) return 0
  if (typeof value === 'string') return value.length
  if (isArray(value)) {
    const others = isArray(other) ? other : []
    return value.reduce<number>((sum, item, i) => sum + weigh(item, others[i]), PART)
  }
  if (!isObject(value)) return 0
  const others = isObject(other) ? other : {}
  let sum = PART
  for (const key in value) sum += weigh(value[key], others[key])
  return sum
}
