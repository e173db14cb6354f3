import { Fault } from '../../base/index.ts'
import {
  applyJsonPatch,
  assignYaml,
  isArray,
  isObject,
  type Json,
  type JsonPatchOp,
  jsonOf,
  MAPPING,
  YamlError,
  type YamlValue,
  yamlValue,
} from '../../object/index.ts'
import { BuildFault, fail } from '../fault.ts'
import { readConfigValue } from '../load/kustomization-file.ts'
import { clearField, fieldOf, fieldOrNew, isNilOrEmpty } from '../model/node.ts'
import type { Resource } from '../model/resource.ts'
import { nodeOfValue } from '../model/value.ts'

/**
 * Reads a JSON patch: what begins with a bracket is JSON, anything else YAML.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/patchjson6902/patchjson6902.go
 */
export function readJsonPatch(text: string): readonly JsonPatchOp[] {
  if (text === '') fail('empty json patch operations')
  const value = text.startsWith('[') ? parseJson(text) : readConfigValue(text, '')
  if (value === null) return []
  if (!isArray(value))
    fail(
      `json: cannot unmarshal ${isObject(value) ? 'object' : typeof value} into Go value of type jsonpatch.Patch`,
    )
  for (const operation of value)
    if (!isObject(operation) && operation !== null)
      fail(`json: cannot unmarshal ${typeof operation} into Go value of type jsonpatch.Operation`)
  return value.map((operation) => (operation ?? {}) as unknown as JsonPatchOp)
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** Applies a JSON patch to a resource, which goes through JSON on the way. */
export function patchWithJson(resource: Resource, operations: readonly JsonPatchOp[]): void {
  const { node } = resource
  const marked = markAnnotations(resource)
  let value: YamlValue
  try {
    value = applyJsonPatch(jsonOf(yamlValue(node, { lenient: false })), operations) as YamlValue
  } catch (error) {
    if (error instanceof BuildFault || !(error instanceof Fault || error instanceof YamlError))
      throw error
    throw new BuildFault(error.message, {
      at: { file: resource.file, line: node.line },
      cause: error,
    })
  }
  const { line, source } = node
  assignYaml(node, nodeOfValue(value))
  node.line = line
  node.source = source
  if (marked) unmarkAnnotations(resource)
}

/** Kustomize keeps notes in annotations, so that the map is there whenever there are notes. */
function markAnnotations(resource: Resource): boolean {
  if (resource.previous.length === 0 && resource.behavior === 'unspecified' && !resource.needsHash)
    return false
  const metadata = fieldOf(resource.node, 'metadata')
  if (metadata?.kind !== MAPPING || fieldOf(metadata, 'annotations') !== undefined) return false
  fieldOrNew(metadata, 'annotations', MAPPING)
  return true
}

function unmarkAnnotations(resource: Resource): void {
  const metadata = fieldOf(resource.node, 'metadata')
  if (metadata !== undefined && isNilOrEmpty(fieldOf(metadata, 'annotations')))
    clearField(metadata, 'annotations')
}
