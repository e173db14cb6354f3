import { isTypeName } from './check.ts'
import type { Dialect } from './dialect.ts'
import { type Expr, type ExprOf, innerOf } from './expr.ts'
import type { Overload } from './functions.ts'
import { fluxMessage } from './wrappers.ts'

/**
 * Finds what names mean in an expression whose types nobody checked: functions with dots in their
 * names, types, and what is told of variables that are not there. Answers why no program can be made.
 * @see google/cel-go v0.26.1 interpreter/planner.go resolveFunction, planCall
 */
export function resolveNames(root: Expr, dialect: Dialect): string | undefined {
  return visit(root, { dialect, path: '' })
}

interface Place {
  readonly dialect: Dialect
  /** The fields that are selected from what stands here. */
  readonly path: string
}

function visit(expr: Expr, place: Place): string | undefined {
  const { dialect, path } = place
  switch (expr.kind) {
    case 'ident':
      expr.told = `${expr.name.replace(/^\./, '')}${path}`
      return undefined
    case 'select': {
      const name = expr.how === 'value' ? dotted(expr) : undefined
      if (name !== undefined && path === '' && isTypeName(name, dialect)) expr.resolved = name
      return visit(expr.operand, { dialect, path: `.${expr.field}${path}` })
    }
    case 'call':
      return visitCall(expr, place)
    case 'struct':
      if (fluxMessage(expr.name.replace(/^\./, '')) === undefined)
        return `unknown type: ${expr.name}`
      return first(innerOf(expr), dialect)
    default:
      return first(innerOf(expr), dialect)
  }
}

function first(parts: readonly Expr[], dialect: Dialect): string | undefined {
  for (const part of parts) {
    const words = visit(part, { dialect, path: '' })
    if (words !== undefined) return words
  }
  return undefined
}

function visitCall(expr: ExprOf<'call'>, { dialect, path }: Place): string | undefined {
  named(expr, dialect)
  const [one, two, three] = expr.args
  if (expr.name === '_?_:_' && one !== undefined && two !== undefined && three !== undefined)
    return (
      visit(one, { dialect, path: '' }) ??
      visit(two, { dialect, path }) ??
      visit(three, { dialect, path })
    )
  if ((expr.name === '_[_]' || expr.name === '_[?_]') && one !== undefined && two !== undefined) {
    const key = two.kind === 'literal' && typeof two.value === 'string' ? two.value : undefined
    const more = key === undefined ? '' : `.${key}${path}`
    return visit(one, { dialect, path: more }) ?? visit(two, { dialect, path: '' })
  }
  return first(innerOf(expr), dialect) ?? unplanned(expr, dialect)
}

/** A function is found by its whole name; else the one that is called on something is a plain one. */
function named(expr: ExprOf<'call'>, { functions }: Dialect): void {
  const prefix = expr.target === undefined ? undefined : dotted(expr.target)
  if (prefix !== undefined && functions.has(`${prefix}.${expr.name}`)) {
    expr.name = `${prefix}.${expr.name}`
    expr.target = undefined
  } else if (expr.target === undefined) expr.name = expr.name.replace(/^\./, '')
}

function dotted(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name.replace(/^\./, '')
  if (expr.kind !== 'select' || expr.how !== 'value') return undefined
  const before = dotted(expr.operand)
  return before === undefined ? undefined : `${before}.${expr.field}`
}

const UNARY = new Set(['size', 'type', 'dyn', '-_', '!_'])
const BINARY = new Set(['matches', '@in'])
/** Functions of one form that take any number of values, and look at them themselves. */
const ANY = new Set(['format'])
/** Functions that are there for the checker alone. */
const UNBOUND = new Set(['or', 'orValue'])

/** How many values a function takes that is bound to one form; undefined: it looks at them itself. */
function arity(name: string, forms: readonly Overload[]): number | undefined {
  if (UNARY.has(name)) return 1
  if (BINARY.has(name) || name.startsWith('_')) return 2
  const [form, another] = forms
  const count = another === undefined && !ANY.has(name) ? form?.args.length : undefined
  return count === 1 || count === 2 ? count : undefined
}

/** Why a call can not be planned. */
function unplanned(expr: ExprOf<'call'>, { functions }: Dialect): string | undefined {
  const { name, args, target } = expr
  if (LOGICAL.has(name)) return undefined
  const count = args.length + (target === undefined ? 0 : 1)
  const forms = UNBOUND.has(name) ? undefined : functions.get(name)
  if (forms === undefined) return count === 0 ? `no such overload: ${name}()` : undefined
  const takes = arity(name, forms)
  if (takes === undefined || takes === count) return undefined
  const given = ['', 'arg', 'lhs, rhs'][count] ?? '...'
  return `no such overload: ${name}(${given})`
}

const LOGICAL = new Set(['_&&_', '_||_', '_?_:_', '_==_', '_!=_', '@not_strictly_false'])
