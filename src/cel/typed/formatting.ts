import type { Expr } from './expr.ts'
import { durationText, timestampText } from './times.ts'
import { simple } from './type.ts'
import {
  Duration,
  EvalError,
  entriesOf,
  kindOf,
  Timestamp,
  TypeName,
  typeNameOf,
  Uint,
} from './values.ts'

/** A step of a format: text, or a clause with its precision. */
type Step =
  | { readonly text: string }
  | { readonly verb: string; readonly precision: number | undefined }

class BadFormat extends Error {}

/** Steps one after the other; the fault of a format is met where it stands, after the steps before. */
function* stepsOf(pattern: string, count: number, isLiteral: boolean): Generator<Step> {
  let index = 0
  for (let i = 0; i < pattern.length; ) {
    const at = pattern.indexOf('%', i)
    if (at < 0) {
      yield { text: pattern.slice(i) }
      return
    }
    if (at > i) yield { text: pattern.slice(i, at) }
    if (pattern[at + 1] === '%') {
      yield { text: '%' }
      i = at + 2
      continue
    }
    // What is written out is read before it is asked for arguments.
    if (isLiteral && at + 1 >= pattern.length) throw new BadFormat('unexpected end of string')
    if (index >= count) throw new BadFormat(`index ${index} out of range`)
    if (at + 1 >= pattern.length) throw new BadFormat('unexpected end of string')
    const clause = clauseOf(pattern.slice(at + 1))
    yield clause
    i = at + 1 + clause.length
    index += 1
  }
}

const VERBS = 'sdfebxXo'

function clauseOf(text: string): { verb: string; precision: number | undefined; length: number } {
  const bad = (words: string): never => {
    throw new BadFormat(`could not parse formatting clause: ${words}`)
  }
  let length = 0
  let precision: number | undefined
  if (text.startsWith('.')) {
    const digits = /^\.(\d*)/.exec(text)?.[1] ?? ''
    length = 1 + digits.length
    const parsing = 'error while parsing precision: '
    if (length >= text.length) bad(`${parsing}could not find end of precision specifier`)
    if (digits === '')
      bad(
        `${parsing}error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax`,
      )
    precision = Number(digits)
  }
  const verb = text[length] ?? ''
  if (!VERBS.includes(verb)) bad(`unrecognized formatting clause "${verb}"`)
  return { verb, precision, length: length + 1 }
}

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

/** What is wrong with a format that is written out, and with what part of it. */
export function formatProblem(
  pattern: string,
  items: readonly Expr[],
): { readonly words: string; readonly expr?: Expr } | undefined {
  let index = 0
  try {
    for (const step of stepsOf(pattern, items.length, true)) {
      const item = items[index]
      if ('text' in step || item === undefined) continue
      const bad = misfit(step.verb, item)
      if (bad !== undefined)
        return { words: `error during formatting: ${said(step.verb, bad)}`, expr: bad }
      index += 1
    }
  } catch (error) {
    if (!(error instanceof BadFormat)) throw error
    return { words: error.message }
  }
  if (items.length > index)
    return {
      words: `too many arguments supplied to string.format (expected ${index}, got ${items.length})`,
    }
  return undefined
}

function said(verb: string, expr: Expr): string {
  const type = expr.type ?? simple('dyn')
  const name = {
    null: 'null_type',
    duration: 'google.protobuf.Duration',
    timestamp: 'google.protobuf.Timestamp',
  }[type.kind as string]
  return `${WORDS[verb] ?? ''}, was given ${name ?? type.name}`
}

/** The part of an argument that a clause does not take. */
function misfit(verb: string, expr: Expr): Expr | undefined {
  const kind = expr.type?.kind ?? 'dyn'
  if (kind !== 'dyn' && !(TAKES[verb] ?? []).includes(kind) && !isExcused(verb, expr)) return expr
  if (verb !== 's') return undefined
  const parts = expr.kind === 'list' ? expr.items : expr.kind === 'map' ? expr.entries.flat() : []
  for (const part of parts) {
    const bad = misfit(verb, part)
    if (bad !== undefined) return bad
  }
  return undefined
}

/** Texts that name no number are numbers for these clauses. */
function isExcused(verb: string, { type }: Expr): boolean {
  return (verb === 'f' || verb === 'e') && type?.kind === 'string'
}

/**
 * Formats values by a pattern.
 * @throws EvalError
 * @see google/cel-go v0.26.0 ext/formatting.go
 */
export function formatted(pattern: string, args: readonly unknown[]): string {
  let out = ''
  let index = 0
  try {
    for (const step of stepsOf(pattern, args.length, false)) {
      if ('text' in step) out += step.text
      else {
        out += clause(step, args[index])
        index += 1
      }
    }
  } catch (error) {
    if (error instanceof BadFormat) throw new EvalError(error.message, { cause: error })
    throw error
  }
  return out
}

function clause(
  { verb, precision }: { readonly verb: string; readonly precision: number | undefined },
  value: unknown,
): string {
  const kind = kindOf(value)
  const special = kind === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value as string)
  const isFloat = verb === 'f' || verb === 'e'
  if (!(TAKES[verb] ?? []).includes(kind) && !(isFloat && special))
    throw new BadFormat(
      `error during formatting: ${WORDS[verb] ?? ''}, was given ${typeNameOf(value)}`,
    )
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

function fixed(value: number, precision: number): string {
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

/** Bytes as the text that they write; undefined: they write none. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A double as Go writes it shortest. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [, exponent = '0'] = value.toExponential().split('e')
  const size = Number(exponent)
  if (size < -4 || size >= 6) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return String(value)
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

/** Letters that stand in quotes as Go writes them. */
export const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

/** A text in quotes as Go's %q writes it. */
export function quoted(text: string): string {
  const inner = Array.from(text, (letter) => {
    const known = ESCAPES[letter]
    if (known !== undefined) return known
    const code = letter.codePointAt(0) ?? 0
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
    if (code < 0x7f || (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(letter) && code !== 0xfeff))
      return letter
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`
  })
  return `"${inner.join('')}"`
}
