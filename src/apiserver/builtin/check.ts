import {
  isObject,
  type Json,
  type JsonObject,
  parseSelector,
  sameJson,
} from '../../object/index.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { type Form, labelValue, percent, portName, qualifiedName } from './names.ts'
import type { Cause } from './refusal.ts'

/** What is wrong with a part of an object that stands at a path. */
export type Check = (value: JsonObject, path: string) => Cause[]

/** The object under a key; `{}` when there is none. */
export function at(value: JsonObject | undefined, key: string): JsonObject {
  const found = value?.[key]
  return isObject(found) ? found : {}
}

/** The objects of a list under a key. */
export function items(value: JsonObject | undefined, key: string): readonly JsonObject[] {
  const found = value?.[key]
  return Array.isArray(found) ? (found as Json[]).filter(isObject) : []
}

/** The texts of a list under a key. */
export function texts(value: JsonObject | undefined, key: string): readonly string[] {
  const found = value?.[key]
  if (!Array.isArray(found)) return []
  return (found as Json[]).filter((item): item is string => typeof item === 'string')
}

/** The text under a key; `''` when there is none. */
export function text(value: JsonObject | undefined, key: string): string {
  const found = value?.[key]
  return typeof found === 'string' ? found : ''
}

/** The number under a key. */
export function number(value: JsonObject | undefined, key: string): number | undefined {
  const found = value?.[key]
  return typeof found === 'number' ? found : undefined
}

/** Whether no time is given. */
export function isZeroTime(value: Json | undefined): boolean {
  return value === undefined || value === null
}

/** Numbers that may not be negative. */
export function nonNegative(value: JsonObject, path: string, ...keys: readonly string[]): Cause[] {
  return keys.flatMap((key) => {
    const found = number(value, key)
    return found !== undefined && found < 0
      ? [invalid(`${path}.${key}`, found, 'must be greater than or equal to 0')]
      : []
  })
}

/** A text that has to have a form. */
export function formed(value: string, form: Form, path: string): Cause[] {
  return form(value).map((message) => invalid(path, value, message))
}

/** A text that has to be there and to have a form. */
export function requiredForm(value: string, form: Form, path: string): Cause[] {
  return value === '' ? [required(path)] : formed(value, form, path)
}

