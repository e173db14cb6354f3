import { joinPath } from '../../base/index.ts'
import {
  addYaml,
  encodeYaml,
  MAPPING,
  parseYamlDocument,
  SEQUENCE,
  scalarNode,
  stringNode,
  type YamlNode,
  yamlNode,
} from '../../object/index.ts'
import { parseRemote } from '../load/remote.ts'
import { fieldText, metaMap, metaText } from '../model/node.ts'
import { type Resource, setMetaMap } from '../model/resource.ts'

/** Annotation that says where a resource came from. */
export const ORIGIN = 'config.kubernetes.io/origin'
/** Annotation that says what changed it. */
export const TRANSFORMATIONS = 'alpha.config.kubernetes.io/transformations'

/** Where something came from, as `buildMetadata` shows it. */
export interface Origin {
  readonly path?: string
  readonly repo?: string
  readonly ref?: string
  readonly configuredIn?: string
  readonly configuredBy?: {
    readonly apiVersion: string
    readonly kind: string
    readonly name?: string
    readonly namespace?: string
  }
}

/** One step further down: a file or directory named in a kustomization. */
export function originBelow(origin: Origin, location: string): Origin {
  const remote = parseRemote(location)
  if (remote === undefined) return { ...origin, path: joined(origin.path ?? '', location) }
  return { repo: remote.address, ...(remote.ref ? { ref: remote.ref } : {}), path: remote.path }
}

function joined(base: string, location: string): string {
  return joinPath(base, location)
}

/** Origin of what a built-in generator or transformer of a kustomization makes. */
export function builtinOrigin(origin: Origin, fileName: string, kind: string): Origin {
  const { repo, ref } = origin
  return {
    ...(repo ? { repo } : {}),
    ...(ref ? { ref } : {}),
    configuredIn: joined(origin.path ?? '', fileName),
    configuredBy: { apiVersion: 'builtin', kind },
  }
}

function originNode(origin: Origin): YamlNode {
  const node = yamlNode(MAPPING, '!!map', '')
  for (const field of ['path', 'repo', 'ref', 'configuredIn'] as const)
    if (origin[field]) node.content.push(scalarNode(field), stringNode(origin[field]))
  const by = origin.configuredBy
  if (by === undefined) return node
  const inner = yamlNode(MAPPING, '!!map', '')
  for (const field of ['apiVersion', 'kind', 'name', 'namespace'] as const)
    if (by[field]) inner.content.push(scalarNode(field), stringNode(by[field]))
  node.content.push(scalarNode('configuredBy'), inner)
  return node
}

/** Writes an origin on a resource. */
export function setOrigin(resource: Resource, origin: Origin): void {
  const annotations = metaMap(resource.node, 'annotations')
  setMetaMap(resource.node, 'annotations', annotations.set(ORIGIN, encodeYaml(originNode(origin))))
}

/** The origin written on a resource. */
export function originOf(resource: Resource): Origin | undefined {
  const text = metaMap(resource.node, 'annotations').get(ORIGIN)
  if (text === undefined) return undefined
  const node = parseYamlDocument(text)
  const origin: Record<string, string> = {}
  for (const field of ['path', 'repo', 'ref', 'configuredIn'])
    if (fieldText(node, field) !== '') origin[field] = fieldText(node, field)
  return origin
}

/** Origin of what a generator or transformer in a file of its own makes. */
export function pluginOrigin(resource: Resource): Origin | undefined {
  const origin = originOf(resource)
  if (origin === undefined) return undefined
  const { repo, ref, path } = origin
  const { node } = resource
  const name = metaText(node, 'name')
  const namespace = metaText(node, 'namespace')
  return {
    ...(repo ? { repo } : {}),
    ...(ref ? { ref } : {}),
    ...(path ? { configuredIn: path } : {}),
    configuredBy: {
      apiVersion: fieldText(node, 'apiVersion'),
      kind: fieldText(node, 'kind'),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
    },
  }
}

/** Notes on all resources that a transformer has run; one without an origin was made by it. */
export function noteTransformation(resources: readonly Resource[], origin: Origin): void {
  for (const resource of resources) {
    const annotations = metaMap(resource.node, 'annotations')
    if (!annotations.has(ORIGIN)) {
      setOrigin(resource, origin)
      continue
    }
    const text = annotations.get(TRANSFORMATIONS)
    const list =
      (text === undefined ? undefined : parseYamlDocument(text)) ?? yamlNode(SEQUENCE, '!!seq', '')
    addYaml(list, originNode(origin))
    setMetaMap(resource.node, 'annotations', annotations.set(TRANSFORMATIONS, encodeYaml(list)))
  }
}
