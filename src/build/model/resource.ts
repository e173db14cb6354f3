import { compareText } from '../../base/index.ts'
import { MAPPING, scalarNode, stringNode, type YamlNode, yamlNode } from '../../object/index.ts'
import {
  type BuildGvk,
  effectiveNamespace,
  idKeyOf,
  type ResId,
  type Scopes,
  splitVersion,
} from './ids.ts'
import { clearField, fieldOf, fieldOrNew, fieldText, metadataOf, setField, textIn } from './node.ts'

/** A name, namespace and kind that a resource had before a transformer changed them. */
export interface PreviousId {
  readonly name: string
  readonly namespace: string
  readonly kind: string
}

/** What a generated resource does to one that is there already. */
export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge'

/**
 * A resource on its way through a build: its document and what kustomize keeps in annotations of
 * its own until the end.
 */
export interface Resource {
  readonly node: YamlNode
  previous: readonly PreviousId[]
  prefixes: readonly string[]
  suffixes: readonly string[]
  behavior: Behavior
  needsHash: boolean
  /** A patch that may change the name, or the kind, of what it is applied to. */
  mayRename: boolean
  mayChangeKind: boolean
  varNames: string[]
  /** File it was read from; `''` for a generated one. */
  readonly file: string
}

/** Wraps a document. */
export function makeResource(node: YamlNode, file: string): Resource {
  return {
    node,
    previous: [],
    prefixes: [],
    suffixes: [],
    behavior: 'unspecified',
    needsHash: false,
    mayRename: false,
    mayChangeKind: false,
    varNames: [],
    file,
  }
}

const gvks = new Map<string, BuildGvk>()

/** Group, version and kind. */
export function gvkOfNode(node: YamlNode): BuildGvk {
  const apiVersion = fieldText(node, 'apiVersion')
  const kind = fieldText(node, 'kind')
  const key = `${apiVersion} ${kind}`
  let gvk = gvks.get(key)
  if (gvk === undefined) {
    gvk = { ...splitVersion(apiVersion), kind }
    if (gvks.size > MAX_KINDS) gvks.clear()
    gvks.set(key, gvk)
  }
  return gvk
}

/** Most kinds that are remembered. */
const MAX_KINDS = 10_000

/** The id as it is now. */
export function currentId(resource: Resource): ResId {
  const { node } = resource
  const { group, version, kind } = gvkOfNode(node)
  const metadata = metadataOf(node)
  return {
    group,
    version,
    kind,
    name: textIn(metadata, 'name'),
    namespace: textIn(metadata, 'namespace'),
  }
}

/** All ids from the first to the one before the current. */
export function previousIds(resource: Resource): ResId[] {
  if (resource.previous.length === 0) return []
  const { group, version } = gvkOfNode(resource.node)
  return resource.previous.map((each) => ({ group, version, ...each }))
}

/** The id that the resource had first. */
export function originalId(resource: Resource): ResId {
  const [first] = resource.previous
  if (first === undefined) return currentId(resource)
  const { group, version } = gvkOfNode(resource.node)
  return { group, version, ...first }
}

/** Remembers the id before a change. */
export function storePreviousId(resource: Resource, scopes: Scopes | undefined): void {
  const id = currentId(resource)
  const namespace = effectiveNamespace(id, scopes)
  resource.previous = [...resource.previous, { name: id.name, namespace, kind: id.kind }]
}

/** Keys of all ids, for look-ups. */
export function anyIdKeys(resource: Resource, scopes: Scopes | undefined): string[] {
  const ids = [...previousIds(resource), currentId(resource)]
  return [...new Set(ids.map((id) => idKeyOf(id, scopes)))]
}

/** Sets `metadata.name`. */
export function setName(node: YamlNode, name: string): void {
  setMetaText(node, 'name', name)
}

/** Sets `metadata.namespace`, or removes it. */
export function setNamespace(node: YamlNode, namespace: string): void {
  if (namespace !== '') {
    setMetaText(node, 'namespace', namespace)
    return
  }
  const metadata = fieldOf(node, 'metadata')
  if (metadata !== undefined) clearField(metadata, 'namespace')
}

function setMetaText(node: YamlNode, name: string, value: string): void {
  const metadata = fieldOrNew(node, 'metadata', MAPPING)
  if (metadata !== undefined) setField(metadata, name, scalarNode(value))
}

/** Sets `labels` or `annotations` as a whole: strings, sorted; an empty map removes the field. */
export function setMetaMap(node: YamlNode, name: string, map: ReadonlyMap<string, string>): void {
  const metadata = fieldOrNew(node, 'metadata', MAPPING)
  if (metadata === undefined) return
  clearField(metadata, name)
  if (map.size === 0) return
  const field = setField(metadata, name, yamlNode(MAPPING, '', '')) as YamlNode
  for (const key of [...map.keys()].sort(compareText))
    setField(field, key, stringNode(map.get(key) ?? ''))
}
