import type { JsonValue } from './json.ts'
import { typeLines } from './kubernetes.generated.ts'
import {
  type FieldType,
  type ListType,
  type MapType,
  type SchemaType,
  untypedAtomic,
  untypedDeduced,
} from './type.ts'

/** Definitions are numbered by their line, so that a reference is short; each is read when asked for. */
const lines = typeLines.trim().split('\n')
const read = new Map<number, SchemaType>()
let numbers: Map<string, number> | undefined
let kinds: Map<string, number> | undefined

/** The definition that OpenAPI calls by this name (`io.k8s.api.core.v1.Container`). */
export function definition(name: string): SchemaType | undefined {
  numbers ??= new Map(lines.map((line, i) => [/^[^|!]*/.exec(line)?.[0] ?? '', i]))
  const number = numbers.get(name)
  return number === undefined ? undefined : numbered(number)
}

/** The definition of a kind, by `group/version/kind`. */
export function definitionOfKind(gvk: string): SchemaType | undefined {
  kinds ??= indexKinds()
  const number = kinds.get(gvk)
  return number === undefined ? undefined : numbered(number)
}

function indexKinds(): Map<string, number> {
  const index = new Map<string, number>()
  for (const [i, line] of lines.entries()) {
    const start = line.indexOf('|') + 1
    const of = line.slice(start, line.indexOf('|', start))
    if (of !== '') for (const gvk of of.split(',')) index.set(gvk, i)
  }
  return index
}

function numbered(number: number): SchemaType {
  const known = read.get(number)
  if (known !== undefined) return known
  const type = readLine(lines[number] ?? '')
  read.set(number, type)
  return type
}

function readLine(line: string): SchemaType {
  const [head = '', , ...codes] = line.split('|')
  const atomic = head.endsWith('!')
  const name = atomic ? head.slice(0, -1) : head
  if (codes[0] === 'j') return { ...untypedDeduced, name }
  if (codes.length === 1 && codes[0] === '')
    return { name, map: { fields: new Map(), element: untypedDeduced, atomic } }
  return { name, map: { fields: new Map(codes.map(readField)), atomic } }
}

const FIELD =
  /^([^ ]*?)(\*?)([!?0^]?) (.*?)(?:=(\{.*\}|\[.*\]|"[^"]*"|[\w.-]+))?(?:~([^:]*)(?::(.*))?)?$/

function readField(code: string): [string, FieldType] {
  const [, name = '', required, emit, typeCode = '', byDefault, strategy, mergeKey] =
    FIELD.exec(code) ?? []
  const zero = emit === '!' ? ZERO[typeCode.charAt(0)] : undefined
  const value = byDefault === undefined ? zero : (JSON.parse(byDefault) as JsonValue)
  let type: SchemaType | undefined
  const field = {
    // Types may hold themselves (JSONSchemaProps), so a field's type is read when it is looked at.
    get type(): SchemaType {
      type ??= readType(typeCode)
      return type
    },
    required: required === '*',
    emit: EMIT[emit ?? ''] ?? 'set',
    ...(value === undefined ? {} : { default: value }),
    patchStrategies: strategy === undefined ? [] : strategy.split(','),
    ...(mergeKey === undefined ? {} : { patchMergeKey: mergeKey }),
  }
  return [name, field]
}

const EMIT: Readonly<Record<string, FieldType['emit']>> = {
  '!': 'always',
  '^': 'null',
  '': 'non-empty',
}

const ZERO: Readonly<Record<string, JsonValue>> = { s: '', i: 0, l: 0, n: 0, b: false }

const SCALARS: Readonly<Record<string, SchemaType>> = {
  s: { scalar: 'string' },
  b: { scalar: 'boolean' },
  i: { scalar: 'numeric', format: 'int32' },
  l: { scalar: 'numeric', format: 'int64' },
  n: { scalar: 'numeric', format: 'double' },
  y: { scalar: 'string', format: 'bytes' },
  t: { scalar: 'untyped', format: 'time' },
  u: { scalar: 'untyped', format: 'microtime' },
  q: { scalar: 'untyped', format: 'quantity' },
  x: { ...untypedDeduced, format: 'int-or-string' },
  j: untypedDeduced,
  w: untypedAtomic,
  o: { map: { fields: new Map(), element: untypedDeduced, atomic: false } },
}

function readType(code: string): SchemaType {
  const rest = code.slice(1)
  switch (code.charAt(0)) {
    case '@':
      return rest.endsWith('!')
        ? atomically(numbered(Number(rest.slice(0, -1))))
        : numbered(Number(rest))
    case '{': {
      const atomic = rest.startsWith('!')
      const element = readType(atomic ? rest.slice(1) : rest)
      return { map: { fields: new Map(), element, atomic } satisfies MapType }
    }
    case '[':
      return { list: readList(rest) }
    case 's':
      return rest === '' ? STRING : { scalar: 'string', values: rest.slice(1, -1).split(',') }
    default:
      return SCALARS[code] ?? untypedDeduced
  }
}

const STRING: SchemaType = { scalar: 'string' }

function readList(code: string): ListType {
  const keys = /^<([^>]*)>/.exec(code)
  if (keys === null) return { element: readType(code), associative: false, keys: [] }
  const names = keys[1] === '' ? [] : (keys[1] ?? '').split(',')
  return { element: readType(code.slice(keys[0].length)), associative: true, keys: names }
}

function atomically(type: SchemaType): SchemaType {
  return {
    ...type,
    ...(type.map === undefined ? {} : { map: { ...type.map, atomic: true } }),
    ...(type.list === undefined ? {} : { list: { ...type.list, associative: false } }),
  }
}
