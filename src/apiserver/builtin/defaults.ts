import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
} from '../../object/index.ts'
import { builtinType, completed, conform, type SchemaType } from '../../schema/index.ts'
import { defaulters } from './defaulters.ts'
import { type Defaulter, type Draft, draftOf } from './mutable.ts'

/**
 * Fills in what the API server sets when a field of a built-in kind was left out. An object that has
 * the form of its schema keeps it. Objects of other kinds come back as they are.
 * @see k8s.io/kubernetes pkg/apis (defaults.go of each version, v1.36.3)
 */
export function applyBuiltinDefaults(object: KubeObject): KubeObject {
  const type = builtinType({ ...parseApiVersion(object.apiVersion), kind: object.kind })
  if (type === undefined || !hasDefaults(type)) return object
  const given = object as unknown as JsonObject
  const at = { type, kind: object.kind, reach: 0 }
  return fillStruct(draftOf(object), given, at) as unknown as KubeObject
}

/** Whether something in a type has a default: most of the types need no visit. */
const known = new Map<SchemaType, boolean>()

function hasDefaults(type: SchemaType): boolean {
  const found = known.get(type)
  if (found !== undefined) return found
  // While a type that holds itself is looked at, itself does not count.
  known.set(type, false)
  const fields = [...(type.map?.fields.values() ?? [])]
  const inner = type.list?.element ?? type.map?.element
  const has =
    defaulterOf(type) !== undefined ||
    type.format === 'quantity' ||
    fields.some((field) => isDefault(field.default)) ||
    (inner !== undefined && inner !== type && hasDefaults(inner)) ||
    fields.some((field) => hasDefaults(field.type))
  known.set(type, has)
  return has
}

function isDefault(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== 0 && value !== false
}

/** What is to be set in the structs of one type: most fields have nothing to do with it. */
interface Filling {
  readonly defaulter: Defaulter | undefined
  readonly defaults: readonly (readonly [name: string, value: Draft[string]])[]
  /** Fields with something to set inside, or in which a defaulter above may have set something. */
  readonly inner: readonly (readonly [name: string, type: SchemaType])[]
  /** How far below something may have been set. */
  readonly reach: number
}

/** As deep as a defaulter goes: `spec.strategy.rollingUpdate`. */
const REACH = 3

const fillings = Array.from({ length: REACH + 1 }, () => new WeakMap<SchemaType, Filling>())

/** The filling of a type, into which a defaulter above it reaches `from` steps deep. */
function fillingOf(type: SchemaType, from: number): Filling {
  const known = fillings[from]?.get(type)
  if (known !== undefined) return known
  const fields = [...(type.map?.fields ?? [])]
  const defaulter = defaulterOf(type)
  const reach = defaulter === undefined ? Math.max(from - 1, 0) : REACH
  const made: Filling = {
    defaulter,
    defaults: fields.flatMap(([name, field]) =>
      isDefault(field.default) ? [[name, field.default as Draft[string]] as const] : [],
    ),
    inner: fields.flatMap(([name, field]) =>
      hasDefaults(field.type) || (reach > 0 && isStruct(field.type))
        ? [[name, field.type] as const]
        : [],
    ),
    reach,
  }
  fillings[from]?.set(type, made)
  return made
}

function isStruct({ map }: SchemaType): boolean {
  return map !== undefined && map.fields.size > 0
}

function defaulterOf(type: SchemaType): Defaulter | undefined {
  return type.name === undefined ? undefined : defaulters[shortName(type.name)]
}

/** `io.k8s.api.core.v1.Container` → `core.v1.Container`. */
function shortName(name: string): string {
  return name.split('.').slice(-3).join('.')
}

/** Where a value stands: its type, the kind of the whole, and how deep a defaulter above reaches. */
interface At {
  readonly type: SchemaType
  readonly kind: string
  readonly reach: number
}

/** Fills a draft of what was `given`; answers it in its form where that was. */
function fillStruct(draft: Draft, given: JsonObject | undefined, { type, kind, reach }: At): Draft {
  const filling = fillingOf(type, reach)
  filling.defaulter?.(draft, kind)
  for (const [name, value] of filling.defaults)
    if (draft[name] === undefined || draft[name] === null) draft[name] = value
  for (const [name, fieldType] of filling.inner) {
    const value = draft[name]
    if (value === undefined || value === null) continue
    const at = { type: fieldType, kind, reach: filling.reach }
    draft[name] = fillValue(value, given?.[name], at)
  }
  return hasNews(draft, given) ? formed(draft, given, type) : draft
}

/** What replaces something stays in its place. */
function hasNews(draft: Draft, given: JsonObject | undefined): boolean {
  return given === undefined || Object.keys(draft).some((key) => given[key] === undefined)
}

function formed(draft: Draft, given: JsonObject | undefined, { map }: SchemaType): Draft {
  if (map === undefined || map.fields.size === 0) return draft
  for (const [name, value] of Object.entries(draft)) {
    const field = given?.[name] === undefined ? map.fields.get(name) : undefined
    if (field === undefined || value === undefined) continue
    if (isObject(value)) draft[name] = conform(value, field.type).object as Json
    else if (field.emit === 'non-empty' && isZero(value)) delete draft[name]
  }
  return completed(draft, map) as Draft
}

function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false
}

function fillValue(value: Json, given: Json | undefined, at: At): Json {
  const { map, list } = at.type
  if (isArray(value)) {
    if (list === undefined) return value
    const before = isArray(given) ? given : []
    const item = { ...at, type: list.element }
    return value.map((each, i) => fillValue(each, before[i], item))
  }
  if (!isObject(value) || map === undefined) return value
  const before = given !== undefined && isObject(given) ? given : undefined
  if (map.fields.size > 0) return fillStruct(value as Draft, before, at) as Json
  if (map.element === undefined || !hasDefaults(map.element)) return value
  const item = { ...at, type: map.element }
  const filled = Object.entries(value).map(([key, each]): [string, Json] => [
    key,
    fillValue(each ?? null, before?.[key], item),
  ])
  return Object.fromEntries(filled)
}
