import { isObject, type Json, type JsonObject, stringAt } from '../../object/index.ts'
import { fail, within } from '../fault.ts'
import { readConfigValue, readJson } from '../load/kustomization-file.ts'
import type { Loaded, Loader } from '../load/loader.ts'
import type { FieldSpec } from '../model/field-spec.ts'
import { EMPTY_CONFIG, mergeConfig, type NameReference, type TransformerConfig } from './config.ts'
import { demandDefinitions } from './open-api-check.ts'

/**
 * Reads OpenAPI definitions of custom resources, whose extensions say which fields hold names,
 * labels and annotations.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/accumulator/loadconfigfromcrds.go
 */
export function configFromCrds(loader: Loader, paths: readonly string[]): TransformerConfig {
  return paths.reduce((config, path) => {
    const loaded = loader.load(path)
    const types = within(
      () => `loading CRDs [${paths.join(' ')}]: unable to parse open API definition from '${path}'`,
      () => demandDefinitions(readTypes(loaded)),
    )
    return Object.keys(types).reduce((merged, name) => {
      const properties = propertiesOf(types, name)
      const isType = ['kind', 'apiVersion', 'metadata'].every((field) =>
        Object.hasOwn(properties, field),
      )
      if (!isType) return merged
      const kind = name.split('.').at(-1) ?? name
      return mergeConfig(merged, readType({ types, kind, name, path: [], seen: [] }))
    }, config)
  }, EMPTY_CONFIG)
}

function readTypes({ bytes, path: file }: Loaded): Json {
  if (bytes.length === 0) fail('runtime error: index out of range [0] with length 0', { file })
  return bytes[0] === 0x7b ? readJson(bytes, file) : readConfigValue(bytes, file)
}

function propertiesOf(types: JsonObject, name: string): JsonObject {
  const type = types[name]
  const schema = isObject(type) ? (type['Schema'] ?? type['schema']) : undefined
  const properties = isObject(schema) ? schema['properties'] : undefined
  return isObject(properties) ? properties : {}
}

interface TypeAt {
  readonly types: JsonObject
  readonly kind: string
  readonly name: string
  readonly path: readonly string[]
  readonly seen: readonly string[]
}

function readType(at: TypeAt): TransformerConfig {
  if (at.seen.includes(at.name) || !Object.hasOwn(at.types, at.name)) return EMPTY_CONFIG
  let config = EMPTY_CONFIG
  for (const [name, property] of Object.entries(propertiesOf(at.types, at.name))) {
    if (!isObject(property)) continue
    const path = [...at.path, name]
    config = mergeConfig(config, readProperty(property, at.kind, path))
    const ref = stringAt(property, '$ref')
    if (ref !== undefined)
      config = mergeConfig(
        config,
        readType({ ...at, name: ref, path, seen: [...at.seen, at.name] }),
      )
  }
  return config
}

function readProperty(
  property: JsonObject,
  kind: string,
  path: readonly string[],
): TransformerConfig {
  const spec = (more: readonly string[]): FieldSpec => ({
    group: '',
    version: '',
    kind,
    path: [...path, ...more].join('/'),
    create: false,
  })
  const has = (name: string): boolean => stringAt(property, name) !== undefined
  const version = stringAt(property, 'x-kubernetes-object-ref-api-version')
  const referred = stringAt(property, 'x-kubernetes-object-ref-kind')
  const key = stringAt(property, 'x-kubernetes-object-ref-name-key') ?? 'name'
  const references: NameReference[] =
    version === undefined || referred === undefined
      ? []
      : [{ group: '', version, kind: referred, fieldSpecs: [spec([key])] }]
  return {
    ...EMPTY_CONFIG,
    commonAnnotations: has('x-kubernetes-annotation') ? [spec([])] : [],
    commonLabels: has('x-kubernetes-label-selector') ? [spec([])] : [],
    namePrefix: has('x-kubernetes-identity') ? [spec([])] : [],
    nameReference: references,
  }
}
