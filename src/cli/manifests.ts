import {
  isArray,
  isKubeObject,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseYaml,
} from '../object/index.ts'
import type { Side } from './flux-beside.ts'

/** The namespace that the shipped manifests are written for. */
export const DEFAULT_NAMESPACE = 'flux-system'

/** What Tidegate's own objects are known by, beside CRDs and the namespace. */
export const OWN_LABEL = 'app.kubernetes.io/name=tidegate'

/** How the shipped manifests are changed before they are applied. */
export interface ManifestOptions {
  readonly namespace: string
  readonly sides: readonly Side[]
}

/** Reads install.yaml for a namespace and the sides that are to run. */
export function readManifests(text: string, options: ManifestOptions): readonly KubeObject[] {
  const objects = parseYaml(text, 'install.yaml').filter((each) => isKubeObject(each))
  return objects.map((object) => withSides(inNamespace(object, options.namespace), options.sides))
}

/** Says whether an object belongs to the API, which outlives a controller. */
export function isShared(object: KubeObject): boolean {
  return object.kind === 'CustomResourceDefinition' || object.kind === 'Namespace'
}

/** Fields whose value is the namespace, wherever they stand. */
const NAMESPACE_FIELDS = ['namespace', 'app.kubernetes.io/instance']

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  if (namespace === DEFAULT_NAMESPACE) return object
  const renamed = renameIn(object as unknown as JsonObject, namespace) as unknown as KubeObject
  if (object.kind !== 'Namespace') return renamed
  return { ...renamed, metadata: { ...renamed.metadata, name: namespace } }
}

function renameIn(value: Json, namespace: string): Json {
  if (isArray(value)) return value.map((item) => renameIn(item, namespace))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]): [string, Json] => {
      const named = NAMESPACE_FIELDS.includes(key) && item === DEFAULT_NAMESPACE
      return [key, named ? namespace : renameIn(item ?? null, namespace)]
    }),
  )
}

function withSides(object: KubeObject, sides: readonly Side[]): KubeObject {
  if (object.kind !== 'Deployment' || sides.length === 2) return object
  const argument = `--controllers=${sides.join(',')}`
  const add = (value: Json): Json => {
    if (isArray(value)) return value.map(add)
    if (!isObject(value)) return value
    const fields = Object.entries(value).map(([key, item]): [string, Json] => {
      const isArguments = key === 'args' && isArray(item)
      return [key, isArguments ? [...item, argument] : add(item ?? null)]
    })
    return Object.fromEntries(fields)
  }
  return add(object as unknown as JsonObject) as unknown as KubeObject
}
