/** A type of an expression, as cel-go's checker knows them. */
export interface Type {
  readonly kind: Kind
  /** Of objects, opaque types and type parameters. */
  readonly name: string
  readonly params: readonly Type[]
  /** Of objects that say what they hold. */
  readonly fields?: ReadonlyMap<string, Type>
}

/** Kinds of types. */
export type Kind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'param'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint'

const plain = new Map<Kind, Type>()

/** A type that has no parts. */
export function simple(kind: Kind): Type {
  const known = plain.get(kind)
  if (known !== undefined) return known
  const made: Type = { kind, name: kind, params: [] }
  plain.set(kind, made)
  return made
}

/** A list of something. */
export function listOf(element: Type): Type {
  return { kind: 'list', name: 'list', params: [element] }
}

/** A map of something. */
export function mapOf(key: Type, value: Type): Type {
  return { kind: 'map', name: 'map', params: [key, value] }
}

/** A value that may be absent. */
export function optionalOf(value: Type): Type {
  return { kind: 'opaque', name: 'optional_type', params: [value] }
}

/** An object; one without fields is a type of a library. */
export function structOf(name: string, fields: ReadonlyMap<string, Type> = new Map()): Type {
  return { kind: 'struct', name, params: [], fields }
}

/** What an optional holds, else the type itself. */
export function unwrapped(type: Type): { readonly type: Type; readonly isOptional: boolean } {
  const [inner] = type.params
  return type.name === 'optional_type' && inner !== undefined
    ? { type: inner, isOptional: true }
    : { type, isOptional: false }
}

/** A type in cel-go's words: `list(int)`, `optional_type(string)`. */
export function typeText(type: Type): string {
  if (type.kind === 'error') return '!error!'
  if (type.params.length === 0) return type.name
  return `${type.name}(${type.params.map(typeText).join(', ')})`
}

/** A type as the program tells it: `google.protobuf.Duration`, `null_type`. */
export function typeWords(type: Type): string {
  const words: Readonly<Record<string, string>> = {
    duration: 'google.protobuf.Duration',
    timestamp: 'google.protobuf.Timestamp',
    null: 'null_type',
  }
  const name = words[type.kind] ?? (type.kind === 'error' ? typeText(type) : type.name)
  return type.params.length === 0 ? name : `${name}(${type.params.map(typeWords).join(', ')})`
}

/** What is known of type parameters. */
export type Bindings = ReadonlyMap<string, Type>

/** A type with what is known of its parameters; with `open`, unknown ones are any type. */
export function substitute(bound: Bindings, type: Type, open: boolean): Type {
  if (type.kind === 'param') {
    const known = bound.get(type.name)
    if (known !== undefined) return substitute(bound, known, open)
    return open ? simple('dyn') : type
  }
  if (type.params.length === 0) return type
  return { ...type, params: type.params.map((each) => substitute(bound, each, open)) }
}

/** What is known when values of some types are given where others are asked; undefined: they can not be. */
export function assigned(
  bound: Bindings,
  given: readonly Type[],
  asked: readonly Type[],
): Bindings | undefined {
  const next = new Map(bound)
  return fitsAll(next, given, asked) ? next : undefined
}

function fitsAll(bound: Map<string, Type>, a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((each, i) => fits(bound, each, b[i] ?? simple('error')))
}

/** @see google/cel-go v0.26.0 checker/types.go internalIsAssignable */
function fits(bound: Map<string, Type>, a: Type, b: Type): boolean {
  if (b.kind === 'param') {
    const found = bind(bound, a, b)
    if (found.fits) return true
    if (found.wasBound) return false
  }
  if (a.kind === 'param') return bind(bound, b, a).fits
  if (isAny(a) || isAny(b)) return true
  if (a.kind === 'null') return isNullable(b)
  if (b.kind === 'null') return isNullable(a)
  if (a.kind === 'type') return b.kind === 'type'
  if (a.kind !== b.kind || a.name !== b.name) return false
  return fitsAll(bound, a.params, b.params)
}

function isAny(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'error'
}

function isNullable(type: Type): boolean {
  return ['null', 'opaque', 'struct', 'duration', 'timestamp'].includes(type.kind)
}

function bind(
  bound: Map<string, Type>,
  type: Type,
  param: Type,
): { readonly fits: boolean; readonly wasBound: boolean } {
  if (isSame(type, param)) return { fits: true, wasBound: true }
  const known = bound.get(param.name)
  if (known !== undefined) {
    if (isSame(type, known)) return { fits: true, wasBound: true }
    if (!fits(bound, type, known)) return { fits: false, wasBound: true }
    const general = isLessSpecific(type, known) ? type : known
    if (!mentions(bound, param, general)) bound.set(param.name, general)
    return { fits: true, wasBound: true }
  }
  if (mentions(bound, param, type)) return { fits: false, wasBound: false }
  bound.set(param.name, type)
  return { fits: true, wasBound: false }
}

/** Whether two types are the very same. */
export function isSame(a: Type, b: Type): boolean {
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    a.params.length === b.params.length &&
    a.params.every((each, i) => isSame(each, b.params[i] ?? simple('error')))
  )
}

/** Whether the first takes all that the second does. */
export function isLessSpecific(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true
  if (b.kind === 'dyn' || b.kind === 'param' || a.kind !== b.kind) return false
  if (a.kind === 'type') return true
  if (a.name !== b.name || a.params.length !== b.params.length) return false
  return a.params.every((each, i) => isLessSpecific(each, b.params[i] ?? simple('error')))
}

function mentions(bound: Bindings, param: Type, type: Type): boolean {
  if (isSame(param, type)) return true
  if (type.kind === 'param') {
    const known = bound.get(type.name)
    return known !== undefined && mentions(bound, param, known)
  }
  return type.params.some((each) => mentions(bound, param, each))
}
