import {
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  parseApiVersion,
} from '../../object/index.ts'
import { builtinType, conform, type SchemaType } from '../../schema/index.ts'
import { difference, emptySet, type FieldSet, isEmptySet, setOf } from './field-set.ts'
import { encodeManaged, type Managed } from './managers.ts'
import { fieldElement } from './path-element.ts'
import type { Versions } from './updater.ts'
import { typeProblems } from './validate.ts'

/** What apply and update have in common. */
export interface FieldsRequest {
  /** The type of the kind in the version of the request. */
  readonly type: SchemaType
  /** The object as it is stored; absent on create. */
  readonly live?: KubeObject | undefined
  readonly manager: string
  /** Version of the request; absent: that of the object. */
  readonly apiVersion?: string
  readonly subresource?: string | undefined
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Paths of fields that such a request does not set (`[['status']]`); see builtin/ `resetFields`. */
  readonly reset?: readonly (readonly string[])[]
  /** Types of further versions in which entries of managedFields may be written. */
  readonly typeOf?: (apiVersion: string) => SchemaType | undefined
  /** An object in such a version; absent where versions are but names. */
  readonly convert?: (object: KubeObject, apiVersion: string) => KubeObject
}

/** That an object is no value of its type in a version that it was converted to. */
export class Mistyped extends Error {
  readonly what: string
  readonly problems: readonly string[]

  constructor(what: string, problems: readonly string[]) {
    super(what + problems.join(', '))
    this.what = what
    this.problems = problems
  }
}

/** An object without its managedFields. */
export function withoutManaged(object: KubeObject): KubeObject {
  if (object.metadata?.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** An object with the managedFields given. */
export function withManaged(object: KubeObject, managed: Managed): KubeObject {
  const entries = encodeManaged(managed)
  return entries === undefined ? withoutManaged(object) : withEntries(object, entries)
}

/** An object with the entries of managedFields given. */
export function withEntries(
  object: KubeObject,
  managedFields: readonly ManagedFieldsEntry[],
): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata: { ...metadata, managedFields } }
}

/** What stands for the live object on create: as Go writes a new value of the type. */
export function emptyObject(apiVersion: string, kind: string, type: SchemaType): KubeObject {
  const known = empties.get(type)
  if (known?.apiVersion === apiVersion && known.kind === kind) return known
  const made = newObject(apiVersion, kind, type)
  empties.set(type, made)
  return made
}

const empties = new WeakMap<SchemaType, KubeObject>()

function newObject(apiVersion: string, kind: string, type: SchemaType): KubeObject {
  const empty = { apiVersion, kind }
  const isBuiltin = builtinType({ ...parseApiVersion(apiVersion), kind }) === type
  const object = isBuiltin ? conform(empty, type).object : empty
  return object as unknown as KubeObject
}

/** Versions of a request. */
export function versionsOf(request: FieldsRequest, apiVersion: string): Versions {
  const reset = setOf(...(request.reset ?? []).map((path) => path.map(fieldElement)))
  return {
    apiVersion,
    typeOf: (version) => (version === apiVersion ? request.type : request.typeOf?.(version)),
    convert: (value, version, what = '') => {
      if (request.convert === undefined || value['apiVersion'] === version) return value
      const next = request.convert(value as unknown as KubeObject, version)
      const type = version === apiVersion ? request.type : request.typeOf?.(version)
      const problems =
        type === undefined ? [] : typeProblems(next as never, type, { allowDuplicates: false })
      if (problems.length > 0) throw new Mistyped(what, problems)
      return next as unknown as JsonObject
    },
    // A custom kind says so of the version of the request alone.
    reset: (version) =>
      version === apiVersion || request.type.name !== undefined ? reset : emptySet,
  }
}

const OF_OBJECT: readonly string[] = ['apiVersion', 'kind']
const OF_METADATA: readonly string[] = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]

const STRIPPED: FieldSet = setOf(
  ...[
    ...OF_OBJECT.map((name) => [name]),
    ['metadata'],
    ...OF_METADATA.map((name) => ['metadata', name]),
  ].map((path) => path.map(fieldElement)),
)

/** Says whether a value at the top of an object, or of its metadata, is the system's. */
export function isSystemField(name: string, of: 'object' | 'metadata'): boolean {
  return (of === 'object' ? OF_OBJECT : OF_METADATA).includes(name)
}

/**
 * Takes out of a manager's set what is the system's and belongs to nobody.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/stripmeta.go (v0.36.3)
 */
export function stripSystemFields(managed: Managed, id: string): void {
  const owned = managed.fields.get(id)
  if (owned === undefined) return
  const set = difference(owned.set, STRIPPED)
  if (isEmptySet(set)) managed.fields.delete(id)
  else managed.fields.set(id, { ...owned, set })
}
