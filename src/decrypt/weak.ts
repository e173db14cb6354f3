import { decryptFault } from './faults.ts'
import { decimalText, Moment, type TreeMap, type TreeValue } from './tree.ts'

/**
 * Fields of the metadata as SOPS reads them: a kind of value that can be another is taken for it,
 * names count in capitals, too, and null is as if nothing was there. Nothing that was read is quoted.
 * @see go-viper/mapstructure v2 with WeaklyTypedInput
 */
interface Field {
  readonly value: TreeValue
  readonly name: string
}

function fieldOf(map: TreeMap, name: string): Field {
  const exact = map.get(name)
  if (exact !== undefined) return { value: exact, name }
  const key = [...map.keys()].find((each) => each.toLowerCase() === name)
  return { value: key === undefined ? null : (map.get(key) ?? null), name }
}

/** A text; '' when it is not there. @throws Fault SOPS_FORMAT */
export function weakText(map: TreeMap, name: string): string {
  const { value } = fieldOf(map, name)
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return decimalText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  throw unconvertible(name, 'string', value)
}

const TRUE = /^(?:1|t|T|true|TRUE|True)$/
const FALSE = /^(?:|0|f|F|false|FALSE|False)$/

/** Yes or no; no when it is not there. @throws Fault SOPS_FORMAT */
export function weakFlag(map: TreeMap, name: string): boolean {
  const { value } = fieldOf(map, name)
  if (value === null) return false
  if (typeof value === 'boolean') return value
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) !== 0
  if (typeof value !== 'string') throw unconvertible(name, 'bool', value)
  if (TRUE.test(value)) return true
  if (FALSE.test(value)) return false
  throw unparsable(name, 'bool', 'strconv.ParseBool: invalid syntax')
}

/** A number that is no whole one of 64 bits becomes the least of them, as in Go. */
const LARGEST = 2 ** 63
const WHOLE = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9]\d*)$/

/** A whole number; 0 when it is not there. @throws Fault SOPS_FORMAT */
export function weakCount(map: TreeMap, name: string): number {
  const { value } = fieldOf(map, name)
  if (value === null || value === '') return 0
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return Math.abs(value) < LARGEST ? Math.trunc(value) : -LARGEST
  if (typeof value === 'bigint')
    return BigInt.asIntN(64, value) === value ? Number(value) : -LARGEST
  if (typeof value !== 'string') throw unconvertible(name, 'int', value)
  if (!WHOLE.test(value)) throw unparsable(name, 'int', 'strconv.ParseInt: invalid syntax')
  const digits = value.replace(/^[+-]/, '').replace(/^0(?=\d)/, '0o')
  if (Number(digits) >= LARGEST)
    throw unparsable(name, 'int', 'strconv.ParseInt: value out of range')
  return (value.startsWith('-') ? -1 : 1) * Number(digits)
}

/** A list of maps; a map alone is the only one of its list. @throws Fault SOPS_FORMAT */
export function weakMaps(map: TreeMap, name: string): TreeMap[] {
  const { value } = fieldOf(map, name)
  if (value === null) return []
  if (value instanceof Map && value.size === 0) return []
  const items = Array.isArray(value) ? value : [value]
  return items.map((item, i) => {
    if (item === null) return new Map()
    if (item instanceof Map) return item
    const why = `expected a map or struct, got ${JSON.stringify(kindOf(item))}`
    throw decryptFault('SOPS_FORMAT', `decoding failed: '${name}[${i}]' ${why}`)
  })
}

/** Pairs of texts. @throws Fault SOPS_FORMAT */
export function weakPairs(map: TreeMap, name: string): Readonly<Record<string, string>> {
  const { value } = fieldOf(map, name)
  if (value === null) return {}
  if (!(value instanceof Map)) throw unconvertible(name, 'map[string]*string', value)
  return Object.fromEntries([...value.keys()].map((key) => [key, weakText(value, key)]))
}

function kindOf(value: TreeValue): string {
  if (Array.isArray(value)) return 'slice'
  if (value instanceof Map) return 'map'
  if (value instanceof Moment) return 'time.Time'
  return typeof value === 'bigint' ? 'int' : typeof value
}

function unconvertible(
  name: string,
  type: string,
  value: TreeValue,
): ReturnType<typeof decryptFault> {
  const why = `expected type '${type}', got unconvertible type '${kindOf(value)}'`
  return decryptFault('SOPS_FORMAT', `decoding failed: '${name}' ${why}`)
}

function unparsable(name: string, type: string, why: string): ReturnType<typeof decryptFault> {
  const text = `'${name}' cannot parse value as '${type}': ${why}`
  return decryptFault('SOPS_FORMAT', `decoding failed: ${text}`)
}
