import type { JsonObject } from '../../object/index.ts'
import { fieldSpecShape } from '../config/field-spec-shape.ts'
import { type HelmFields, helmChartsShape, helmGlobalsShape, helmLegacyShape } from './helm.ts'
import { listOf, type Shape, shape, text, textMap, texts } from './shape.ts'

/** Picks resources: kinds, names and namespaces are regular expressions in patches and targets. */
export interface SelectorSpec {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

/** One of `patches`. */
export interface PatchSpec {
  readonly path?: string
  readonly patch?: string
  readonly target?: SelectorSpec
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean }
}

/** One of `images`. */
export interface ImageSpec {
  readonly name?: string
  readonly newName?: string
  readonly tagSuffix?: string
  readonly newTag?: string
  readonly digest?: string
}

/** Options of generators. */
export interface GeneratorOptions {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly disableNameSuffixHash?: boolean
  readonly immutable?: boolean
}

/** One of `configMapGenerator` or `secretGenerator`. */
export interface GeneratorArgs {
  readonly namespace?: string
  readonly name?: string
  readonly behavior?: string
  readonly literals?: readonly string[]
  readonly files?: readonly string[]
  readonly envs?: readonly string[]
  readonly env?: string
  readonly options?: GeneratorOptions
  /** Of Secrets only. */
  readonly type?: string
}

/** How a field path is refined. */
export interface FieldOptions {
  readonly delimiter?: string
  readonly index?: number
  readonly encoding?: string
  readonly create?: boolean
}

/** One of `replacements`, or what a file of them holds. */
export interface ReplacementSpec {
  readonly path?: string
  readonly source?: SelectorSpec & { readonly fieldPath?: string; readonly options?: FieldOptions }
  readonly sourceValue?: string
  readonly targets?: readonly {
    readonly select?: SelectorSpec
    readonly reject?: readonly SelectorSpec[]
    readonly fieldPaths?: readonly string[]
    readonly options?: FieldOptions
  }[]
}

/** One of `labels`. */
export interface LabelSpec {
  readonly pairs?: Readonly<Record<string, string>>
  readonly includeSelectors?: boolean
  readonly includeTemplates?: boolean
  readonly fields?: readonly JsonObject[]
}

/** One of `vars`. */
export interface VarSpec {
  readonly name?: string
  readonly objref?: SelectorSpec & { readonly apiVersion?: string }
  readonly fieldref?: { readonly fieldPath?: string }
}

/** How the output is sorted. */
export interface SortOptions {
  readonly order?: string
  readonly legacySortOptions?: {
    readonly orderFirst?: readonly string[]
    readonly orderLast?: readonly string[]
  }
}

/** A kustomization file. */
export interface Kustomization extends HelmFields {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: JsonObject
  readonly openapi?: Readonly<Record<string, string>>
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly namespace?: string
  readonly commonLabels?: Readonly<Record<string, string>>
  readonly labels?: readonly LabelSpec[]
  readonly commonAnnotations?: Readonly<Record<string, string>>
  readonly patchesStrategicMerge?: readonly string[]
  readonly patchesJson6902?: readonly PatchSpec[]
  readonly patches?: readonly PatchSpec[]
  readonly images?: readonly ImageSpec[]
  readonly imageTags?: readonly ImageSpec[]
  readonly replacements?: readonly ReplacementSpec[]
  readonly replicas?: readonly { readonly name?: string; readonly count?: number }[]
  readonly vars?: readonly VarSpec[]
  readonly sortOptions?: SortOptions
  readonly resources?: readonly string[]
  readonly components?: readonly string[]
  readonly crds?: readonly string[]
  readonly bases?: readonly string[]
  readonly configMapGenerator?: readonly GeneratorArgs[]
  readonly secretGenerator?: readonly GeneratorArgs[]
  readonly generatorOptions?: GeneratorOptions
  readonly configurations?: readonly string[]
  readonly generators?: readonly string[]
  readonly transformers?: readonly string[]
  readonly validators?: readonly string[]
  readonly buildMetadata?: readonly string[]
}

