import type { Dialect } from './dialect.ts'
import { type Expr, type ExprOf, innerOf } from './expr.ts'
import { formatProblem } from './library/format-steps.ts'
import { durationOf, timestampOf } from './library/times.ts'
import { regex } from './patterns.ts'
import type { Problem } from './tokens.ts'
import { isSame, simple, type Type, typeText, unwrapped } from './type.ts'

/**
 * What is wrong with an expression whose types are right: literals that nobody can read, lists and maps
 * of unlike items, formats that do not fit what is formatted.
 * @see google/cel-go v0.26.0 cel/validator.go, ext/formatting.go
 */
export function validated(root: Expr, dialect: Dialect): Problem[] {
  const problems: Problem[] = []
  visit(root, false, { problems, dialect })
  return problems.toSorted((a, b) => a.at - b.at)
}

interface Findings {
  readonly problems: Problem[]
  readonly dialect: Dialect
}

function visit(expr: Expr, isExempt: boolean, to: Findings): void {
  const { problems, dialect } = to
  if (expr.kind === 'call') problems.push(...callProblems(expr, dialect))
  if (!isExempt && expr.kind === 'list') problems.push(...listProblems(expr))
  if (!isExempt && expr.kind === 'map') problems.push(...mapProblems(expr))
  const isFormat = expr.kind === 'call' && expr.name === 'format'
  for (const inner of innerOf(expr)) visit(inner, isExempt || isFormat, to)
}

const LITERALS: Readonly<Record<string, (value: unknown) => boolean>> = {
  duration: (value) =>
    typeof value !== 'string' ? typeof value !== 'bigint' : durationOf(value) !== undefined,
  timestamp: (value) =>
    (typeof value !== 'string' && typeof value !== 'bigint') || timestampOf(value) !== undefined,
  matches: (value) => typeof value !== 'string' || isPattern(value),
}

function callProblems(expr: ExprOf<'call'>, dialect: Dialect): Problem[] {
  if (expr.name === 'format') return formatProblems(expr, dialect)
  if (!dialect.checksLiterals) return []
  const check = Object.hasOwn(LITERALS, expr.name) ? LITERALS[expr.name] : undefined
  const arg = expr.args[0]
  if (check === undefined || arg?.kind !== 'literal' || check(arg.value)) return []
  return [{ at: arg.at, words: `invalid ${expr.name} argument` }]
}

function isPattern(text: string): boolean {
  try {
    regex(text)
    return true
  } catch {
    return false
  }
}

function formatProblems({ at, target, args }: ExprOf<'call'>, { format }: Dialect): Problem[] {
  const [list] = args
  if (target?.kind !== 'literal' || typeof target.value !== 'string') return []
  if (list?.kind !== 'list') return []
  const found = formatProblem(target.value, list.items, format)
  return found === undefined ? [] : [{ at: found.expr?.at ?? at, words: found.words }]
}

function typeOf(expr: Expr, isOptional: boolean): Type {
  const type = expr.type ?? simple('dyn')
  return isOptional ? unwrapped(type).type : type
}

function listProblems({ items, optional }: ExprOf<'list'>): Problem[] {
  let first: Type | undefined
  for (const [i, item] of items.entries()) {
    const type = typeOf(item, optional.has(i))
    first ??= type
    if (!isSame(first, type)) return [unlike(item, first, type)]
  }
  return []
}

function mapProblems({ entries, optional }: ExprOf<'map'>): Problem[] {
  const problems: Problem[] = []
  let keyType: Type | undefined
  let valueType: Type | undefined
  for (const [i, [key, value]] of entries.entries()) {
    const [k, v] = [typeOf(key, false), typeOf(value, optional.has(i))]
    keyType ??= k
    valueType ??= v
    if (!isSame(keyType, k)) problems.push(unlike(key, keyType, k))
    if (!isSame(valueType, v)) problems.push(unlike(value, valueType, v))
  }
  return problems
}

function unlike(expr: Expr, wanted: Type, found: Type): Problem {
  const words = `expected type '${typeText(wanted)}' but found '${typeText(found)}'`
  return { at: expr.at, words }
}