/** A text that has to be one of some. */
export function oneOf(value: string, supported: readonly string[], path: string): Cause[] {
  if (value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** A field that may not change. */
export function immutable(next: Json | undefined, old: Json | undefined, path: string): Cause[] {
  return sameJson(next, old) ? [] : [invalid(path, next, 'field is immutable')]
}

/** Labels, by key and value. */
export function labels(value: JsonObject, path: string): Cause[] {
  return Object.keys(value).flatMap((key) =>
    formed(key, qualifiedName, path).concat(formed(String(value[key] ?? ''), labelValue, path)),
  )
}

/** A label selector. */
export function labelSelector(value: JsonObject, path: string): Cause[] {
  return [
    ...labels(at(value, 'matchLabels'), `${path}.matchLabels`),
    ...items(value, 'matchExpressions').flatMap((each, i) =>
      requirement(each, `${path}.matchExpressions[${i}]`),
    ),
  ]
}

function requirement(value: JsonObject, path: string): Cause[] {
  const operator = text(value, 'operator')
  const values = texts(value, 'values')
  const causes: Cause[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      causes.push(
        required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
      )
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      causes.push({
        reason: 'FieldValueForbidden',
        field: `${path}.values`,
        message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      })
  } else causes.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  causes.push(...formed(text(value, 'key'), qualifiedName, `${path}.key`))
  for (const [i, each] of values.entries())
    causes.push(...formed(each, labelValue, `${path}.values[${i}]`))
  return causes
}

/** Says whether a label selector matches labels; undefined when it can not be read. */
export function selects(selector: JsonObject, given: JsonObject): boolean | undefined {
  if (labelSelector(selector, '').length > 0) return undefined
  const parts = Object.entries(at(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  for (const each of items(selector, 'matchExpressions')) {
    const key = text(each, 'key')
    const values = texts(each, 'values').join(',')
    const operator = text(each, 'operator')
    if (operator === 'In') parts.push(`${key} in (${values})`)
    else if (operator === 'NotIn') parts.push(`${key} notin (${values})`)
    else if (operator === 'Exists') parts.push(key)
    else if (operator === 'DoesNotExist') parts.push(`!${key}`)
    else return undefined
  }
  if (parts.length === 0) return true
  try {
    return parseSelector(parts.join(','))(given as Record<string, string>)
  } catch {
    return undefined
  }
}

/** Says whether a label selector selects nothing in particular. */
export function isEmptySelector(selector: JsonObject): boolean {
  const count = Object.keys(at(selector, 'matchLabels')).length
  return count + items(selector, 'matchExpressions').length === 0
}

/** A number of things, or a percentage of them. */
export function intOrPercent(value: Json | undefined, path: string): Cause[] {
  if (typeof value === 'string') return formed(value, percent, path)
  return typeof value === 'number' && value < 0
    ? [invalid(path, value, 'must be greater than or equal to 0')]
    : []
}

/** A percentage that may not be over 100. */
export function atMost100(value: Json | undefined, path: string): Cause[] {
  return typeof value === 'string' &&
    percent(value).length === 0 &&
    Number.parseInt(value, 10) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : []
}

/** What a number or percentage counts as: its number. */
export function countOf(value: Json | undefined): number {
  return typeof value === 'string' ? Number.parseInt(value, 10) || 0 : Number(value ?? 0)
}

/** A port's number. */
export function portNumber(value: number, path: string): Cause[] {
  return value >= 1 && value <= 65535
    ? []
    : [invalid(path, value, 'must be between 1 and 65535, inclusive')]
}

/** A port's number or name. */
export function portNumberOrName(value: Json | undefined, path: string): Cause[] {
  return typeof value === 'string'
    ? formed(value, portName, path)
    : portNumber(Number(value ?? 0), path)
}

/** An IP address, in the one form that all readers understand alike. */
export function ipAddress(value: string, path: string): Cause[] {
  if (!isIp(value))
    return [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
  if (hasLeadingZeros(value)) return [invalid(path, value, 'must not have leading 0s')]
  if (isMapped(value)) return [invalid(path, value, 'must not be an IPv4-mapped IPv6 address')]
  return []
}

/** In the part that is written with dots; groups of IPv6 may have them. */
function hasLeadingZeros(address: string): boolean {
  return /(^|[.:])0\d+\.|\.0\d/.test(address)
}

function isMapped(address: string): boolean {
  return /^(::|(0+:){5})f{4}:/i.test(address)
}

/** An address and the length of its prefix: a range, that starts where the prefix says. */
export function cidr(value: string, path: string): Cause[] {
  const [address = '', bits = '', ...more] = value.split('/')
  const max = address.includes(':') ? 128 : 32
  if (!isIp(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > max || more.length > 0)
    return [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  if (hasLeadingZeros(address) || /^0\d/.test(bits))
    return [invalid(path, value, 'must not have leading 0s in IP or prefix length')]
  if (isMapped(address)) return [invalid(path, value, 'must not have an IPv4-mapped IPv6 address')]
  return binary(address).slice(Number(bits)).includes('1')
    ? [invalid(path, value, 'must not have bits set beyond the prefix length')]
    : []
}

/** Whether a range lies in another and is smaller; both have been checked. */
export function isWithin(inner: string, outer: string): boolean {
  const [innerIp = '', innerBits = '0'] = inner.split('/')
  const [outerIp = '', outerBits = '0'] = outer.split('/')
  const isSameKind = innerIp.includes(':') === outerIp.includes(':')
  if (!isSameKind || Number(outerBits) >= Number(innerBits)) return false
  const start = binary(outerIp).slice(0, Number(outerBits))
  return binary(innerIp).startsWith(start)
}

/** The bits of an address: 32 or 128 characters. */
function binary(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((each) => Number(each).toString(2).padStart(8, '0'))
      .join('')
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const pair = (a = '0', b = '0'): string => (Number(a) * 256 + Number(b)).toString(16)
  const plain =
    tail === null ? address : `${tail[1]}${pair(tail[2], tail[3])}:${pair(tail[4], tail[5])}`
  const [head = '', rest] = plain.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const before = groups(head)
  const after = groups(rest ?? '')
  const middle = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...middle, ...after]
    .map((each) => Number.parseInt(each, 16).toString(2).padStart(16, '0'))
    .join('')
}

function isIp(value: string): boolean {
  const parts = value.split('.')
  const isV4 = (some: readonly string[]): boolean =>
    some.length === 4 && some.every((each) => /^\d{1,3}$/.test(each) && Number(each) <= 255)
  if (!value.includes(':')) return isV4(parts)
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(value)
  if (tail !== null && !isV4((tail[2] ?? '').split('.'))) return false
  const six = tail === null ? value : `${tail[1]}0:0`
  const halves = six.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const isFull = halves.length === 1 ? groups.length === 8 : groups.length <= 7
  return isFull && groups.every((each) => /^[0-9a-fA-F]{1,4}$/.test(each))
}
