import type { Json } from '../../../src/object/index.ts'
import { printYaml } from '../../../src/object/index.ts'
import type { Dice, Tree } from './dice.ts'
import { KINDS, type Maker, meta, object } from './merge-kinds.ts'

function document(
  type: readonly [string, string],
  fields: Maker,
  dice: Dice,
  isPatch: boolean,
): Record<string, Json> {
  const metadata = {
    name: 'x',
    ...(dice.chance(0.3) ? (meta(dice, isPatch) as Record<string, Json>) : {}),
  }
  return {
    apiVersion: type[0],
    kind: type[1],
    metadata,
    ...(fields(dice, isPatch) as Record<string, Json>),
  }
}

/** One object of a kind with merge keys and one or two patches for it, directives and all. */
export function mergeTree(dice: Dice): Tree {
  const { type, fields } = dice.pick(KINDS)
  const make = object(fields, 0.9)
  const base = document(type, make, dice, false)
  const patches = dice.times(1, 2, () => {
    const patch = document(type, make, dice, true)
    const text = yamlOf(patch, dice)
    const target: Record<string, Json> = dice.chance(0.4) ? { target: { kind: type[1] } } : {}
    const options: Record<string, Json> = dice.chance(0.05)
      ? { options: { allowNameChange: true } }
      : {}
    return { patch: text, ...target, ...options }
  })
  const how = dice.below(12)
  const kustomization: Record<string, Json> = { resources: ['r.yaml'] }
  if (how === 0) kustomization['patchesStrategicMerge'] = patches.map(({ patch }) => patch)
  else kustomization['patches'] = patches as unknown as Json
  if (dice.chance(0.1)) kustomization['namespace'] = 'ns'
  return {
    'overlay/kustomization.yaml': printYaml(kustomization),
    'overlay/r.yaml': yamlOf(base, dice),
  }
}

function yamlOf(value: Json, dice: Dice): string {
  return dice.chance(0.1) ? `${JSON.stringify(value)}\n` : printYaml(value)
}
