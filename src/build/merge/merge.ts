import { compareText } from '../../base/index.ts'
import { MAPPING, NONE, SCALAR, SEQUENCE, type YamlNode, yamlNode } from '../../object/index.ts'
import { demandKind, fieldOf, fieldText, isNull, setField } from '../model/node.ts'
import type { Definitions } from './definitions.ts'
import { directiveOf } from './directive.ts'
import { mergeAssociative } from './lists.ts'
import type { MaybeNode, MergeAt, Merged } from './merge-types.ts'
import { mergeKeys, type SchemaAt, schemaField, schemaOf } from './schema.ts'

const NOTHING: Merged = { node: undefined }

/**
 * Applies a strategic merge patch to a document, in place; answers undefined when the patch deletes
 * it. The patch is used up: parts of it become parts of the result.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/merge2/merge2.go, yaml/walk
 */
export function mergePatch(dest: YamlNode, patch: YamlNode, definitions: Definitions): MaybeNode {
  return mergeNodes(dest, patch, { definitions, schema: undefined, merge: mergeNodes }).node
}

/** Merges two nodes, either of which may be missing. */
function mergeNodes(dest: MaybeNode, patch: MaybeNode, at: MergeAt): Merged {
  const schema = at.schema ?? schemaBelow(dest, at) ?? schemaBelow(patch, at)
  const here = { ...at, schema }
  switch (kindOf(dest, patch)) {
    case MAPPING:
      demandAll(dest, patch, MAPPING)
      return mergeMaps(dest, patch, here)
    case SEQUENCE:
      demandAll(dest, patch, SEQUENCE)
      return mergeLists(dest, patch, here)
    case SCALAR:
      demandAll(dest, patch, SCALAR)
      return { node: patch ?? dest }
    default:
      return mergeMaps(dest, patch, here)
  }
}

function kindOf(dest: MaybeNode, patch: MaybeNode): number {
  if (dest !== undefined && !isNull(dest)) return dest.kind
  return patch === undefined || isNull(patch) ? NONE : patch.kind
}

function demandAll(dest: MaybeNode, patch: MaybeNode, kind: number): void {
  if (dest !== undefined) demandKind(dest, kind)
  if (patch !== undefined) demandKind(patch, kind)
}

/** A part that names its own kind brings its schema along. */
function schemaBelow(node: MaybeNode, at: MergeAt): SchemaAt | undefined {
  if (node === undefined || node.kind !== MAPPING) return undefined
  const kind = fieldText(node, 'kind')
  const version = fieldText(node, 'apiVersion')
  if (kind === '' || version === '') return undefined
  return schemaOf(at.definitions, version, kind)
}

function mergeMaps(dest: MaybeNode, patch: MaybeNode, at: MergeAt): Merged {
  const start = startMap(dest, patch)
  const target = start.node
  if (target === undefined || isNull(target)) return start
  for (const name of fieldNames(target, patch)) {
    const old = fieldOf(target, name)
    const schema = schemaField(at.schema, name)
    const merged = mergeNodes(old, fieldOf(patch, name), { ...at, schema })
    setField(target, name, merged.node, {
      keepNull: merged.keepNull === true,
      keyStyle: keyStyleOf(patch, name),
    })
  }
  return { node: target }
}

/** Which of two maps the fields go into: the result of the whole, but for its fields. */
function startMap(dest: MaybeNode, patch: MaybeNode): Merged {
  if (isNull(dest)) {
    if (patch !== undefined && patch.kind === MAPPING && directiveOf(patch) === 'delete')
      return NOTHING
    if (patch === undefined && dest !== undefined && (dest as YamlNode).value !== '')
      return { node: yamlNode(SCALAR, '!!null', (dest as YamlNode).value), keepNull: true }
    return { node: patch }
  }
  if (patch === undefined) return { node: dest }
  if (isNull(patch)) return NOTHING
  const directive = directiveOf(patch)
  if (directive === 'delete') return NOTHING
  return { node: directive === 'replace' ? patch : dest }
}

function fieldNames(target: YamlNode, patch: MaybeNode): string[] {
  const names = new Set<string>()
  for (const node of [target, patch]) {
    if (node?.kind !== MAPPING) continue
    for (let i = 0; i < node.content.length; i += 2) names.add((node.content[i] as YamlNode).value)
  }
  return [...names].sort(compareText)
}

function keyStyleOf(patch: MaybeNode, name: string): number {
  const content = patch?.kind === MAPPING ? patch.content : []
  for (let i = 0; i < content.length; i += 2)
    if ((content[i] as YamlNode).value === name) return (content[i] as YamlNode).style
  return 0
}

function mergeLists(dest: MaybeNode, patch: MaybeNode, at: MergeAt): Merged {
  const keys = mergeKeys(at.schema)
  if (keys === undefined) return { node: patch ?? dest }
  const target = startList(dest, patch)
  if (target === undefined) return NOTHING
  return { node: mergeAssociative({ dest: target, patch, keys, at }) }
}

function startList(dest: MaybeNode, patch: MaybeNode): MaybeNode {
  if (isNull(dest)) return patch
  if (patch === undefined) return dest
  if (isNull(patch)) return undefined
  const directive = directiveOf(patch)
  if (directive === 'delete') return undefined
  return directive === 'replace' ? patch : dest
}
