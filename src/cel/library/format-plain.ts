import { Duration, entriesOf, kindOf, Timestamp, TypeName, typeNameOf, Uint } from '../values.ts'
import { BadFormat, type Clause, type FormatRules } from './format-steps.ts'
import { fixed } from './formatting.ts'
import { plainDouble } from './texts.ts'
import { timestampText } from './times.ts'

const NUMBERS = 'can only be used on ints, uints, and doubles'

const WORDS: FormatRules['words'] = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: `decimal clause ${NUMBERS}`,
  f: `fixed-point clause ${NUMBERS}`,
  e: `scientific clause ${NUMBERS}`,
  b: 'only ints, uints, and bools can be formatted as binary',
  x: 'only ints, uints, bytes, and strings can be formatted as hex',
  X: 'only ints, uints, bytes, and strings can be formatted as hex',
  o: 'octal clause can only be used on ints and uints',
}

const NUMERIC = ['int', 'uint', 'double']
const HEX = ['int', 'uint', 'string', 'bytes']
const TAKES: FormatRules['takes'] = {
  s: 'list map int uint double bool string timestamp bytes duration type null'.split(' '),
  d: NUMERIC,
  f: NUMERIC,
  e: NUMERIC,
  b: ['int', 'uint', 'bool'],
  x: HEX,
  X: HEX,
  o: ['int', 'uint'],
}

/** The newest version of `format`, which Flux has. @see google/cel-go v0.26.1 ext/formatting_v2.go */
export const plainRules: FormatRules = { words: WORDS, takes: TAKES, excusesTexts: false, write }

function write({ verb, precision }: Clause, value: unknown): string | undefined {
  if (!(TAKES[verb] ?? []).includes(kindOf(value))) return undefined
  const whole = value instanceof Uint ? value.value : (value as bigint)
  switch (verb) {
    case 's':
      return plainText(value)
    case 'd':
      return typeof value === 'number' ? plainDouble(value) : String(whole)
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole.toString(2)
    case 'o':
      return whole.toString(8)
    case 'x':
      return hex(value, whole)
    case 'X':
      return hex(value, whole).toUpperCase()
    default:
      return typeof value === 'number'
        ? float(verb, value, precision ?? 6)
        : misread(verb, value, precision ?? 6)
  }
}

function hex(value: unknown, whole: bigint): string {
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.from(value).toString('hex')
  return whole.toString(16)
}

/** The most digits that the engine writes after the point of an exponent's number. */
const MAX_DIGITS = 100

function float(verb: string, value: number, precision: number): string {
  if (!Number.isFinite(value)) return plainDouble(value)
  if (verb === 'f') return `${Object.is(value, -0) ? '-' : ''}${fixed(value, precision)}`
  const text = value.toExponential(Math.min(precision, MAX_DIGITS))
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/** What Go says of a whole number that it is told to write as a double. */
function misread(verb: string, value: unknown, precision: number): string {
  const whole = value instanceof Uint ? value.value : (value as bigint)
  const size = whole < 0n ? -whole : whole
  const digits = String(size).padStart(precision, '0')
  const type = value instanceof Uint ? 'uint64' : 'int64'
  return `%!${verb}(${type}=${whole < 0n ? '-' : ''}${digits})`
}

/** A value as a text. @throws BadFormat */
function plainText(value: unknown): string {
  switch (kindOf(value)) {
    case 'list':
      return `[${(value as unknown[]).map(plainText).join(', ')}]`
    case 'map': {
      const pairs = entriesOf(value).map(
        ([key, item]) => [plainText(key), plainText(item)] as const,
      )
      pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      return `{${pairs.map((pair) => pair.join(': ')).join(', ')}}`
    }
    case 'null':
      return 'null'
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString()
    case 'duration':
      return `${plainDouble(Number((value as Duration).ns) / 1e9)}s`
    case 'timestamp':
      return timestampText(new Timestamp((value as Timestamp).ns))
    case 'type':
      return (value as TypeName).name
    case 'double':
      return plainDouble(value as number)
    case 'uint':
      return String((value as Uint).value)
    case 'int':
    case 'bool':
    case 'string':
      return String(value)
    default:
      throw new BadFormat(
        `error during formatting: ${WORDS['s'] ?? ''}, was given ${typeNameOf(value)}`,
      )
  }
}
