import { compareText } from '../base/index.ts'
import { decryptFault } from './faults.ts'
import type { TreeMap, TreeValue } from './tree.ts'

const SEPARATOR = /__(map|list)_/g
/** Longest list in metadata, and deepest way into them. */
const MAX_STEPS = 1000

interface Node {
  value?: string
  readonly keys: Map<string, Node>
  readonly items: Map<number, Node>
}

/**
 * Builds the metadata out of flat keys: `age__list_0__map_enc` is `enc` of the first entry of `age`.
 * @throws Fault SOPS_FORMAT
 * @see getsops/sops v3.13 stores/flatten.go
 */
export function unflatten(flat: readonly (readonly [key: string, value: string])[]): TreeMap {
  const root = node()
  for (const [key, value] of flat) place(root, key, value)
  const tree = convert(root)
  if (tree instanceof Map) return tree
  throw decryptFault('SOPS_FORMAT', 'Internal error: cannot find root')
}

function node(): Node {
  return { keys: new Map(), items: new Map() }
}

/** Keys and positions on the way; what is no number stands for the first position. */
function steps(key: string): readonly (string | number)[] {
  const kinds = [...key.matchAll(SEPARATOR)].map((match) => match[1])
  const [first = '', ...rest] = key.split(/__(?:map|list)_/)
  return [first, ...rest.map((part, i) => (kinds[i] === 'list' ? positionOf(part) : part))]
}

function positionOf(part: string): number {
  return /^[+-]?\d{1,9}$/.test(part) ? Number(part) : 0
}

function place(root: Node, key: string, value: string): void {
  const path = steps(key)
  if (path.length > MAX_STEPS) throw problem('Type mismatch')
  let at = root
  for (const step of path)
    at = typeof step === 'number' ? nodeAt(at.items, step) : nodeAt(at.keys, step)
  if (at.value !== undefined)
    throw decryptFault(
      'SOPS_FORMAT',
      `Error while unflattening ${JSON.stringify(key)}: Duplicate value`,
    )
  at.value = value
}

function nodeAt<K>(nodes: Map<K, Node>, key: K): Node {
  const known = nodes.get(key)
  if (known !== undefined) return known
  const made = node()
  nodes.set(key, made)
  return made
}

function convert({ value, keys, items }: Node): TreeValue {
  const kinds = [value !== undefined, keys.size > 0, items.size > 0].filter(Boolean)
  if (kinds.length > 1) throw problem('Type mismatch')
  if (value !== undefined) return value
  if (items.size === 0) {
    const sorted = [...keys].sort(([a], [b]) => compareText(a, b))
    return new Map(sorted.map(([key, each]) => [key, convert(each)]))
  }
  if (items.size > MAX_STEPS) throw problem('Incomplete list')
  return Array.from({ length: items.size }, (_, i) => {
    const item = items.get(i)
    if (item === undefined) throw problem('Incomplete list')
    return convert(item)
  })
}

function problem(what: string): ReturnType<typeof decryptFault> {
  return decryptFault('SOPS_FORMAT', `Error while unflattening: ${what}`)
}
