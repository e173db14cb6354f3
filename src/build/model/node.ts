import {
  addYaml,
  assignYaml,
  DOUBLE,
  MAPPING,
  parseYamlDocument,
  resolveScalar11,
  SCALAR,
  SEQUENCE,
  scalarNode,
  YamlError,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { fail } from '../fault.ts'

/** Says whether there is no node, or one that is null. */
export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || node.tag === '!!null'
}

/** Says whether a node is missing, null, an empty map or an empty list. */
export function isNilOrEmpty(node: YamlNode | undefined): boolean {
  if (isNull(node)) return true
  const { kind, content } = node as YamlNode
  if (kind === MAPPING || kind === SEQUENCE) return content.length === 0
  return kind === 0 && (node as YamlNode).value === ''
}

/** The value of a field; undefined where the node is no map or has no such field. */
export function fieldOf(node: YamlNode | undefined, name: string): YamlNode | undefined {
  if (node === undefined || node.kind !== MAPPING) return undefined
  const { content } = node
  for (let i = 0; i < content.length; i += 2)
    if ((content[i] as YamlNode).value === name) return content[i + 1]
  return undefined
}

/** As {@link fieldOf}, but a node that is neither a map nor null is an error. */
export function getField(node: YamlNode | undefined, name: string): YamlNode | undefined {
  if (isNull(node)) return undefined
  demandKind(node as YamlNode, MAPPING)
  return fieldOf(node, name)
}

/** The text of a scalar field; `''` when it is not there. */
export function fieldText(node: YamlNode | undefined, name: string): string {
  return fieldOf(node, name)?.value ?? ''
}

const KINDS: Readonly<Record<number, string>> = {
  [SEQUENCE]: 'SequenceNode',
  [MAPPING]: 'MappingNode',
  [SCALAR]: 'ScalarNode',
  16: 'AliasNode',
}

/** Fails unless a node is null or of the kind. */
export function demandKind(node: YamlNode, kind: number): void {
  if (node.kind === kind || node.tag === '!!null') return
  fail(`wrong node kind: expected ${KINDS[kind]} but got ${KINDS[node.kind] ?? ''}`)
}

/** Removes the first field of a name. */
export function clearField(node: YamlNode, name: string): YamlNode | undefined {
  if (isNull(node)) return undefined
  demandKind(node, MAPPING)
  const { content } = node
  for (let i = 0; i < content.length; i += 2) {
    if ((content[i] as YamlNode).value !== name) continue
    return content.splice(i, 2)[1]
  }
  return undefined
}

/** How to set a field. */
export interface SetOptions {
  /** A null value is written; otherwise it removes the field. */
  readonly keepNull?: boolean
  /** Style of the key when it is new. */
  readonly keyStyle?: number
}

/**
 * Sets a field; the style of a value that was there stays. Texts that YAML 1.1 would not read as
 * strings are quoted, unless they take the place of something.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/fns.go FieldSetter
 */
export function setField(
  node: YamlNode,
  name: string,
  value: YamlNode | undefined,
  options: SetOptions = {},
): YamlNode | undefined {
  if (name === '') return setSelf(node, value)
  if (value === undefined || (value.tag === '!!null' && options.keepNull !== true)) {
    clearField(node, name)
    return undefined
  }
  quoteIfNeeded(value)
  if (isNull(node)) {
    addYaml(node, keyNode(name, options.keyStyle), value)
    return value
  }
  const field = getField(node, name)
  if (field !== undefined) {
    value.style = field.style
    assignYaml(field, value)
    return field
  }
  addYaml(node, keyNode(name, options.keyStyle), value)
  return value
}

/** A field without a name is the node itself, which must then be a scalar. */
function setSelf(node: YamlNode, value: YamlNode | undefined): YamlNode {
  if (value !== undefined) quoteIfNeeded(value)
  demandKind(node, SCALAR)
  if (value !== undefined) setScalar(node, value)
  return node
}

/** Sets a scalar in place; its style stays. A null value leaves it as it is. */
export function setScalar(node: YamlNode, value: YamlNode): void {
  demandKind(node, SCALAR)
  if (isNull(value)) return
  const style = node.style
  const line = node.line
  const source = node.source
  assignYaml(node, value)
  node.style = style
  node.line = line
  node.source = source
}

function keyNode(name: string, style = 0): YamlNode {
  const key = scalarNode(name)
  key.style = style
  return key
}

function quoteIfNeeded(value: YamlNode): void {
  if (value.kind !== SCALAR || value.style !== 0) return
  if (value.tag !== '!!str' && value.tag !== '') return
  if (isNonString(value.value)) value.style = DOUBLE
}

const SIMPLE = /^[A-Za-z_/][\w./-]*$/

/** Says whether a text without quotes is something else than a string in YAML 1.1. */
export function isNonString(text: string): boolean {
  if (text === '' || text.includes('\n')) return false
  if (SIMPLE.test(text)) return text.length <= 5 && resolveScalar11(text).tag !== '!!str'
  try {
    const node = parseYamlDocument(text)
    if (node === undefined || node.kind !== SCALAR) return true
    return node.style === 0 && resolveScalar11(node.value).tag !== '!!str'
  } catch (error) {
    if (error instanceof YamlError) return false
    throw error
  }
}

/** The field of a name, made as an empty node of a kind when it is missing. */
export function fieldOrNew(node: YamlNode, name: string, kind: number): YamlNode | undefined {
  if (isNull(node)) return undefined
  return getField(node, name) ?? setField(node, name, yamlNode(kind, '', ''))
}

/** `metadata` of a resource, when there is something in it. */
export function metadataOf(node: YamlNode): YamlNode | undefined {
  const metadata = fieldOf(node, 'metadata')
  return isNilOrEmpty(metadata) ? undefined : metadata
}

/** A text in the metadata of a resource. */
export function metaText(node: YamlNode, name: string): string {
  return textIn(metadataOf(node), name)
}

/** A text in a map; `''` where it is missing, null or empty. */
export function textIn(map: YamlNode | undefined, name: string): string {
  const value = fieldOf(map, name)
  return value === undefined || isNilOrEmpty(value) ? '' : value.value
}

/** `labels` or `annotations` of a resource as texts, whatever the types of their values. */
export function metaMap(node: YamlNode, name: string): Map<string, string> {
  const result = new Map<string, string>()
  const content = fieldOf(metadataOf(node), name)?.content ?? []
  if (content.length % 2 === 1) fail(`runtime error: metadata.${name} is a list, not a map`)
  for (let i = 0; i + 1 < content.length; i += 2)
    result.set((content[i] as YamlNode).value, (content[i + 1] as YamlNode).value)
  return result
}
