import { charge } from './ast.ts'

/** Digits behind the point when the pattern names none. */
const DEFAULT_PRECISION = 6
/** More digits than any double has. */
const MAX_PRECISION = 100

/**
 * `string.format(list)`: `%s %d %f %e %b %o %x %X`, precision for `f` and `e`.
 * @see google/cel-go v0.26.1 ext/formatting.go
 */
export function format(pattern: string, args: readonly unknown[]): string {
  let next = 0
  const out = pattern.replaceAll(
    /%(?:%|(?:\.(\d+))?([a-zA-Z]))/g,
    (whole, precision: string | undefined, verb: string | undefined) => {
      if (verb === undefined) return whole.slice(1)
      if (next >= args.length) throw new Error(`index ${next} out of range`)
      const argument = args[next]
      next += 1
      const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision)
      return clause(verb, argument, Math.min(digits, MAX_PRECISION))
    },
  )
  charge(out.length / 10)
  return out
}

function clause(verb: string, argument: unknown, digits: number): string {
  switch (verb) {
    case 's':
      return text(argument)
    case 'd':
      return decimal(argument)
    case 'f':
      return double(argument, verb).toFixed(digits)
    case 'e':
      return double(argument, verb)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, 'e$10$2')
    case 'b':
      if (typeof argument === 'boolean') return argument ? '1' : '0'
      return whole(argument, verb).toString(2)
    case 'o':
      return whole(argument, verb).toString(8)
    case 'x':
    case 'X':
      return hex(argument, verb)
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`)
  }
}

function text(argument: unknown): string {
  if (typeof argument === 'string') return argument
  if (argument === null) return 'null'
  if (argument instanceof Uint8Array) return Buffer.from(argument).toString()
  if (Array.isArray(argument)) return `[${argument.map(text).join(', ')}]`
  if (argument instanceof Date) return timestampText(argument)
  if (argument instanceof Map) return mapText([...argument.entries()])
  if (typeof argument === 'number') return doubleText(argument)
  if (typeof argument !== 'object') return String(argument)
  const name: unknown = Reflect.get(argument, Symbol.toStringTag)
  return name === undefined ? mapText(Object.entries(argument)) : String(argument)
}

function mapText(entries: readonly (readonly [unknown, unknown])[]): string {
  const parts = entries.map(([key, value]) => `${text(key)}: ${text(value)}`).sort()
  return `{${parts.join(', ')}}`
}

function decimal(argument: unknown): string {
  if (typeof argument === 'number' && !Number.isFinite(argument)) return doubleText(argument)
  if (typeof argument === 'number') return String(argument)
  return whole(argument, 'd').toString()
}

function hex(argument: unknown, verb: 'x' | 'X'): string {
  const plain =
    typeof argument === 'string' || argument instanceof Uint8Array
      ? Buffer.from(argument).toString('hex')
      : whole(argument, verb).toString(16)
  return verb === 'X' ? plain.toUpperCase() : plain
}

function whole(argument: unknown, verb: string): bigint {
  if (typeof argument === 'bigint') return argument
  const value: unknown =
    typeof argument === 'object' && argument !== null ? argument.valueOf() : undefined
  if (typeof value === 'bigint') return value
  throw new Error(`error during formatting: only integers can be formatted with %${verb}`)
}

function double(argument: unknown, verb: string): number {
  const value: unknown =
    typeof argument === 'object' && argument !== null ? argument.valueOf() : argument
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  throw new Error(`error during formatting: only numbers can be formatted with %${verb}`)
}

/** A double as Go's `%g` would print it in an expression. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e21))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return String(value)
}

/** RFC 3339 in UTC, with as many digits of a second as there are. */
export function timestampText(value: Date): string {
  return value.toISOString().replace(/\.?0*Z$/, 'Z')
}
