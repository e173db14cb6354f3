import {
  encodeYaml,
  jsonOf,
  type KubeObject,
  MAPPING,
  parseYamlDocument,
  printValue,
  YamlError,
  type YamlNode,
  type YamlValue,
  yamlValue,
} from '../object/index.ts'
import { BuildFault, fail } from './fault.ts'
import { demandMetadata } from './load/documents.ts'
import type { Kustomization } from './load/kustomization.ts'
import { fieldOf, fieldText, isNilOrEmpty, metadataOf, metaMap, metaText } from './model/node.ts'
import type { ResMap } from './model/res-map.ts'
import { type Resource, setMetaMap } from './model/resource.ts'
import { ORIGIN, TRANSFORMATIONS } from './plugin/origin.ts'
import { addEntries } from './transform/field-lists.ts'

const LOCAL = 'config.kubernetes.io/local-config'

/** Annotations that only mean something within kustomize. */
const INTERNAL = [
  'internal.config.kubernetes.io/previousKinds',
  'internal.config.kubernetes.io/previousNames',
  'internal.config.kubernetes.io/prefixes',
  'internal.config.kubernetes.io/suffixes',
  'internal.config.kubernetes.io/previousNamespaces',
  'internal.config.kubernetes.io/allowNameChange',
  'internal.config.kubernetes.io/allowKindChange',
  'internal.config.kubernetes.io/refBy',
  'internal.config.kubernetes.io/generatorBehavior',
  'internal.config.kubernetes.io/needsHashSuffix',
  'internal.config.kubernetes.io/path',
  'internal.config.kubernetes.io/index',
  'internal.config.kubernetes.io/seqindent',
  'internal.config.kubernetes.io/id',
  'internal.config.kubernetes.io/annotations-migration-resource-id',
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
  'kustomize.config.k8s.io/helm-generated',
]

/** Drops resources that are only for local use. */
export function dropLocal(map: ResMap): void {
  map.list = map.list.filter((resource) => {
    if (isNilOrEmpty(resource.node)) return false
    demandMetadata(resource.node, resource.file)
    const mark = metaMap(resource.node, 'annotations').get(LOCAL)
    return mark === undefined || mark === 'false'
  })
  map.touch()
}

/** Adds the label of who manages the resources. */
export function addManagedBy(map: ResMap): void {
  const place = { group: '', version: '', kind: '', path: 'metadata/labels', create: true }
  addEntries(map.list, { 'app.kubernetes.io/managed-by': 'kustomize-v5.8.1' }, [place])
}

/** Takes away what is not for the outside; annotations become strings on the way. */
export function cleanAnnotations(map: ResMap, kustomization: Kustomization): void {
  const metadata = kustomization.buildMetadata ?? []
  const drop = [...INTERNAL]
  if (!metadata.includes('originAnnotations')) drop.push(ORIGIN)
  if (!metadata.includes('transformerAnnotations')) drop.push(TRANSFORMATIONS)
  const keepsAll = drop.length === INTERNAL.length
  for (const { node } of map.list) {
    const annotations = metaMap(node, 'annotations')
    const isBare = fieldOf(node, 'metadata') === undefined
    if (annotations.size === 0 && (keepsAll || !(isBare || hasAnnotations(node)))) continue
    for (const name of drop) annotations.delete(name)
    setMetaMap(node, 'annotations', annotations)
  }
}

function hasAnnotations(node: YamlNode): boolean {
  const content = metadataOf(node)?.content ?? []
  return content.some((key, i) => i % 2 === 0 && key.value === 'annotations')
}

/** The values of all resources. */
export function valuesOf(map: ResMap): YamlValue[] {
  return map.list.map((resource) => {
    try {
      return yamlValue(resource.node, { lenient: false })
    } catch (error) {
      if (!(error instanceof YamlError)) throw error
      throw unprintable(error, resource)
    }
  })
}

/** Before these words kustomize prints the object, of which nothing is there yet. */
const UNDECODED = /^yaml: (?:line \d+: )?(?=cannot decode|!!binary|invalid map key: )/

function unprintable(error: YamlError, resource: Resource): BuildFault {
  const { node, file } = resource
  const line = error.line > 0 ? error.line : node.line
  const object = `${fieldText(node, 'kind')}/${metaText(node, 'name')}`
  const repeated = repeatedKeys(parseYamlDocument(encodeYaml(node)))
  const words =
    repeated.length === 0
      ? `${error.message.replace(UNDECODED, 'map[string]interface {}(nil): yaml: ')}: ${object}`
      : ['map[string]interface {}(nil): yaml: unmarshal errors:', ...repeated].join('\n  ')
  return new BuildFault(words, { at: { file, line, object }, cause: error })
}

/** Go's lines for keys that occur twice; they count in the text that kustomize makes of the object. */
function repeatedKeys(node: YamlNode | undefined): string[] {
  if (node === undefined) return []
  if (node.kind !== MAPPING) return node.content.flatMap(repeatedKeys)
  const keys = node.content.filter((_, i) => i % 2 === 0)
  const own = keys.flatMap((key, i) =>
    keys
      .slice(i + 1)
      .filter((later) => later.value === key.value && later.kind === key.kind)
      .map(
        ({ line }) =>
          `line ${line}: mapping key ${JSON.stringify(key.value)} already defined at line ${key.line}`,
      ),
  )
  return own.length > 0 ? own : node.content.flatMap(repeatedKeys)
}

/** Documents as the kustomize command prints them. */
export function printAll(values: readonly YamlValue[]): string {
  try {
    return values.map((value) => printValue(value, { keys: 'sorted' })).join('---\n')
  } catch (error) {
    if (error instanceof YamlError) return fail(error.message)
    throw error
  }
}

/** The values as objects. */
export function objectsOf(values: readonly YamlValue[]): KubeObject[] {
  return values.map((value) => jsonOf(value) as unknown as KubeObject)
}
