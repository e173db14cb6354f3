import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { INTERNAL } from './internal.generated.ts'

interface GoField {
  readonly go: string
  readonly json: string
  readonly empty: string
  readonly struct: string | undefined
}

const known = new Map<string, readonly GoField[]>()

function fieldsOf(struct: string): readonly GoField[] {
  let fields = known.get(struct)
  if (fields === undefined) {
    fields = (INTERNAL[struct] ?? []).map((line) => {
      const [go = '', json = '', empty = '', of] = line.split(' ')
      return { go, json, empty, struct: of }
    })
    known.set(struct, fields)
  }
  return fields
}

/**
 * A part of an object as Go prints the struct of its own that it keeps it in: all fields, by their
 * names in Go.
 */
export function goStruct(struct: string, value: JsonObject): JsonObject {
  const source = struct === 'PodSpec' ? withHostFields(value) : value
  const out: Record<string, Json> = {}
  for (const { go, json, empty, struct: of } of fieldsOf(struct)) {
    if (go === '<metadata>') Object.assign(out, metadataOf(source))
    else out[go] = goValue(source[json], empty, of)
  }
  structs.add(out)
  return out
}

/** Structs are printed with their fields as they stand, maps by their keys. */
const structs = new WeakSet<object>()

/** Marks a value as what Go would print a struct as. */
export function asStruct(value: JsonObject): JsonObject {
  structs.add(value)
  return value
}

/** Whether a value was made as a struct. */
export function isStruct(value: object): boolean {
  return structs.has(value)
}

function goValue(value: Json | undefined, empty: string, struct: string | undefined): Json {
  if (value === undefined || value === null) return zero(empty, struct)
  if (struct === undefined) return isObject(value) ? byKey(value) : value
  if (isArray(value)) return value.map((each) => (isObject(each) ? goStruct(struct, each) : each))
  return isObject(value) ? goStruct(struct, value) : value
}

/** Go prints maps by their keys; what is not a map of texts is a struct. */
function byKey(value: JsonObject): JsonObject {
  const entries = Object.entries(value)
  if (!entries.every(([, item]) => typeof item === 'string')) return value
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function zero(empty: string, struct: string | undefined): Json {
  if (empty === 'text') return ''
  if (empty === 'flag') return false
  if (empty === 'number') return 0
  if (empty === 'quantity') return '0'
  return empty === 'struct' && struct !== undefined ? goStruct(struct, {}) : null
}

const METADATA = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]

function metadataOf(value: JsonObject): JsonObject {
  const { metadata } = value
  if (!isObject(metadata)) return {}
  const present = METADATA.filter((key) => !isNothing(metadata[key]))
  return Object.fromEntries(present.map((key) => [key, metadata[key] ?? null]))
}

/** Metadata as they are printed. */
export function goMetadata(metadata: JsonObject): JsonObject {
  return asStruct(metadataOf({ metadata }))
}

function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']

/** What a pod shares with its node stands in its security context. */
function withHostFields(spec: JsonObject): JsonObject {
  const context = isObject(spec['securityContext']) ? spec['securityContext'] : {}
  const shared = HOST_FIELDS.filter((key) => spec[key] !== undefined)
  const host = Object.fromEntries(shared.map((key) => [key, spec[key] ?? null]))
  return { ...spec, securityContext: { ...context, ...host } }
}