const selectorFields: Readonly<Record<string, Shape>> = {
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  labelSelector: text,
  annotationSelector: text,
}
const GVK_IN_ID = { group: 'ResId.Gvk', version: 'ResId.Gvk', kind: 'ResId.Gvk' }
const ID = { ...GVK_IN_ID, name: 'ResId', namespace: 'ResId' }
/** Shape of a selector. */
export const selectorShape: Shape = shape(selectorFields, 'Selector', ID)
/** Shape of the options of a patch. */
export const patchOptionsShape: Shape = shape(
  { allowNameChange: 'bool', allowKindChange: 'bool' },
  'PatchArgs',
)
const patchShape = shape(
  { path: text, patch: text, target: selectorShape, options: patchOptionsShape },
  'Patch',
)
/** Shape of an image. */
export const imageShape: Shape = shape(
  { name: text, newName: text, tagSuffix: text, newTag: text, digest: text },
  'Image',
)
/** Shape of generator options. */
export const generatorOptionsShape: Shape = shape(
  { labels: textMap, annotations: textMap, disableNameSuffixHash: 'bool', immutable: 'bool' },
  'GeneratorOptions',
)
/** Fields of the arguments of a generator. */
export const generatorFields: Readonly<Record<string, Shape>> = {
  namespace: text,
  name: text,
  behavior: text,
  literals: texts,
  files: texts,
  envs: texts,
  env: text,
  options: generatorOptionsShape,
}
/** Go's embedded structs of the arguments of a generator. */
const ARGS = {
  namespace: 'GeneratorArgs',
  name: 'GeneratorArgs',
  behavior: 'GeneratorArgs',
  options: 'GeneratorArgs',
  literals: 'GeneratorArgs.KvPairSources',
  files: 'GeneratorArgs.KvPairSources',
  envs: 'GeneratorArgs.KvPairSources',
  env: 'GeneratorArgs.KvPairSources',
}
const optionsShape = shape(
  { delimiter: text, index: 'int', encoding: text, create: 'bool' },
  'FieldOptions',
)
const { labelSelector: _, annotationSelector: __, ...idFields } = selectorFields
const sourceShape = shape(
  { ...idFields, fieldPath: text, options: optionsShape },
  'SourceSelector',
  ID,
)
const targetShape = shape(
  {
    select: selectorShape,
    reject: listOf(selectorShape),
    fieldPaths: texts,
    options: optionsShape,
  },
  'TargetSelector',
)
/** Shape of a replacement. */
export const replacementShape: Shape = shape(
  { path: text, source: sourceShape, sourceValue: text, targets: listOf(targetShape) },
  'ReplacementField',
  { source: 'Replacement', sourceValue: 'Replacement', targets: 'Replacement' },
)
/** Shape of a replica count. */
export const replicaShape: Shape = shape({ name: text, count: 'int64' }, 'Replica')
/** Shape of `sortOptions`. */
export const sortOptionsShape: Shape = shape(
  {
    order: text,
    legacySortOptions: shape({ orderFirst: texts, orderLast: texts }, 'LegacySortOptions'),
  },
  'SortOptions',
)
/** Shape of object metadata in configurations. */
export const metaShape: Shape = shape(
  { name: text, namespace: text, labels: textMap, annotations: textMap },
  'ObjectMeta',
)
const varShape = shape(
  {
    name: text,
    objref: shape({ apiVersion: text, ...idFields }, 'Target', {
      group: 'Gvk',
      version: 'Gvk',
      kind: 'Gvk',
    }),
    fieldref: shape({ fieldPath: text }, 'FieldSelector'),
  },
  'Var',
)
const labelShape = shape(
  {
    pairs: textMap,
    includeSelectors: 'bool',
    includeTemplates: 'bool',
    fields: listOf(fieldSpecShape),
  },
  'Label',
)

/** Shape of a kustomization file. */
export const kustomizationShape: Shape = shape(
  {
    apiVersion: text,
    kind: text,
    metadata: metaShape,
    openapi: textMap,
    namePrefix: text,
    nameSuffix: text,
    namespace: text,
    commonLabels: textMap,
    labels: listOf(labelShape),
    commonAnnotations: textMap,
    patchesStrategicMerge: texts,
    patchesJson6902: listOf(patchShape),
    patches: listOf(patchShape),
    images: listOf(imageShape),
    imageTags: listOf(imageShape),
    replacements: listOf(replacementShape),
    replicas: listOf(replicaShape),
    vars: listOf(varShape),
    sortOptions: sortOptionsShape,
    resources: texts,
    components: texts,
    crds: texts,
    bases: texts,
    configMapGenerator: listOf(shape(generatorFields, 'ConfigMapArgs', ARGS)),
    secretGenerator: listOf(shape({ ...generatorFields, type: text }, 'SecretArgs', ARGS)),
    helmGlobals: helmGlobalsShape,
    helmCharts: helmChartsShape,
    helmChartInflationGenerator: helmLegacyShape,
    generatorOptions: generatorOptionsShape,
    configurations: texts,
    generators: texts,
    transformers: texts,
    validators: texts,
    buildMetadata: texts,
  },
  'Kustomization',
  { apiVersion: 'TypeMeta', kind: 'TypeMeta' },
)
