import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { BuildFault, fail } from '../fault.ts'

/** What a value in a configuration file may be: Go's struct types, as data. */
export type Shape =
  | 'string'
  | 'bool'
  | 'int'
  | 'int64'
  | 'any'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | {
      readonly fields: Readonly<Record<string, Shape>>
      readonly names: ReadonlyMap<string, string>
      /** Go's name of the struct, with its package where that is not `types`. */
      readonly go: string
      /** Of fields that belong to structs embedded in it: the way there. */
      readonly embedded: Readonly<Record<string, string>>
    }

/** A text. */
export const text: Shape = 'string'
/** A list of texts. */
export const texts: Shape = { list: 'string' }
/** A map of texts. */
export const textMap: Shape = { map: 'string' }

/**
 * A struct with these fields; names match without regard to case, as Go reads JSON. Of two keys for
 * one field the later in the order of the alphabet counts.
 */
export function shape(
  fields: Readonly<Record<string, Shape>>,
  go = '',
  embedded: Readonly<Record<string, string>> = {},
): Shape {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]))
  return { fields, names, go, embedded }
}

/** A list of a shape. */
export function listOf(item: Shape): Shape {
  return { list: item }
}

/** How strictly to read. */
export interface ReadRules {
  /** Fields that the shape does not have are errors. */
  readonly strict: boolean
  /** Numbers and booleans become texts where a text is wanted, as `sigs.k8s.io/yaml` does it. */
  readonly coerce: boolean
}

/**
 * Reads a value as a shape, with Go's words for what does not fit. Null stands for what is empty and
 * is left out of structs.
 */
export function readShape(
  value: Json | undefined,
  want: Shape,
  rules: ReadRules,
): Json | undefined {
  return read(value, want, { rules, path: '', struct: '' })
}

interface At {
  readonly rules: ReadRules
  /** Fields on the way, with the names of embedded structs, as Go tells it. */
  readonly path: string
  /** The struct that the last field is in. */
  readonly struct: string
}

function read(value: Json | undefined, want: Shape, at: At): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (want === 'any') return value
  if (typeof want === 'string') return readScalar(value, want, at)
  if ('list' in want) {
    if (!isArray(value)) throw mismatch(value, at, goType(want))
    return value.map((item) => read(item, want.list, at) ?? emptyOf(want.list))
  }
  if (!isObject(value)) throw mismatch(value, at, goType(want))
  return 'map' in want ? readMap(value, want.map, at) : readStruct(value, want, at)
}

function emptyOf(want: Shape): Json {
  if (want === 'string') return ''
  if (want === 'bool') return false
  if (want === 'int' || want === 'int64') return 0
  if (want === 'any') return null
  return 'list' in want ? [] : {}
}

function readScalar(value: Json, want: 'string' | 'bool' | 'int' | 'int64', at: At): Json {
  if (want === 'string') {
    if (typeof value === 'string') return value
    if (at.rules.coerce && (typeof value === 'number' || typeof value === 'boolean'))
      return String(value)
    throw mismatch(value, at, 'string')
  }
  if (want === 'bool') {
    if (typeof value === 'boolean') return value
    throw mismatch(value, at, 'bool')
  }
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63)
    return value
  throw mismatch(value, at, want)
}

function readMap(value: JsonObject, item: Shape, at: At): JsonObject {
  const entries = Object.entries(value).map(([key, each]): [string, Json] => [
    key,
    read(each, item, at) ?? emptyOf(item),
  ])
  return Object.fromEntries(entries)
}

function readStruct(
  value: JsonObject,
  want: Extract<Shape, { readonly fields: unknown }>,
  at: At,
): JsonObject {
  const result: Record<string, Json> = {}
  for (const key of Object.keys(value).sort(compareText)) {
    const each = value[key]
    const name = Object.hasOwn(want.fields, key) ? key : want.names.get(key.toLowerCase())
    if (name === undefined) {
      if (at.rules.strict) fail(`json: unknown field ${JSON.stringify(key)}`)
      continue
    }
    const field = want.fields[name] as Shape
    const path = [at.path, want.embedded[name] ?? '', name]
    const read1 = read(each, field, {
      rules: at.rules,
      path: path.filter((part) => part !== '').join('.'),
      struct: want.go.split('.').at(-1) ?? '',
    })
    if (read1 !== undefined) result[name] = read1
  }
  return result
}

function mismatch(value: Json, at: At, want: string): BuildFault {
  const where = at.path === '' ? 'Go value' : `Go struct field ${at.struct}.${at.path}`
  return new BuildFault(`json: cannot unmarshal ${what(value, want)} into ${where} of type ${want}`)
}

/** What a value is in Go's words: numbers that do not fit are quoted. */
function what(value: Json, want: string): string {
  if (isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'number' && want.startsWith('int') ? `number ${value}` : typeof value
}

/** A shape as Go names the type. */
function goType(want: Shape): string {
  if (typeof want === 'string') return want === 'any' ? 'interface {}' : want
  if ('list' in want) return `[]${goType(want.list)}`
  if ('map' in want) return `map[string]${goType(want.map)}`
  return want.go.includes('.') ? want.go : `types.${want.go}`
}
