import { inTurns } from '../../base/index.ts'
import type { Json, KubeObject } from '../../object/index.ts'

const PER_VALUE = 24
const PER_FIELD = 32
/** Objects that are weighed between two turns for everything else. */
const BATCH = 500

/** Memory that objects hold, in bytes: a guess that is right within a factor of two. */
export async function weightOf(objects: readonly KubeObject[]): Promise<number> {
  const weights = await inTurns(objects, BATCH, (object) => weigh(object as unknown as Json))
  return weights.reduce((sum, weight) => sum + weight, 0)
}

function weigh(value: Json): number {
  if (typeof value === 'string') return PER_VALUE + value.length
  if (typeof value !== 'object' || value === null) return PER_VALUE
  let weight = PER_VALUE
  for (const each of Object.values(value)) weight += PER_FIELD + weigh(each as Json)
  return weight
}
