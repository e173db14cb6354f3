import { isObject, type JsonObject, valueAt } from './json.ts'

/** Who owns an object, as `metadata.ownerReferences` says it. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager?: string
  readonly operation?: 'Apply' | 'Update'
  readonly apiVersion?: string
  readonly time?: string
  readonly fieldsType?: 'FieldsV1'
  readonly fieldsV1?: JsonObject
  readonly subresource?: string
}

/** `metadata` of an object. All parts are optional: it may come from a file. */
export interface ObjectMeta {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string | null
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

/** A Kubernetes object as plain JSON. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** Group and kind: what an object is, whatever its version. The core group is `''`. */
export interface GroupKind {
  readonly group: string
  readonly kind: string
}

/** Group, version and kind. */
export interface Gvk extends GroupKind {
  readonly version: string
}

/** What one object is known by, apart from its version. `namespace` is `''` for cluster scope. */
export interface ObjectId extends GroupKind {
  readonly namespace: string
  readonly name: string
}

/** Splits `apps/v1` into group and version; `v1` has the group `''`. */
export function parseApiVersion(apiVersion: string): {
  readonly group: string
  readonly version: string
} {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** Joins group and version into an `apiVersion`. */
export function apiVersionOf(gv: { readonly group: string; readonly version: string }): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`
}

/** Group, version and kind of an object. */
export function gvkOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): Gvk {
  return { ...parseApiVersion(object.apiVersion), kind: object.kind }
}

/** The id of an object. */
export function idOf(object: KubeObject): ObjectId {
  return {
    group: parseApiVersion(object.apiVersion).group,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
  }
}

/** `Kind/namespace/name`, or `Kind/name` for cluster scope: the form of Flux's messages. */
export function idText(id: Pick<ObjectId, 'kind' | 'namespace' | 'name'>): string {
  return id.namespace === '' ? `${id.kind}/${id.name}` : `${id.kind}/${id.namespace}/${id.name}`
}

/** One string for an id, for keys of maps. */
export function idKey(id: ObjectId): string {
  return `${id.group}/${id.kind}/${id.namespace}/${id.name}`
}

/** Says whether a value has the three things that make it a Kubernetes object. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isObject(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isObject(value['metadata'])
  )
}

/** A field of an object by its path, as plain JSON. */
export function fieldAt(
  object: KubeObject,
  ...path: readonly (string | number)[]
): ReturnType<typeof valueAt> {
  return valueAt(object as unknown as JsonObject, ...path)
}
