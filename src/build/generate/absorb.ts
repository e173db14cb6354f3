import { isUtf8 } from 'node:buffer'
import { compareText } from '../../base/index.ts'
import { MAPPING, type YamlNode } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { resIdText } from '../model/ids.ts'
import { clearField, fieldOf, fieldOrNew, metaMap, metaText, setField } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, type Resource, setMetaMap, setName, setNamespace } from '../model/resource.ts'
import { textNode } from './generate.ts'

const ORIGIN = 'config.kubernetes.io/origin'

/**
 * Takes a generated resource in: a new one, or by its behavior in the place of one with its id.
 * @see sigs.k8s.io/kustomize/api v0.21.1 resmap/reswrangler.go appendReplaceOrMerge
 */
export function absorb(map: ResMap, resource: Resource): void {
  const id = currentId(resource)
  const matches = map.byAnyId(id)
  const { behavior } = resource
  if (matches.length > 1) fail(`found multiple objects that could accept merge of ${resIdText(id)}`)
  const [old] = matches
  if (old === undefined) {
    if (behavior === 'merge' || behavior === 'replace')
      fail(`id ${resIdText(id)} does not exist; cannot merge or replace`)
    map.append(resource)
    return
  }
  if (behavior !== 'merge' && behavior !== 'replace')
    fail(
      `id ${resIdText(id)} exists; can not use behavior: '${behavior}', behavior must be merge or replace`,
    )
  takeMetadata(resource, old)
  if (behavior === 'merge') mergeContent(resource, old)
  map.replace(old, resource)
}

function takeMetadata(resource: Resource, old: Resource): void {
  const { node } = resource
  const hadAnnotations = metaMap(node, 'annotations')
  setMetaMap(node, 'labels', union(metaMap(old.node, 'labels'), metaMap(node, 'labels')))
  setMetaMap(node, 'annotations', union(metaMap(old.node, 'annotations'), hadAnnotations))
  setName(node, metaText(old.node, 'name'))
  setNamespace(node, metaText(old.node, 'namespace'))
  resource.previous = old.previous
  resource.prefixes = old.prefixes
  resource.suffixes = old.suffixes
  resource.needsHash = resource.needsHash && old.needsHash
  resource.varNames = [...old.varNames]
  resource.behavior = old.behavior
}

function mergeContent(resource: Resource, old: Resource): void {
  const origin = metaMap(old.node, 'annotations').get(ORIGIN)
  for (const field of ['data', 'binaryData']) {
    const merged = union(dataOf(old.node, field), dataOf(resource.node, field))
    clearField(resource.node, field)
    for (const key of [...merged.keys()].sort(compareText))
      setData({ node: resource.node, field, key, value: merged.get(key) ?? '' })
  }
  if (origin === undefined) return
  setMetaMap(
    resource.node,
    'annotations',
    new Map(metaMap(resource.node, 'annotations')).set(ORIGIN, origin),
  )
}

function setData(entry: {
  readonly node: YamlNode
  readonly field: string
  readonly key: string
  readonly value: string
}): void {
  const { node, field, key, value } = entry
  const target = isUtf8(Buffer.from(value)) ? field : 'binaryData'
  const map = fieldOrNew(node, target, MAPPING)
  if (map !== undefined) setField(map, key, textNode(value))
}

function dataOf(node: YamlNode, field: string): Map<string, string> {
  const map = fieldOf(node, field)
  const result = new Map<string, string>()
  if (map?.kind !== MAPPING) return result
  for (let i = 0; i + 1 < map.content.length; i += 2) {
    const value = map.content[i + 1] as YamlNode
    result.set((map.content[i] as YamlNode).value, value.tag === '!!null' ? '' : value.value)
  }
  return result
}

function union(
  base: ReadonlyMap<string, string>,
  more: ReadonlyMap<string, string>,
): Map<string, string> {
  return new Map([...base, ...more])
}
