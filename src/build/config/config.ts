import { compareText } from '../../base/index.ts'
import type { JsonObject } from '../../object/index.ts'
import { fail, within } from '../fault.ts'
import { listOf, type Shape, shape, text } from '../load/shape.ts'
import type { FieldSpec } from '../model/field-spec.ts'
import { type BuildGvk, gvkSortText, isSelected, kindRanks } from '../model/ids.ts'
import { DEFAULT_CONFIG } from './defaults.generated.ts'
import { fieldSpecShape } from './field-spec-shape.ts'

/** Which fields of referrers hold names of resources of a kind. */
export interface NameReference extends BuildGvk {
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Lists of field specs by the transformer that they are for. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
  readonly nameReference: readonly NameReference[]
}

const specs = listOf(fieldSpecShape)
/** Shape of a file in `configurations`. */
export const configShape: Shape = shape({
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  commonAnnotations: specs,
  nameReference: listOf(shape({ group: text, version: text, kind: text, fieldSpecs: specs })),
  varReference: specs,
  images: specs,
  replicas: specs,
})

const LISTS = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonAnnotations',
  'commonLabels',
  'labels',
  'templateLabels',
  'varReference',
  'images',
  'replicas',
] as const

/** A config with nothing in it. */
export const EMPTY_CONFIG: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
}

let defaults: TransformerConfig | undefined

/** What kustomize has built in. */
export function defaultConfig(): TransformerConfig {
  defaults ??= readConfig(DEFAULT_CONFIG)
  return defaults
}

/** A config from the value of a file, sorted. */
export function readConfig(value: JsonObject): TransformerConfig {
  const lists = Object.fromEntries(
    LISTS.map((list) => [list, sortSpecs(readSpecs(value[list]))]),
  ) as unknown as TransformerConfig
  const references = (value['nameReference'] ?? []) as readonly JsonObject[]
  const nameReference = references.map((each) => ({
    ...readGvk(each),
    fieldSpecs: readSpecs(each['fieldSpecs']),
  }))
  return { ...lists, nameReference: sortByKind(nameReference) }
}

/** Field specs from their value in a file. */
export function readSpecs(value: unknown): FieldSpec[] {
  return ((value ?? []) as readonly JsonObject[]).map((each) => ({
    ...readGvk(each),
    path: String(each['path'] ?? ''),
    create: each['create'] === true,
  }))
}

function readGvk(value: JsonObject): BuildGvk {
  return {
    group: String(value['group'] ?? ''),
    version: String(value['version'] ?? ''),
    kind: String(value['kind'] ?? ''),
  }
}

const ranks = kindRanks()

function sortByKind<T extends BuildGvk>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => {
    const rank = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0)
    return rank === 0 ? compareText(gvkSortText(a), gvkSortText(b)) : rank
  })
}

function sortSpecs(list: readonly FieldSpec[]): FieldSpec[] {
  return sortByKind(list)
}

const TITLES: Readonly<Record<(typeof LISTS)[number], string>> = {
  namePrefix: 'NamePrefix',
  nameSuffix: 'NameSuffix',
  namespace: 'NameSpace',
  commonLabels: 'CommonLabels',
  labels: 'Labels',
  templateLabels: 'TemplateLabels',
  commonAnnotations: 'CommonAnnotations',
  varReference: 'VarReference',
  images: 'Images',
  replicas: 'Replicas',
}

/**
 * One config over another. The same field with other `create` is an error.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/plugins/builtinconfig/transformerconfig.go Merge
 */
export function mergeConfig(base: TransformerConfig, more: TransformerConfig): TransformerConfig {
  if (more === base || more === EMPTY_CONFIG) return base
  if (base === EMPTY_CONFIG) return more
  const lists = Object.fromEntries(
    LISTS.map((list) => [
      list,
      within(`failed to merge ${TITLES[list]} fieldSpec`, () =>
        sortSpecs(mergeSpecs(base[list], more[list])),
      ),
    ]),
  ) as unknown as TransformerConfig
  const nameReference = within('failed to merge NameReference fieldSpec', () =>
    sortByKind(more.nameReference.reduce(mergeReference, base.nameReference)),
  )
  return { ...lists, nameReference }
}

function mergeReference(
  list: readonly NameReference[],
  more: NameReference,
): readonly NameReference[] {
  let found = false
  const merged = list.map((each) => {
    if (each.group !== more.group || each.version !== more.version || each.kind !== more.kind)
      return each
    found = true
    return { ...each, fieldSpecs: mergeSpecs(each.fieldSpecs, more.fieldSpecs) }
  })
  return found ? merged : [...merged, more]
}

/** Adds specs that are not there yet. */
export function mergeSpecs(
  list: readonly FieldSpec[],
  more: readonly FieldSpec[],
): readonly FieldSpec[] {
  if (list.length === 0 && more.length <= 1) return more
  const result = [...list]
  const byPath = new Map<string, FieldSpec[]>()
  for (const each of list) remember(byPath, each)
  for (const spec of more) {
    const same = byPath.get(spec.path)?.find((each) => isSelected(each, spec))
    if (same === undefined) {
      result.push(spec)
      remember(byPath, spec)
    } else if (same.create !== spec.create) fail('conflicting fieldspecs')
  }
  return result
}

function remember(byPath: Map<string, FieldSpec[]>, spec: FieldSpec): void {
  const same = byPath.get(spec.path)
  if (same === undefined) byPath.set(spec.path, [spec])
  else same.push(spec)
}
