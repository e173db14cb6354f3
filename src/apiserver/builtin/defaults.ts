import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  parseApiVersion,
} from '../../object/index.ts'
import {
  builtinType,
  completed,
  conform,
  type MapType,
  type SchemaType,
} from '../../schema/index.ts'
import { defaulters } from './defaulters.ts'
import { type Defaulter, type Draft, draftOf, fill } from './mutable.ts'

/**
 * Fills in what the API server sets when a field of a built-in kind was left out. An object that has
 * the form of its schema keeps it. Objects of other kinds come back as they are.
 * @see k8s.io/kubernetes pkg/apis (defaults.go of each version, v1.36.3)
 */
export function applyBuiltinDefaults(object: KubeObject): KubeObject {
  const type = builtinType({ ...parseApiVersion(object.apiVersion), kind: object.kind })
  if (type === undefined || !hasDefaults(type)) return object
  const given = object as unknown as JsonObject
  const draft = draftOf(object) as Json
  return fillValue(draft, given, insideOf(type, 0), object.kind) as unknown as KubeObject
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
  readonly type: MapType
  readonly defaulter: Defaulter | undefined
  readonly defaults: Readonly<Record<string, Json>>
  /** Fields with something to set inside, or in which a defaulter above may have set something. */
  readonly inner: readonly Inner[]
}

interface Inner {
  readonly name: string
  readonly inside: Inside
}

/** What is to be set in a value: in itself, or in each of its items. */
interface Inside {
  readonly struct?: Filling
  readonly item?: Inside
}

const NOTHING: Inside = {}

const NO_FIELD: Inner = { name: '', inside: NOTHING }

/** As deep as a defaulter goes: `spec.strategy.rollingUpdate`. */
const REACH = 3

const fillings = Array.from({ length: REACH + 1 }, () => new WeakMap<MapType, Filling>())

/** What is to be set in the values of a type, into which a defaulter above reaches `from` steps deep. */
function insideOf(type: SchemaType, from: number): Inside {
  if (type.list !== undefined) return { item: insideOf(type.list.element, from) }
  const { map } = type
  if (map === undefined) return NOTHING
  if (map.fields.size > 0) return { struct: fillingOf(type, map, from) }
  const { element } = map
  return element === undefined || !hasDefaults(element)
    ? NOTHING
    : { item: insideOf(element, from) }
}

function fillingOf(type: SchemaType, map: MapType, from: number): Filling {
  const known = fillings[from]?.get(map)
  if (known !== undefined) return known
  const defaulter = defaulterOf(type)
  const reach = defaulter === undefined ? Math.max(from - 1, 0) : REACH
  const inner: Inner[] = []
  const made: Filling = {
    type: map,
    defaulter,
    defaults: Object.fromEntries(
      [...map.fields].flatMap(([name, field]) =>
        isDefault(field.default) ? [[name, field.default as Json]] : [],
      ),
    ),
    inner,
  }
  // Types may hold themselves.
  fillings[from]?.set(map, made)
  for (const [name, field] of map.fields)
    if (hasDefaults(field.type) || (reach > 0 && isStruct(field.type)))
      inner.push({ name, inside: insideOf(field.type, reach) })
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

/** Fills a draft of what was `given`; answers it in its form where that was. */
function fillStruct(
  draft: Draft,
  given: JsonObject | undefined,
  filling: Filling,
  kind: string,
): Draft {
  filling.defaulter?.(draft, kind)
  fill(draft, filling.defaults)
  for (let i = 0; i < filling.inner.length; i += 1) {
    const { name, inside } = filling.inner[i] ?? NO_FIELD
    const value = draft[name]
    if (value !== undefined && value !== null)
      draft[name] = fillValue(value, given?.[name], inside, kind)
  }
  return hasNews(draft, given) ? formed(draft, given, filling.type) : draft
}

/** What replaces something stays in its place. */
function hasNews(draft: Draft, given: JsonObject | undefined): boolean {
  if (given === undefined) return true
  for (const key in draft) if (given[key] === undefined) return true
  return false
}

function formed(draft: Draft, given: JsonObject | undefined, type: MapType): Draft {
  for (const name of Object.keys(draft)) {
    const value = draft[name]
    if (value === undefined || given?.[name] !== undefined) continue
    const field = type.fields.get(name)
    if (field === undefined) continue
    if (isObject(value)) draft[name] = conform(value, field.type).object as Json
    else if (field.emit === 'non-empty' && isZero(value)) delete draft[name]
  }
  return completed(draft, type) as Draft
}

function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false
}

function fillValue(value: Json, given: Json | undefined, inside: Inside, kind: string): Json {
  const { struct, item } = inside
  if (isArray(value)) {
    if (item === undefined) return value
    const before = isArray(given) ? given : []
    return value.map((each, i) => fillValue(each, before[i], item, kind))
  }
  if (!isObject(value)) return value
  const before = given !== undefined && isObject(given) ? given : undefined
  if (struct !== undefined) return fillStruct(value as Draft, before, struct, kind) as Json
  if (item === undefined) return value
  const filled = Object.entries(value).map(([key, each]): [string, Json] => [
    key,
    fillValue(each ?? null, before?.[key], item, kind),
  ])
  return Object.fromEntries(filled)
}
