import { compareText } from '../../base/index.ts'
import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { GO_STRUCTS } from './go-structs.generated.ts'

/**
 * A value as Go's spew prints a struct for hashing: with every type, absent fields included.
 * @see k8s.io/utils dump/dump.go ForHash, github.com/davecgh/go-spew format.go
 */
export function goDump(value: Json | undefined, type: string): string {
  return typed(value, type)
}

/** A value with its type before it. */
function typed(value: Json | undefined, type: string): string {
  return `(${type.split('=')[0]})${bare(value, type)}`
}

function bare(value: Json | undefined, type: string): string {
  const [name, of] = named(type)
  if (of !== undefined) return bare(value, of)
  const isAbsent = value === undefined || value === null
  if (name.startsWith('*')) return isAbsent ? '<nil>' : bare(value, name.slice(1))
  if (name.startsWith('[]')) return list(value, name.slice(2))
  if (name.startsWith('map[')) return map(value, name)
  switch (name) {
    case 'string':
      return isAbsent ? '' : String(value)
    case 'bool':
      return String(value === true)
    case 'resource.Quantity':
      return quantity(isAbsent ? '' : String(value))
    case 'intstr.IntOrString':
      return intOrString(value)
    case 'v1.Time':
      return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'
    case 'v1.FieldsV1':
      return '{Raw:([]uint8)<nil>}'
    default:
      return name.includes('.') ? struct(value, name) : String(isAbsent ? 0 : value)
  }
}

/** The name of a type, and what it is where it is another's name. */
function named(type: string): readonly [string, string | undefined] {
  const at = /^[\w.]+=/.exec(type)?.[0].length
  return at === undefined ? [type, undefined] : [type.slice(0, at - 1), type.slice(at)]
}

/** Lists and maps without anything in them do not come over the wire. */
function list(value: Json | undefined, type: string): string {
  if (!isArray(value) || value.length === 0) return '<nil>'
  return `[${value.map((each) => bare(each, type)).join(' ')}]`
}

function map(value: Json | undefined, type: string): string {
  const entries = isObject(value) ? Object.entries(value) : []
  if (entries.length === 0) return '<nil>'
  const element = type.slice(type.indexOf(']') + 1)
  const parts = entries
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, each]) => `${key}:${bare(each, element)}`)
  return `map[${parts.join(' ')}]`
}

function struct(value: Json | undefined, name: string): string {
  const own: JsonObject = isObject(value) ? value : {}
  const parts = fieldsOf(name.slice(name.indexOf('.') + 1)).map(([go, json, type]) => {
    // What is embedded lies among the fields of what holds it.
    return `${go}:${typed(json === '' ? own : own[json], type)}`
  })
  return `{${parts.join(' ')}}`
}

type Field = readonly [go: string, json: string, type: string]

const known = new Map<string, readonly Field[]>()

function fieldsOf(name: string): readonly Field[] {
  let fields = known.get(name)
  if (fields === undefined) {
    fields = (GO_STRUCTS[name] ?? '').split('|').map((text): Field => {
      const [go = '', json = '', ...type] = text.split(' ')
      return [go, json, type.join(' ')]
    })
    known.set(name, fields)
  }
  return fields
}

function intOrString(value: Json | undefined): string {
  const isText = typeof value === 'string'
  const number = typeof value === 'number' ? value : 0
  return `{Type:(intstr.Type)${isText ? 1 : 0} IntVal:(int32)${number} StrVal:(string)${isText ? value : ''}}`
}

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A quantity in its inner form; it keeps its text where that is canonical beyond doubt. */
function quantity(text: string): string {
  const inner = (value: string, scale: number, kept: string, format: string): string =>
    `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${kept} Format:(resource.Format)${format}}`
  if (text === '') return inner('0', 0, '', '')
  if (text === '0') return inner('0', 0, '0', 'DecimalSI')
  const { format = 'DecimalSI' } = parseQuantity(text) ?? {}
  const [, sign = '', whole = '', part = '', suffix = ''] =
    /^([+-]?)(\d*)(?:\.(\d*))?([A-Za-z]*)/.exec(text) ?? []
  const shifted = `${whole.replace(/^0+(?=.)/, '')}${part}`
  const minus = sign === '-' ? '-' : ''
  if (format === 'BinarySI') {
    const times = BINARY.indexOf(suffix)
    const kept = (BigInt(shifted) & 7n) === 0n ? '' : text
    return inner(`${minus}${BigInt(shifted) << BigInt(times * 10)}`, 0, kept, format)
  }
  const scale = (DECIMAL.indexOf(suffix) - 3) * 3 - part.length
  const isCanonical = scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
  return inner(`${minus}${BigInt(shifted)}`, scale, isCanonical ? text : '', format)
}
