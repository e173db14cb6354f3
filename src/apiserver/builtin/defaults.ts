import { type KubeObject, parseApiVersion } from '../../object/index.ts'
import { builtinType, type SchemaType } from '../../schema/index.ts'
import { defaulters } from './defaulters.ts'
import { type Defaulter, type Draft, draftOf } from './mutable.ts'

/**
 * Fills in what the API server sets when a field of a built-in kind was left out. Objects of other
 * kinds come back as they are.
 * @see k8s.io/kubernetes pkg/apis (defaults.go of each version, v1.36.3)
 */
export function applyBuiltinDefaults(object: KubeObject): KubeObject {
  const type = builtinType({ ...parseApiVersion(object.apiVersion), kind: object.kind })
  if (type === undefined || !hasDefaults(type)) return object
  const draft = draftOf(object)
  fillStruct(draft, type, object.kind)
  return draft as unknown as KubeObject
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
  /** Fields with something to set inside. */
  readonly inner: readonly (readonly [name: string, type: SchemaType])[]
}

const fillings = new WeakMap<SchemaType, Filling>()

function fillingOf(type: SchemaType): Filling {
  const known = fillings.get(type)
  if (known !== undefined) return known
  const fields = [...(type.map?.fields ?? [])]
  const made: Filling = {
    defaulter: defaulterOf(type),
    defaults: fields.flatMap(([name, field]) =>
      isDefault(field.default) ? [[name, field.default as Draft[string]] as const] : [],
    ),
    inner: fields.flatMap(([name, field]) =>
      hasDefaults(field.type) ? [[name, field.type] as const] : [],
    ),
  }
  fillings.set(type, made)
  return made
}

function defaulterOf(type: SchemaType): Defaulter | undefined {
  return type.name === undefined ? undefined : defaulters[shortName(type.name)]
}

/** `io.k8s.api.core.v1.Container` → `core.v1.Container`. */
function shortName(name: string): string {
  return name.split('.').slice(-3).join('.')
}

function fillStruct(draft: Draft, type: SchemaType, kind: string): void {
  const { defaulter, defaults, inner } = fillingOf(type)
  defaulter?.(draft, kind)
  for (const [name, value] of defaults)
    if (draft[name] === undefined || draft[name] === null) draft[name] = value
  for (const [name, fieldType] of inner) {
    const value = draft[name]
    if (value !== undefined && value !== null) fillValue(value, fieldType, kind)
  }
}

function fillValue(value: unknown, type: SchemaType, kind: string): void {
  if (Array.isArray(value)) {
    const element = type.list?.element
    if (element !== undefined) for (const item of value) fillValue(item, element, kind)
    return
  }
  if (typeof value !== 'object' || value === null || type.map === undefined) return
  if (type.map.fields.size > 0) {
    fillStruct(value as Draft, type, kind)
    return
  }
  const element = type.map.element
  if (element !== undefined && hasDefaults(element))
    for (const item of Object.values(value)) fillValue(item, element, kind)
}
