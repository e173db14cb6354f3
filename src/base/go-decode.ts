import { Fault } from './fault.ts'
import type { JsonCode } from './go-json.ts'

/** The type of a value, as Go has it. */
export type GoShape =
  | 'string'
  | 'int64'
  /** Taken as it is. */
  | 'any'
  | { readonly list: GoShape; readonly go: string }
  | { readonly map: GoShape; readonly go: string }
  | {
      readonly fields: Readonly<Record<string, GoShape>>
      /** Its name within messages. */
      readonly struct: string
      readonly go: string
    }
  /** A type that reads its own text; answers what is wrong with it. */
  | { readonly text: (text: string) => string | undefined; readonly go: string }

interface Place {
  readonly struct: string
  readonly path: string
}

/**
 * Brings a JSON value into the shape of a Go type as Go's json.Unmarshal does: names of fields count
 * whatever their case, null changes nothing, what is not in the shape is dropped.
 * @throws Fault JSON in Go's words
 */
export function goDecode(value: unknown, shape: GoShape): unknown {
  return decode(value, shape, undefined)
}

function decode(value: unknown, shape: GoShape, place: Place | undefined): unknown {
  if (value === null || value === undefined || shape === 'any') return value ?? undefined
  if (shape === 'string' || shape === 'int64') return scalar(value, shape, place)
  if ('text' in shape) {
    const text = scalar(value, 'string', place) as string
    const wrong = shape.text(text)
    if (wrong !== undefined) throw new Fault<JsonCode>({ code: 'JSON', message: wrong })
    return text
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw refuse(kindOf(value), shape.go, place)
    return value.map((each) => decode(each, shape.list, place) ?? zero(shape.list))
  }
  if (typeof value !== 'object' || Array.isArray(value))
    throw refuse(kindOf(value), shape.go, place)
  const entries = Object.entries(value)
  if ('map' in shape)
    return Object.fromEntries(
      entries.map(([key, each]) => [key, decode(each, shape.map, place) ?? zero(shape.map)]),
    )
  const names = Object.keys(shape.fields)
  const out: Record<string, unknown> = {}
  for (const [key, each] of entries) {
    const name =
      names.find((known) => known === key) ??
      names.find((known) => known.toLowerCase() === key.toLowerCase())
    const field = name === undefined ? undefined : shape.fields[name]
    if (name === undefined || field === undefined) continue
    const path = place === undefined ? name : `${place.path}.${name}`
    const decoded = decode(each, field, { struct: shape.struct, path })
    if (decoded !== undefined) out[name] = decoded
  }
  return out
}

function zero(shape: GoShape): unknown {
  if (shape === 'string') return ''
  if (shape === 'int64') return 0
  return typeof shape === 'object' && ('fields' in shape || 'map' in shape) ? {} : undefined
}

function scalar(value: unknown, shape: 'string' | 'int64', place: Place | undefined): unknown {
  if (shape === 'string' && typeof value === 'string') return value
  if (shape === 'int64' && Number.isInteger(value)) return value
  const isFraction = shape === 'int64' && typeof value === 'number'
  throw refuse(isFraction ? `number ${value}` : kindOf(value), shape, place)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function refuse(what: string, go: string, place: Place | undefined): Error {
  const where = place === undefined ? 'value' : `struct field ${place.struct}.${place.path}`
  const message = `json: cannot unmarshal ${what} into Go ${where} of type ${go}`
  return new Fault<JsonCode>({ code: 'JSON', message })
}
