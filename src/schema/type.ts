import type { JsonValue } from './json.ts'

/** Finer than the scalar: what a value must look like to survive the typed round trip. */
export type ScalarFormat =
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microtime'
  | 'quantity'
  | 'int-or-string'

/** How a list is merged: atomic as a whole, or item by item, found by keys or by value. */
export interface ListType {
  readonly element: SchemaType
  /** False: the list is one leaf. */
  readonly associative: boolean
  /** The fields that name an item; empty for a set. */
  readonly keys: readonly string[]
}

/** A struct (named fields), a map (one element type), or both. */
export interface MapType {
  readonly fields: ReadonlyMap<string, FieldType>
  /** Type of the values whose keys are no named field; absent: other keys are unknown fields. */
  readonly element?: SchemaType
  /** True: the map is one leaf. */
  readonly atomic: boolean
}

/** A named field. */
export interface FieldType {
  readonly type: SchemaType
  readonly required: boolean
  /** How Go writes it when it is empty: its zero value, `null`, or not; `set`: not when it is nil. */
  readonly emit: 'always' | 'null' | 'non-empty' | 'set'
  /** Default of the OpenAPI document; zero values of fields that are always written included. */
  readonly default?: JsonValue
  /** Strategic merge: `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[]
  readonly patchMergeKey?: string
}

/**
 * What a value may be, as structured-merge-diff sees it: a scalar, a list, a map, or several of
 * them where the schema leaves it open (then the value decides).
 */
export interface SchemaType {
  /** Name of the OpenAPI definition, where it has one. */
  readonly name?: string
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped'
  readonly format?: ScalarFormat
  readonly values?: readonly string[]
  readonly list?: ListType
  readonly map?: MapType
}

/** Anything, merged as one leaf. */
export const untypedAtomic: SchemaType = openType(true)

/** Anything; maps in it are merged key by key, lists are leaves. */
export const untypedDeduced: SchemaType = openType(false)

function openType(atomic: boolean): SchemaType {
  const self: { scalar: 'untyped'; list?: ListType; map?: MapType } = { scalar: 'untyped' }
  const fields = new Map<string, FieldType>()
  self.map = { fields, element: self, atomic }
  self.list = { element: atomic ? self : untypedAtomic, associative: false, keys: [] }
  return self
}
