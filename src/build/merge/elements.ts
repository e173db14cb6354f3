import { MAPPING, SCALAR, SEQUENCE, type YamlNode } from '../../object/index.ts'
import { demandKind, fieldOf, getField, isNull } from '../model/node.ts'

/** What to set in a list, and by which keys its place is found. */
export interface ElementSet {
  readonly keys: readonly string[]
  readonly values: readonly string[]
  /** Absent: remove what matches. */
  readonly element: YamlNode | undefined
}

/**
 * Replaces the items that match, or appends; nulls and empty maps vanish on the way.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/fns.go ElementSetter
 */
export function setElement(list: YamlNode, set: ElementSet): void {
  demandKind(list, SEQUENCE)
  const wantsMap = set.keys.length > 0 && set.keys[0] !== '' && (set.values[0] ?? '') !== ''
  const kept: YamlNode[] = []
  let found = false
  for (const item of list.content) {
    if (isNull(item) || (item.kind === MAPPING && item.content.length === 0)) continue
    if (item.kind !== MAPPING && wantsMap) {
      kept.push(item)
      continue
    }
    if (!matches(item, set)) {
      if (set.values.length > 0) kept.push(item)
      continue
    }
    found = true
    if (set.element !== undefined) kept.push(set.element)
  }
  if (set.element !== undefined && !isNull(set.element) && !found) kept.push(set.element)
  list.content = kept
}

/** An empty value matches any item that has the field. */
function matches(item: YamlNode, set: ElementSet): boolean {
  if (set.values.length === 0) return false
  for (const [i, key] of set.keys.entries()) {
    const value = set.values[i]
    if (value === undefined) continue
    if (key === '') {
      demandKind(item, SCALAR)
      if (item.value !== value) return false
      continue
    }
    const field = getField(item, key)
    if (field === undefined || (value !== '' && field.value !== value)) return false
  }
  return true
}

/** The first item whose fields have the values; with no key the first of that value. */
export function findElement(
  list: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  if (list === undefined || list.kind !== SEQUENCE) return undefined
  if ((keys[0] ?? '') === '') return list.content.find((item) => item.value === values[0])
  return list.content.find(
    (item) =>
      item.kind === MAPPING &&
      keys.every((key, i) => {
        const field = fieldOf(item, key)
        return field !== undefined && field.value === values[i]
      }),
  )
}
