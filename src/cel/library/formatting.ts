import { Duration, entriesOf, kindOf, Timestamp, TypeName, typeNameOf, Uint } from '../values.ts'
import { BadFormat, type Clause, type FormatRules } from './format-steps.ts'
import { doubleText, quoted, utf8Of } from './texts.ts'
import { durationText, timestampText } from './times.ts'

const WORDS: Readonly<Record<string, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
}

const TAKES: Readonly<Record<string, readonly string[]>> = {
  s: [
    'list',
    'map',
    'int',
    'uint',
    'double',
    'bool',
    'string',
    'timestamp',
    'bytes',
    'duration',
    'type',
    'null',
  ],
  d: ['int', 'uint'],
  f: ['double'],
  e: ['double'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
}

/** The first version of `format`, which Kubernetes has. @see google/cel-go v0.26.0 ext/formatting.go */
export const localRules: FormatRules = { words: WORDS, takes: TAKES, excusesTexts: true, write }

function write({ verb, precision }: Clause, value: unknown): string | undefined {
  const kind = kindOf(value)
  const special = kind === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value as string)
  const isFloat = verb === 'f' || verb === 'e'
  if (!(TAKES[verb] ?? []).includes(kind) && !(isFloat && special)) return undefined
  const whole = value instanceof Uint ? value.value : (value as bigint)
  switch (verb) {
    case 's':
      return textOf(value)
    case 'd':
      return String(whole)
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole.toString(2)
    case 'o':
      return whole.toString(8)
    case 'x':
      return hex(value, whole)
    case 'X':
      return hex(value, whole).toUpperCase()
    default:
      return float(verb, Number(value), precision ?? 6)
  }
}

function hex(value: unknown, whole: bigint): string {
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.from(value).toString('hex')
  return whole.toString(16)
}

function float(verb: string, value: number, precision: number): string {
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞'
    return verb === 'e' ? text.padStart(precision) : text
  }
  if (verb === 'f') return grouped(fixed(value, precision))
  // What was meant to be a precision is a width, which the digits mostly exceed.
  const [digits = '', exponent = '0'] = value.toExponential(6).split('e')
  const size = exponent.replace(/^[+-]/, '').padStart(2, '0')
  const power = superscript(`${exponent.startsWith('-') ? '-' : ''}${size}`)
  return `${digits}×10${power}`.padStart(precision)
}

function superscript(text: string): string {
  return Array.from(text, (letter) =>
    letter === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(letter)] ?? ''),
  ).join('')
}

/** Thousands in groups, as English writes them. */
function grouped(text: string): string {
  const [whole = '', part] = text.split('.')
  const groups = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
  return part === undefined ? groups : `${groups}.${part}`
}

/** A double is a fraction of powers of two, so that all its digits can be told. */
function exactly(value: number): { readonly digits: bigint; readonly scale: number } {
  let scale = 0
  let rest = Math.abs(value)
  while (!Number.isInteger(rest) && scale < 1100) {
    rest *= 2
    scale += 1
  }
  return { digits: BigInt(rest) * 5n ** BigInt(scale), scale }
}

function rounded(digits: bigint, by: bigint): bigint {
  const [whole, left] = [digits / by, digits % by]
  const twice = left * 2n
  return twice > by || (twice === by && whole % 2n === 1n) ? whole + 1n : whole
}

/** A double with so many digits behind the point, exactly rounded. */
export function fixed(value: number, precision: number): string {
  const { digits, scale } = exactly(value)
  const cut =
    scale > precision
      ? rounded(digits, 10n ** BigInt(scale - precision))
      : digits * 10n ** BigInt(precision - scale)
  const text = String(cut).padStart(precision + 1, '0')
  const sign = value < 0 ? '-' : ''
  const point = text.length - precision
  return precision === 0 ? `${sign}${text}` : `${sign}${text.slice(0, point)}.${text.slice(point)}`
}

/** A value as a text. @throws BadFormat */
export function textOf(value: unknown): string {
  switch (kindOf(value)) {
    case 'list':
      return `[${(value as unknown[]).map(literalText).join(', ')}]`
    case 'map': {
      const pairs = entriesOf(value).map(([key, item]) => {
        if (!['string', 'bool', 'int', 'uint'].includes(kindOf(key)))
          throw new BadFormat(
            `error during formatting: no formatting function for map key of type ${typeNameOf(key)}`,
          )
        return [literalText(key), literalText(item)] as const
      })
      pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      return `{${pairs.map((pair) => pair.join(':')).join(', ')}}`
    }
    case 'null':
      return 'null'
    case 'bytes': {
      const text = utf8Of(value as Uint8Array)
      if (text !== undefined) return text
      throw new BadFormat(
        'error during formatting: could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string',
      )
    }
    case 'duration':
      return durationText(value as Duration)
    case 'timestamp':
      return timestampText(value as Timestamp)
    case 'type':
      return (value as TypeName).name
    case 'double':
      return doubleText(value as number)
    case 'uint':
      return String((value as Uint).value)
    default:
      return String(value)
  }
}

/** A part of a list or map. */
function literalText(value: unknown): string {
  switch (kindOf(value)) {
    case 'string':
      return quoted(value as string)
    case 'bytes':
      return `b${quoted(textOf(value))}`
    case 'duration':
      return `duration(${quoted(durationText(value as Duration))})`
    case 'timestamp':
      return `timestamp(${quoted(timestampText(value as Timestamp))})`
    case 'double': {
      const number = value as number
      if (Number.isFinite(number))
        return fixed(number, 6).replace(/^0/, Object.is(number, -0) ? '-0' : '0')
      return quoted(doubleText(number))
    }
    case 'list':
    case 'map':
    case 'int':
    case 'uint':
    case 'bool':
    case 'null':
    case 'type':
      return textOf(value)
    default:
      throw new BadFormat(
        `error during formatting: no formatting function for ${typeNameOf(value)}`,
      )
  }
}
