import { decryptFault } from './faults.ts'
import type { TreeMap, TreeValue } from './tree.ts'

const SEPARATOR = /__(map|list)_/g
/** Longest list in metadata. */
const MAX_INDEX = 1000

/**
 * Builds the metadata out of flat keys: `age__list_0__map_enc` is `enc` of the first entry of `age`.
 * @throws Fault SOPS_FORMAT
 * @see getsops/sops v3.13 stores/flatten.go
 */
export function unflatten(flat: ReadonlyMap<string, string>): TreeMap {
  const root: TreeMap = new Map()
  for (const [key, value] of flat) place(root, steps(key), value)
  return root
}

/** Keys and positions on the way; each position makes what holds it a list. */
function steps(key: string): readonly (string | number)[] {
  const kinds = [...key.matchAll(SEPARATOR)].map((match) => match[1])
  const [first = '', ...rest] = key.split(/__(?:map|list)_/)
  return [first, ...rest.map((part, i) => (kinds[i] === 'list' ? Number(part) : part))]
}

function place(root: TreeMap, path: readonly (string | number)[], value: string): void {
  let at: TreeValue = root
  for (const [i, step] of path.entries()) {
    const next = path[i + 1]
    const fill = (): TreeValue =>
      next === undefined ? value : typeof next === 'number' ? [] : new Map()
    at = stepInto(at, step, fill)
  }
}

function stepInto(at: TreeValue, step: string | number, fill: () => TreeValue): TreeValue {
  if (typeof step === 'number' && Array.isArray(at) && step >= 0 && step < MAX_INDEX) {
    at[step] ??= fill()
    return at[step] ?? null
  }
  if (typeof step === 'string' && at instanceof Map) {
    const known = at.get(step)
    if (known !== undefined) return known
    const made = fill()
    at.set(step, made)
    return made
  }
  throw decryptFault('SOPS_FORMAT', 'Error while unflattening: Type mismatch')
}
