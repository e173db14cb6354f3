import type { JsonObject, KubeObject } from '../object/index.ts'

/** A column of a table: name, type, format, priority, description; custom kinds add a JSON path. */
export type ColumnTuple = readonly [
  name: string,
  type: string,
  format: string,
  priority: number,
  description: string,
]

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly format: string
  readonly priority: number
  readonly description: string
  /** Of a custom kind: where the cell is read from. */
  readonly jsonPath?: string
}

/** A part of a resource with a URL of its own. */
export interface Subresource {
  readonly name: string
  readonly verbs: readonly string[]
  /** What it speaks, where that is not the kind itself. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string }
}

/** One line of the generated table of what Kubernetes serves by itself. */
export interface BuiltinKind {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  /** Absent: all eight. */
  readonly verbs?: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly Subresource[]
  /** The storage version hash that discovery tells. */
  readonly hash?: string
  readonly columns?: readonly ColumnTuple[]
}

/** One kind as it is served in one version: what routing, verbs, discovery and tables go by. */
export interface Kind {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly Subresource[]
  readonly columns: readonly Column[]
  readonly hash: string
  /** Where objects lie in the store; versions and twins (events) of one thing share it. */
  readonly table: string
  /** The apiVersion that objects are stored in. */
  readonly storedAs: string
  /** How objects of a custom kind are pruned, defaulted and checked; absent for built-in kinds. */
  readonly custom?: CustomKind
}

/** A webhook that converts custom objects. */
export interface Conversion {
  readonly clientConfig: JsonObject
  /** Versions of reviews that it understands. */
  readonly reviewVersions: readonly string[]
}

/** What a CRD says about one version of its kind, compiled. */
export interface CustomKind {
  readonly crdName: string
  readonly hasStatus: boolean
  /** Served with a warning. */
  readonly deprecation?: string
  readonly scale?: {
    readonly specReplicasPath: string
    readonly statusReplicasPath: string
    readonly labelSelectorPath?: string
  }
  readonly selectableFields: readonly string[]
  readonly schema: JsonObject | undefined
  readonly preserveUnknownFields: boolean
  readonly standIn: boolean
  readonly accepting: boolean
  /** The schemas of all versions, served or not; `undefined` for one without a schema. */
  readonly schemas: ReadonlyMap<string, JsonObject | undefined>
  /** Where each version that can be scaled keeps its replicas. */
  readonly replicasPaths: ReadonlyMap<string, readonly string[]>
  /** Whether an object may be another in another version: by schemas that differ, or by a webhook. */
  readonly versionsDiffer: boolean
  /** The webhook that converts objects between versions; absent where they are only renamed. */
  readonly conversion?: Conversion
  /** The revision of the definition: objects written before it are read by a schema that is newer. */
  readonly revision: number
}

const ALL_VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]

/** `deployments.apps`, or `pods` in the core group: how messages name a resource. */
export function groupResource(kind: Pick<Kind, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`
}

/** `apps/v1`. */
export function groupVersion(kind: Pick<Kind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`
}

/** The key of namespace and name in a table. */
export function keyOf(kind: Pick<Kind, 'namespaced'>, namespace: string, name: string): string {
  return kind.namespaced ? `${namespace}/${name}` : name
}

/** The same object in another version; built-in twins with other fields are converted elsewhere. */
export function inVersion(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}

/** A line of the generated table as a kind. */
export function builtinKind(line: BuiltinKind): Kind {
  return {
    group: line.group,
    version: line.version,
    plural: line.plural,
    singular: line.singular,
    kind: line.kind,
    listKind: `${line.kind}List`,
    namespaced: line.namespaced,
    verbs: line.verbs ?? ALL_VERBS,
    shortNames: line.shortNames ?? [],
    categories: line.categories ?? [],
    subresources: line.subresources ?? [],
    columns: (line.columns ?? []).map(([name, type, format, priority, description]) => ({
      name,
      type,
      format,
      priority,
      description,
    })),
    hash: line.hash ?? '',
    table: line.plural === 'events' ? 'events' : groupResource(line),
    storedAs: storedVersion(line),
  }
}

function storedVersion(line: BuiltinKind): string {
  if (line.plural === 'events') return 'v1'
  if (line.plural === 'horizontalpodautoscalers') return 'autoscaling/v2'
  return groupVersion(line)
}
