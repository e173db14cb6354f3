import { charge } from './budget.ts'
import type { Expr, ExprOf } from './expr.ts'
import { Failed, type Frame, type Plan, type Step } from './frame.ts'
import { EvalError, entryOf, kindOf, Maybe, TypeName } from './values.ts'

/** The names of types, as values. */
const TYPES = new Set(
  'bool bytes double int string uint null_type list map type optional_type google.protobuf.Timestamp google.protobuf.Duration net.IP net.CIDR'.split(
    ' ',
  ),
)

function given({ values }: Frame, name: string, told: string): unknown {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value !== undefined) return value
  if (TYPES.has(name) && told === name) return new TypeName(name)
  throw new EvalError(`no such attribute(s): ${told}`)
}

/** A variable, as it was given. */
function rawIdent(expr: ExprOf<'ident'>, { slots }: Plan): Step {
  const name = expr.name.replace(/^\./, '')
  const told = expr.told ?? name
  const slot = slots.get(name)
  if (slot === undefined)
    return (at) => {
      charge(1)
      return given(at, name, told)
    }
  const { at: place } = slot
  return (at) => {
    charge(1)
    const value = at.slots[place]
    if (value instanceof Failed) throw value.error
    if (value === undefined) throw new EvalError(`no such attribute(s): ${told}`)
    return value
  }
}

/** A variable. */
export function identStep(expr: ExprOf<'ident'>, plan: Plan): Step {
  const raw = rawIdent(expr, plan)
  return isRaw(expr, plan) ? (at) => at.seen(raw(at)) : raw
}

/** Whether a part of an expression is a path into JSON as it was read. */
function isRaw(expr: Expr, plan: Plan): boolean {
  if (expr.kind === 'ident') {
    const slot = plan.slots.get(expr.name.replace(/^\./, ''))
    return slot === undefined ? plan.isRaw : slot.isRaw
  }
  return (
    expr.kind === 'select' &&
    expr.how === 'value' &&
    expr.resolved === undefined &&
    isRaw(expr.operand, plan)
  )
}

/**
 * A path into JSON, followed without looking at what stands beside it; undefined: it is no such path.
 * @throws EvalError, by the step
 */
export function rawStep(expr: Expr, plan: Plan): Step | undefined {
  if (!isRaw(expr, plan)) return undefined
  if (expr.kind === 'ident') return rawIdent(expr, plan)
  if (expr.kind !== 'select') return undefined
  const operand = rawStep(expr.operand, plan)
  const { field } = expr
  return operand && ((at) => fieldOf(operand(at), field))
}

function fieldOf(target: unknown, field: string): unknown {
  charge(1)
  if (typeof target === 'object' && target !== null && !Array.isArray(target)) {
    const value = Object.hasOwn(target, field) ? Reflect.get(target, field) : undefined
    if (value !== undefined) return value
  }
  if (Array.isArray(target)) throw new EvalError("unsupported index type 'string' in list")
  throw new EvalError(`no such key: ${field}`)
}

/** A field of something. */
export function selectStep(expr: ExprOf<'select'>, plan: Plan): Step {
  const { resolved, field, how } = expr
  if (resolved !== undefined) return (at) => given(at, resolved, resolved)
  const raw = rawStep(expr, plan)
  if (raw !== undefined) return (at) => at.seen(raw(at))
  const rawOperand = rawStep(expr.operand, plan)
  if (how === 'test' && rawOperand !== undefined) return (at) => hasField(rawOperand(at), field)
  const operand = plan.step(expr.operand, plan)
  if (how === 'test') return (at) => hasField(operand(at), field)
  const isOptional = how === 'optional'
  return (at) => selected(operand(at), field, isOptional)
}

function hasField(operand: unknown, field: string): boolean {
  const target = operand instanceof Maybe ? operand.value : operand
  if (target === undefined) return false
  if (Array.isArray(target)) throw new EvalError("unsupported index type 'string' in list")
  return kindOf(target) === 'map' && entryOf(target, field) !== undefined
}

function selected(operand: unknown, field: string, isOptional: boolean): unknown {
  charge(1)
  const isMaybe = operand instanceof Maybe
  const target = isMaybe ? operand.value : operand
  if (target === undefined) return Maybe.none
  if (Array.isArray(target)) throw new EvalError("unsupported index type 'string' in list")
  const value = kindOf(target) === 'map' ? entryOf(target, field) : undefined
  if (isMaybe || isOptional) return value === undefined ? Maybe.none : new Maybe(value)
  if (value === undefined) throw new EvalError(`no such key: ${field}`)
  return value
}
