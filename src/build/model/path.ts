import {
  addYaml,
  MAPPING,
  SCALAR,
  SEQUENCE,
  scalarNode,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { fail } from '../fault.ts'
import { demandKind, fieldOf, fieldOrNew, getField, isNull, setField } from './node.ts'

/** Splits a path; a slash at its start is dropped. */
export function splitPath(path: string, delimiter = '/'): string[] {
  const parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts.shift()
  const result = [parts[0] ?? '']
  for (const part of parts.slice(1)) {
    const last = result.at(-1) ?? ''
    if (last.endsWith('\\')) result[result.length - 1] = `${last.slice(0, -1)}${delimiter}${part}`
    else result.push(part)
  }
  return result
}

/**
 * Splits a path at dots; what stands between brackets stays together, brackets without `=` vanish.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 utils/pathsplitter.go SmarterPathSplitter
 */
export function splitDotted(path: string): string[] {
  const parts = splitPath(path, '.')
  const result: string[] = []
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i] as string
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part)
      continue
    }
    const inside = [part]
    while (i < parts.length - 1) {
      i += 1
      inside.push(parts[i] as string)
      if ((parts[i] as string).endsWith(']')) break
    }
    const joined = inside.join('.')
    result.push(joined.includes('=') ? joined : joined.replaceAll(/^[[\]]+|[[\]]+$/g, ''))
  }
  return result
}

/** A part of a path that is a whole number, as Go reads it; undefined for other parts. */
export function clampIndex(part: string): number | undefined {
  const first = part.charCodeAt(0)
  if (first > 0x39 || first < 0x2b) return undefined
  return /^[+-]?\d+$/.test(part) ? Number(part) : undefined
}

/** Says whether a part selects list items: `[name=nginx]`. */
export function isListPart(part: string): boolean {
  return part.startsWith('[') && part.endsWith(']')
}

/** Splits `[name=nginx]` into name and value. */
export function splitListPart(part: string): { name: string; value: string } {
  const inner = part.slice(part.startsWith('[') ? 1 : 0, part.endsWith(']') ? -1 : undefined)
  const equals = inner.indexOf('=')
  if (equals < 0) fail('list path element must contain fieldName=fieldValue for element to match')
  return { name: inner.slice(0, equals), value: inner.slice(equals + 1) }
}

/**
 * Finds a node by path parts: names, indexes, `-` for the last item, `[name=value]`.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/fns.go PathGetter
 */
export function lookup(node: YamlNode, path: readonly string[]): YamlNode | undefined {
  let at: YamlNode | undefined = node
  for (const raw of path) {
    const part = raw.trim()
    if (part === '') continue
    if (at === undefined) return undefined
    at = step(at, part)
  }
  return at
}

function step(node: YamlNode, part: string): YamlNode | undefined {
  const index = clampIndex(part)
  if (index !== undefined) {
    if (index < 0) fail(`array index ${index} cannot be negative`)
    demandKind(node, SEQUENCE)
    return node.content[index]
  }
  if (part === '-') {
    demandKind(node, SEQUENCE)
    if (node.content.length === 0) fail('runtime error: index out of range [-1]')
    return node.content.at(-1)
  }
  if (part === '*') fail('wildcard is not supported in PathGetter')
  if (!isListPart(part)) return getField(node, part)
  const { name, value } = splitListPart(part)
  demandKind(node, SEQUENCE)
  return findItem(node, name, value)
}

/** The first item of a list with a field of a value; with no name the first of that value. */
export function findItem(list: YamlNode, name: string, value: string): YamlNode | undefined {
  if (name === '') return list.content.find((item) => item.value === value)
  return list.content.find((item) => {
    if (item.kind !== MAPPING) return false
    return fieldOf(item, name)?.value === value
  })
}

/**
 * As {@link lookup}, making what is missing: maps on the way, lists before items, and at the end a
 * node of a kind.
 */
export function lookupOrNew(
  node: YamlNode,
  path: readonly string[],
  kind: number,
): YamlNode | undefined {
  const parts = path.map((part) => part.trim()).filter((part) => part !== '')
  let at: YamlNode | undefined = node
  for (const [i, part] of parts.entries()) {
    if (at === undefined) return undefined
    if (clampIndex(part) !== undefined || part === '-' || part === '*') at = step(at, part)
    else if (isListPart(part)) at = itemOrNew(at, part)
    else at = fieldOrNew(at, part, kindBefore(parts[i + 1], kind))
  }
  return at
}

/** The kind of node that a part of a path needs to stand on. */
export function kindBefore(next: string | undefined, last: number): number {
  if (next === undefined || next === '') return last
  const index = clampIndex(next)
  return isListPart(next) || (index !== undefined && index >= 0) ? SEQUENCE : MAPPING
}

function itemOrNew(list: YamlNode, part: string): YamlNode | undefined {
  const { name, value } = splitListPart(part)
  demandKind(list, SEQUENCE)
  const found = isNull(list) ? undefined : findItem(list, name, value)
  if (found !== undefined) return found
  const item = newItem(name, value)
  addYaml(list, item)
  return item
}

/** An item for `[name=value]`. */
export function newItem(name: string, value: string): YamlNode {
  if (name === '') return scalarNode(value)
  const item = yamlNode(MAPPING, '', '')
  item.content.push(scalarNode(name), yamlNode(SCALAR, '', value))
  return item
}

/** Sets a text at the end of a path of maps, making them. */
export function setAt(node: YamlNode, path: readonly string[], value: YamlNode): void {
  const parent = lookupOrNew(node, path.slice(0, -1), MAPPING)
  if (parent !== undefined) setField(parent, path.at(-1) ?? '', value)
}
