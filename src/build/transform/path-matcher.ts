import { type GoRegex, goRegex, messageOf } from '../../base/index.ts'
import {
  addYaml,
  encodeYaml,
  MAPPING,
  parseYamlDocument,
  SCALAR,
  SEQUENCE,
  YamlError,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { BuildFault, fail } from '../fault.ts'
import { demandKind, fieldOf, getField, isNull, setField } from '../model/node.ts'
import { clampIndex, isListPart, kindBefore, newItem, splitListPart } from '../model/path.ts'

/**
 * All nodes that a path leads to: names, indexes, `*`, `[name=pattern]`. With a kind, what is
 * missing is made.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/match.go PathMatcher
 */
export function matchPath(node: YamlNode, path: readonly string[], createKind: number): YamlNode[] {
  const [part, ...rest] = path
  if (part === undefined) return [node]
  const index = clampIndex(part)
  const at = { node, rest, createKind }
  if (index !== undefined && index >= 0) return matchIndex(at, index)
  if (isListPart(part)) return matchItems(at, part)
  if (part === '*') {
    demandKind(node, SEQUENCE)
    return node.content.flatMap((item) => matchPath(item, rest, createKind))
  }
  return matchField(at, part)
}

interface At {
  readonly node: YamlNode
  readonly rest: readonly string[]
  readonly createKind: number
}

function matchField({ node, rest, createKind }: At, name: string): YamlNode[] {
  const found = getField(node, name)
  if (found === undefined && createKind === 0) return []
  const field = found ?? yamlNode(kindBefore(rest[0], createKind), '', '')
  if (found === undefined) setField(node, name, field)
  if (field.kind === SCALAR && rest.length > 0) return matchInText(field, rest, createKind)
  return matchPath(field, rest, createKind)
}

/** What a text holds is searched, but nothing found there is written back. */
function matchInText(field: YamlNode, rest: readonly string[], createKind: number): YamlNode[] {
  try {
    const inner = parseYamlDocument(field.value)
    if (inner === undefined) return []
    return matchPath(inner, rest, createKind)
  } catch (error) {
    if (error instanceof YamlError) throw new BuildFault(error.message, { cause: error })
    throw error
  }
}

function matchIndex({ node, rest, createKind }: At, index: number): YamlNode[] {
  demandKind(node, SEQUENCE)
  if (node.content.length === index && createKind !== 0)
    addYaml(node, yamlNode(kindBefore(rest[0], createKind), '', ''))
  const item = node.content[index]
  if (item === undefined)
    fail(`index ${index} specified but only ${node.content.length} elements found`)
  return matchPath(item, rest, createKind)
}

function matchItems(at: At, part: string): YamlNode[] {
  const { name, value } = splitListPart(part)
  const { node, rest, createKind } = at
  demandKind(node, SEQUENCE)
  const pattern = compile(value)
  const search = (): YamlNode[] =>
    name === ''
      ? node.content.filter((item) => pattern.matches(textOf(item)))
      : node.content.flatMap((item) => {
          const field = fieldOf(item, name)
          if (field === undefined || !pattern.matches(textOf(field))) return []
          return matchPath(item, rest, createKind)
        })
  const found = search()
  if (found.length > 0 || createKind === 0) return found
  addYaml(node, newItem(name, value))
  return search()
}

function compile(pattern: string): GoRegex {
  try {
    return goRegex(pattern)
  } catch (error) {
    return fail(messageOf(error))
  }
}

/** A node as it would be written. */
function textOf(node: YamlNode): string {
  if (isNull(node) && node.kind !== MAPPING) return node.value
  return encodeYaml(node).trim()
}
