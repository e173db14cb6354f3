import { MAPPING, SEQUENCE, scalarNode, type YamlNode, yamlNode } from '../../object/index.ts'
import { demandKind, fieldOf, isNilOrEmpty, isNull, setField, setScalar } from '../model/node.ts'
import { findElement, setElement } from './elements.ts'
import type { MaybeNode, MergeAt } from './merge-types.ts'
import { schemaItems } from './schema.ts'

/** A merge of two lists whose items are found by keys. */
export interface ListMerge {
  readonly dest: YamlNode
  readonly patch: MaybeNode
  /** Merge keys; none for lists of plain values. */
  readonly keys: readonly string[]
  readonly at: MergeAt
}

/**
 * Merges lists item by item: those of the patch come first, as in kustomize.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/walk/associative_sequence.go
 */
export function mergeAssociative(merge: ListMerge): MaybeNode {
  const { keys } = merge
  const values = elementValues(merge)
  if (values.length > 0 || keys.length > 0) return mergeBy(merge, values)
  return mergeBy({ ...merge, keys: [''] }, plainValues(merge))
}

function mergeBy(merge: ListMerge, found: readonly (readonly string[])[]): MaybeNode {
  const { dest, keys } = merge
  const all = keys.length > 1 ? unifyValues(found) : found
  const added = yamlNode(SEQUENCE, '', '')
  let valid: Valid = { keys: [], values: [] }
  for (const values of all) {
    if (values.length === 0) continue
    valid = validate(all, values, keys)
    mergeItem(merge, valid, added)
  }
  const result = all.length > 0 ? appendItems(added, dest, valid.keys) : dest
  return isNull(result) ? undefined : result
}

function mergeItem(merge: ListMerge, valid: Valid, added: YamlNode): void {
  const { dest, patch, at } = merge
  const own = validate([valid.values], valid.values, valid.keys)
  const { node } = at.merge(
    findElement(dest, own.keys, own.values),
    findElement(patch, own.keys, own.values),
    { ...at, schema: schemaItems(at.schema) },
  )
  const isGone = isNull(node) || (node?.kind === MAPPING && node.content.length === 0)
  if (isGone) {
    for (const _ of valid.keys) setElement(dest, { ...valid, element: undefined })
    return
  }
  const item = node as YamlNode
  for (const [i, key] of valid.keys.entries()) {
    const value = valid.values[i] ?? ''
    if (fieldOf(item, key) !== undefined || value === '') continue
    if (key === '') setScalar(item, scalarNode(value))
    else {
      demandKind(item, MAPPING)
      setField(item, key, scalarNode(value))
    }
  }
  setElement(added, { ...valid, element: item })
}

interface Valid {
  readonly keys: readonly string[]
  readonly values: readonly string[]
}

/** Keys that have a value somewhere in the list, and the values for them; all when none has. */
function validate(
  all: readonly (readonly string[])[],
  values: readonly string[],
  keys: readonly string[],
): Valid {
  const used = new Set<string>()
  for (const each of all)
    for (const [i, value] of each.entries()) if (value !== '') used.add(keys[i] ?? '')
  if (used.size === 0) return { keys, values }
  return {
    keys: keys.filter((key) => used.has(key)),
    values: values.filter((value, i) => value !== '' || used.has(keys[i] ?? '')),
  }
}

/** The values of the keys of all items, those of the patch first, each once. */
function elementValues(merge: ListMerge): string[][] {
  const result: string[][] = []
  const seen = new Set<string>()
  for (const list of [merge.patch, merge.dest]) {
    if (list?.kind !== SEQUENCE) continue
    for (const item of list.content) {
      const values = merge.keys.map((key) => {
        const field = fieldOf(item, key)
        return isNilOrEmpty(field) ? '' : (field as YamlNode).value
      })
      const id = JSON.stringify(values)
      if (values.length === 0 || seen.has(id)) continue
      seen.add(id)
      result.push(values)
    }
  }
  return result
}

function plainValues(merge: ListMerge): string[][] {
  const result: string[][] = []
  const seen = new Set<string>()
  for (const list of [merge.patch, merge.dest]) {
    for (const item of list?.content ?? []) {
      if (seen.has(item.value)) continue
      seen.add(item.value)
      result.push([item.value])
    }
  }
  return result
}

/** Values of several keys that agree where both have one are taken for the same item. */
function unifyValues(list: readonly (readonly string[])[]): readonly (readonly string[])[] {
  if (list.length < 2) return list
  const result = [...list]
  for (let i = 0; i < result.length; i += 1) {
    // What the first of a pair was when its turn came counts, whatever it was unified with since.
    const own = result[i] ?? []
    for (let j = 0; j < result.length; j += 1) {
      const both = unify(own, result[j] ?? [])
      if (both === undefined) continue
      result[i] = both
      result[j] = both
    }
  }
  return result
}

function unify(a: readonly string[], b: readonly string[]): string[] | undefined {
  if (a.length !== b.length) return undefined
  let hasCommon = false
  const result: string[] = []
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? ''
    if (value === other) hasCommon = true
    else if (value !== '' && other !== '') return undefined
    result.push(value === '' ? other : value)
  }
  return hasCommon ? result : undefined
}

function appendItems(list: YamlNode, more: YamlNode, keys: readonly string[]): YamlNode {
  for (const element of more.content) {
    if (keys[0] === '') {
      setElement(list, { keys: [''], values: [element.value], element })
      continue
    }
    const values: string[] = []
    for (const key of keys) {
      const field = isNull(element) ? undefined : keyField(element, key)
      if (field === undefined) list.content.push(element)
      else values.push(field.value)
    }
    if (keys.length > 1) setElement(list, { keys, values, element: undefined })
    setElement(list, { keys, values, element })
  }
  return list
}

function keyField(element: YamlNode, key: string): MaybeNode {
  demandKind(element, MAPPING)
  return fieldOf(element, key)
}
