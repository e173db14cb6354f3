import { charge } from '../budget.ts'
import type { Expr } from '../expr.ts'
import { simple } from '../type.ts'
import { EvalError, typeNameOf } from '../values.ts'

/** A clause of a format, with its precision. */
export interface Clause {
  readonly verb: string
  readonly precision: number | undefined
}

/** A step of a format: text, or a clause. */
type Step = { readonly text: string } | Clause

/** How a version of `format` writes values. */
export interface FormatRules {
  /** What is said where a clause does not take a value. */
  readonly words: Readonly<Record<string, string>>
  /** The kinds of values that a clause takes. */
  readonly takes: Readonly<Record<string, readonly string[]>>
  /** Whether texts go through as numbers before there is a value. */
  readonly excusesTexts: boolean
  /** A value that a clause takes, as a text; undefined: it takes none such. @throws BadFormat */
  readonly write: (clause: Clause, value: unknown) => string | undefined
}

/** A format that is wrong, or does not fit what is formatted. */
export class BadFormat extends Error {}

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

/** What is wrong with a format that is written out, and with what part of it. */
export function formatProblem(
  pattern: string,
  items: readonly Expr[],
  rules: FormatRules,
): { readonly words: string; readonly expr?: Expr } | undefined {
  let index = 0
  try {
    for (const step of stepsOf(pattern, items.length, true)) {
      const item = items[index]
      if ('text' in step || item === undefined) continue
      const bad = misfit(step.verb, item, rules)
      if (bad !== undefined)
        return { words: `error during formatting: ${said(rules.words[step.verb], bad)}`, expr: bad }
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

function said(words: string | undefined, expr: Expr): string {
  const type = expr.type ?? simple('dyn')
  const name = {
    null: 'null_type',
    duration: 'google.protobuf.Duration',
    timestamp: 'google.protobuf.Timestamp',
  }[type.kind as string]
  return `${words ?? ''}, was given ${name ?? type.name}`
}

/** The part of an argument that a clause does not take. */
function misfit(verb: string, expr: Expr, rules: FormatRules): Expr | undefined {
  const kind = expr.type?.kind ?? 'dyn'
  if (kind !== 'dyn' && !(rules.takes[verb] ?? []).includes(kind) && !isExcused(verb, expr, rules))
    return expr
  if (verb !== 's') return undefined
  const parts = expr.kind === 'list' ? expr.items : expr.kind === 'map' ? expr.entries.flat() : []
  for (const part of parts) {
    const bad = misfit(verb, part, rules)
    if (bad !== undefined) return bad
  }
  return undefined
}

/** Texts that name no number are numbers for these clauses. */
function isExcused(verb: string, { type }: Expr, rules: FormatRules): boolean {
  return rules.excusesTexts && (verb === 'f' || verb === 'e') && type?.kind === 'string'
}

/**
 * Formats values by a pattern.
 * @throws EvalError
 * @see google/cel-go v0.26.0 ext/formatting.go, formatting_v2.go
 */
export function formatted(pattern: string, args: readonly unknown[], rules: FormatRules): string {
  let out = ''
  let index = 0
  try {
    for (const step of stepsOf(pattern, args.length, false)) {
      if ('text' in step) out += step.text
      else {
        out += written(step, args[index], rules)
        index += 1
      }
    }
  } catch (error) {
    if (error instanceof BadFormat) throw new EvalError(error.message, { cause: error })
    throw error
  }
  charge(out.length / 10)
  return out
}

function written(clause: Clause, value: unknown, rules: FormatRules): string {
  charge(clause.precision ?? 0)
  const text = rules.write(clause, value)
  if (text !== undefined) return text
  throw new BadFormat(
    `error during formatting: ${rules.words[clause.verb] ?? ''}, was given ${typeNameOf(value)}`,
  )
}
