import { charge } from '../budget.ts'
import { Duration, EvalError, Timestamp, TypeName, typeNameOf, Uint } from '../values.ts'
import type { Forms } from './forms.ts'
import { int, uint } from './operators.ts'
import { doubleText, utf8Of } from './texts.ts'
import {
  durationOf,
  durationText,
  fieldOfSpan,
  fieldOfTime,
  timestampOf,
  timestampText,
} from './times.ts'

function unconverted(value: unknown, type: string): EvalError {
  return new EvalError(`type conversion error from '${typeNameOf(value)}' to '${type}'`)
}

function wholeOf(value: number): bigint {
  if (Number.isNaN(value) || !(Math.abs(value) < 2 ** 63)) throw new EvalError('integer overflow')
  return BigInt(Math.trunc(value))
}

function naturalOf(value: number): bigint {
  if (Number.isNaN(value) || !(value >= 0 && value < 2 ** 64))
    throw new EvalError('unsigned integer overflow')
  return BigInt(Math.trunc(value))
}

const DOUBLE = /^[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?$/
const HEX_DOUBLE = /^([+-]?)0[xX]([\dA-Fa-f_]*)(?:\.([\dA-Fa-f_]*))?[pP]([+-]?\d+)$/

function doubleOf(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special !== null) {
    if (/nan/i.test(special[2] ?? '')) return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  const hex = HEX_DOUBLE.exec(text)
  if (hex !== null) {
    const [, sign, whole = '', part = '', power = '0'] = hex
    const digits = Number.parseInt(`${whole}${part}`.replaceAll('_', ''), 16)
    const value = digits * 2 ** (Number(power) - 4 * part.length)
    return sign === '-' ? -value : value
  }
  const value = DOUBLE.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN
  if (!Number.isFinite(value)) throw unconverted(text, 'double')
  return value
}

const BOOLS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
}

function times(): Forms {
  const names =
    'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds'
  const out: Record<string, (...args: never[]) => unknown> = {}
  for (const name of names.split(' ')) {
    out[`${name} timestamp`] = (at: Timestamp) => fieldOfTime(name, at)
    out[`${name} timestamp string`] = (at: Timestamp, zone: string) => fieldOfTime(name, at, zone)
  }
  for (const name of ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'])
    out[`${name} duration`] = (span: Duration) => fieldOfSpan(name, span)
  return out
}

/** Conversions, and parts of moments and spans. @see google/cel-go v0.26.0 common/stdlib */
export const conversions: Forms = {
  ...times(),
  'type *': (value: unknown) => new TypeName(typeNameOf(value)),
  'dyn *': (value: unknown) => value,
  'bool bool': (value: boolean) => value,
  'bool string': (text: string) => {
    const value = Object.hasOwn(BOOLS, text) ? BOOLS[text] : undefined
    if (value === undefined) throw unconverted(text, 'bool')
    return value
  },
  'bytes bytes': (value: Uint8Array) => value,
  'bytes string': (text: string) => new Uint8Array(Buffer.from(text)),
  'double double': (value: number) => value,
  'double int': (value: bigint) => Number(value),
  'double uint': (value: Uint) => Number(value.value),
  'double string': doubleOf,
  'duration duration': (value: Duration) => value,
  'duration int': (value: bigint) => {
    throw unconverted(value, 'google.protobuf.Duration')
  },
  'duration string': (text: string) => {
    charge(text.length / 10)
    const value = durationOf(text)
    if (value === undefined) throw unconverted(text, 'google.protobuf.Duration')
    return value
  },
  'int int': (value: bigint) => value,
  'int uint': (value: Uint) => int(value.value),
  'int double': wholeOf,
  'int duration': (value: Duration) => value.ns,
  'int timestamp': (value: Timestamp) =>
    (value.ns - (((value.ns % SECOND) + SECOND) % SECOND)) / SECOND,
  'int string': (text: string) => {
    const value = /^[+-]?0*\d{1,20}$/.test(text) ? BigInt(text.replace('+', '')) : undefined
    if (value === undefined || value > 2n ** 63n - 1n || value < -(2n ** 63n))
      throw unconverted(text, 'int')
    return value
  },
  'uint uint': (value: Uint) => value,
  'uint int': (value: bigint) => uint(value),
  'uint double': (value: number) => new Uint(naturalOf(value)),
  'uint string': (text: string) => {
    const value = /^0*\d{1,20}$/.test(text) ? BigInt(text) : undefined
    if (value === undefined || value >= 2n ** 64n) throw unconverted(text, 'uint')
    return new Uint(value)
  },
  'string string': (text: string) => text,
  'string bool': String,
  'string bytes': (bytes: Uint8Array) => {
    const text = utf8Of(bytes)
    if (text === undefined) throw new EvalError('invalid UTF-8 in bytes, cannot convert to string')
    return text
  },
  'string double': doubleText,
  'string int': String,
  'string uint': (value: Uint) => String(value.value),
  'string duration': durationText,
  'string timestamp': timestampText,
  'timestamp timestamp': (value: Timestamp) => value,
  'timestamp int': (value: bigint) => {
    const moment = timestampOf(value)
    if (moment === undefined) throw new EvalError('timestamp overflow')
    return moment
  },
  'timestamp string': (text: string) => {
    const moment = timestampOf(text)
    if (moment !== undefined) return moment
    // One that is too early or too late would be a moment in another year.
    const isFar = timestampOf(text.replace(/^\d{4}/, text.startsWith('0000') ? '2004' : '2003'))
    if (isFar !== undefined) throw new EvalError('timestamp overflow')
    throw unconverted(text, 'google.protobuf.Timestamp')
  },
}

const SECOND = 1_000_000_000n
