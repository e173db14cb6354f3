import { CostExceeded, charge } from '../ast.ts'
import type { Expr, ExprOf } from './expr.ts'
import { callFunction } from './library.ts'
import { conversionFault } from './library-conversions.ts'
import {
  Broken,
  CelMap,
  EvalError,
  entriesOf,
  entryOf,
  keyOf,
  kindOf,
  Maybe,
  noOverload,
  TypeName,
  Uint,
} from './values.ts'

/** The variables that a part of an expression sees. */
export interface Scope {
  readonly get: (name: string) => unknown
}

/** A fault that a loop has met, as the value that it has come to so far. */
class Failed {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/**
 * Works out a checked expression.
 * @throws EvalError, CostExceeded
 * @see google/cel-go v0.26.0 interpreter/interpretable.go
 */
export function evaluated(expr: Expr, scope: Scope): unknown {
  switch (expr.kind) {
    case 'literal':
      return expr.value
    case 'ident':
      charge(1)
      return variable(expr.name.replace(/^\./, ''), scope)
    case 'select':
      return selected(expr, scope)
    case 'call':
      return called(expr, scope)
    case 'list':
      charge(10)
      return listed(expr, scope)
    case 'map':
      charge(30)
      return mapped(expr, scope)
    case 'struct':
      charge(40)
      return structured(expr, scope)
    case 'loop':
      return looped(expr, scope)
  }
}

/** The names of types, as values. */
const TYPES = new Set(
  'bool bytes double int string uint null_type list map type optional_type google.protobuf.Timestamp google.protobuf.Duration net.IP net.CIDR'.split(
    ' ',
  ),
)

function variable(name: string, scope: Scope): unknown {
  const value = scope.get(name)
  if (value instanceof Failed) throw value.error
  if (value !== undefined) return value
  if (TYPES.has(name)) return new TypeName(name)
  throw new EvalError(`no such attribute(s): ${name}`)
}

function selected(expr: ExprOf<'select'>, scope: Scope): unknown {
  if (expr.resolved !== undefined) return variable(expr.resolved, scope)
  const operand = evaluated(expr.operand, scope)
  if (expr.how !== 'test') charge(1)
  const isMaybe = operand instanceof Maybe
  const target = isMaybe ? operand.value : operand
  if (target === undefined) return expr.how === 'test' ? false : Maybe.none
  if (kindOf(target) !== 'map') {
    if (expr.how === 'test') return false
    if (Array.isArray(target)) throw new EvalError("unsupported index type 'string' in list")
    if (isMaybe || expr.how === 'optional') return Maybe.none
    throw new EvalError(`no such key: ${expr.field}`)
  }
  const value = entryOf(target, expr.field)
  if (expr.how === 'test') return value !== undefined
  if (isMaybe || expr.how === 'optional') return value === undefined ? Maybe.none : new Maybe(value)
  if (value === undefined) throw new EvalError(`no such key: ${expr.field}`)
  return value
}

function called(expr: ExprOf<'call'>, scope: Scope): unknown {
  const { name, args, target } = expr
  const [first, second, third] = args
  if (first !== undefined && second !== undefined) {
    if (name === '_&&_') return decided(first, second, { by: false, scope })
    if (name === '_||_') return decided(first, second, { by: true, scope })
    if (name === '_?_:_' && third !== undefined) {
      charge(1)
      const condition = evaluated(first, scope)
      if (typeof condition !== 'boolean') throw noOverload()
      return evaluated(condition ? second : third, scope)
    }
  }
  if (name === '@not_strictly_false' && first !== undefined) return notFalse(first, scope)
  if (target !== undefined && (name === 'or' || name === 'orValue') && first !== undefined) {
    const value = evaluated(target, scope)
    if (!(value instanceof Maybe)) throw noOverload()
    if (value.value === undefined) return evaluated(first, scope)
    return name === 'or' ? value : value.value
  }
  const values = target === undefined ? [] : [counted(name, 'target', target, scope)]
  for (const arg of args) values.push(counted(name, 'arg', arg, scope))
  return CONVERSIONS.has(name) && target === undefined
    ? converted(name, values)
    : callFunction(name, values)
}

/** Lists whose length the real one looks at before it looks for faults. */
const COUNTED: Readonly<Record<string, 'target' | 'arg'>> = {
  sort: 'target',
  distinct: 'target',
  '@sortByAssociatedKeys': 'arg',
}

/** A part of a call. @see google/cel-go v0.26.0 ext/lists.go trackListSelfCompare */
function counted(name: string, part: 'target' | 'arg', expr: Expr, scope: Scope): unknown {
  if (!Object.hasOwn(COUNTED, name) || COUNTED[name] !== part) return evaluated(expr, scope)
  const value = attempt(expr, scope)
  if (!(value instanceof Failed)) return value
  throw new Broken(
    'internal error: interface conversion: *types.Err is not traits.Lister: missing method Add',
  )
}

/** Functions that convert one value. */
export const CONVERSIONS: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp uint'.split(' '),
)

/** Values that no conversion knows. */
const UNCONVERTED = new Set(['optional'])

function converted(name: string, values: readonly unknown[]): unknown {
  try {
    return callFunction(name, values)
  } catch (error) {
    const isPlain = !UNCONVERTED.has(kindOf(values[0]))
    if (error instanceof EvalError && error.message.startsWith('no such overload') && isPlain)
      throw conversionFault(name, values[0])
    throw error
  }
}

/** Whether a fault may be passed over, where another part decides. */
function isFault(error: unknown): boolean {
  if (error instanceof CostExceeded || error instanceof Broken || error instanceof TypeError)
    return false
  return error instanceof Error
}

/** `&&` and `||`: one side that decides is enough; else the fault of the left one is told. */
function decided(
  left: Expr,
  right: Expr,
  { by, scope }: { readonly by: boolean; readonly scope: Scope },
): boolean {
  const one = attempt(left, scope)
  if (one === by) return by
  const two = attempt(right, scope)
  if (two === by) return by
  for (const value of [one, two]) if (value instanceof Failed) throw value.error
  if (typeof one !== 'boolean' || typeof two !== 'boolean') throw noOverload()
  return !by
}

function attempt(expr: Expr, scope: Scope): unknown {
  try {
    return evaluated(expr, scope)
  } catch (error) {
    if (!isFault(error)) throw error
    charge(ERROR_STEPS)
    return new Failed(error)
  }
}

/** What an absorbed fault costs: making one is dear. */
const ERROR_STEPS = 10

function notFalse(expr: Expr, scope: Scope): boolean {
  charge(1)
  const value = attempt(expr, scope)
  return value instanceof Failed || value !== false
}

function listed({ items, optional }: ExprOf<'list'>, scope: Scope): unknown[] {
  const out: unknown[] = []
  for (const [i, item] of items.entries()) {
    const value = evaluated(item, scope)
    if (!optional.has(i)) out.push(value)
    else if (!(value instanceof Maybe))
      throw new EvalError('cannot initialize optional list element from non-optional value')
    else if (value.value !== undefined) out.push(value.value)
  }
  return out
}

function mapped({ entries, optional }: ExprOf<'map'>, scope: Scope): CelMap {
  const out = new CelMap()
  for (const [i, [name, item]] of entries.entries()) {
    const [key, value] = [evaluated(name, scope), evaluated(item, scope)]
    const kept = optional.has(i) && value instanceof Maybe ? value.value : value
    // Of two entries with one key the later one counts.
    if (kept !== undefined) out.entries.set(keyOf(key), [key, kept])
  }
  return out
}

const WRAPPED: Readonly<Record<string, unknown>> = {
  'google.protobuf.BoolValue': false,
  'google.protobuf.BytesValue': new Uint8Array(),
  'google.protobuf.DoubleValue': 0,
  'google.protobuf.FloatValue': 0,
  'google.protobuf.Int32Value': 0n,
  'google.protobuf.Int64Value': 0n,
  'google.protobuf.StringValue': '',
  'google.protobuf.UInt32Value': new Uint(0n),
  'google.protobuf.UInt64Value': new Uint(0n),
}

function structured({ name, fields }: ExprOf<'struct'>, scope: Scope): unknown {
  const out = Object.create(null) as Record<string, unknown>
  for (const { name: field, value, isOptional } of fields) {
    const given = evaluated(value, scope)
    const kept = isOptional && given instanceof Maybe ? given.value : given
    if (kept !== undefined) out[field] = kept
  }
  const plain = name.replace(/^\./, '')
  if (Object.hasOwn(WRAPPED, plain)) return out['value'] ?? WRAPPED[plain]
  return out
}

type Entry = readonly [key: unknown, value: unknown]

function rangeOf(range: unknown, isPair: boolean): Entry[] {
  if (Array.isArray(range))
    return range.map((item: unknown, i): Entry => [isPair ? BigInt(i) : item, item])
  if (kindOf(range) === 'map') return entriesOf(range)
  const type = GO_TYPES[kindOf(range)] ?? kindOf(range)
  throw new EvalError(
    isPair
      ? `unsupported comprehension range type: ${type}`
      : `got '${type}', expected iterable type`,
  )
}

const GO_TYPES: Readonly<Record<string, string>> = {
  bool: 'types.Bool',
  bytes: 'types.Bytes',
  double: 'types.Double',
  duration: 'types.Duration',
  int: 'types.Int',
  null: 'types.Null',
  string: 'types.String',
  timestamp: 'types.Timestamp',
  uint: 'types.Uint',
  type: '*types.Type',
  optional: '*types.Optional',
}

function looped(expr: ExprOf<'loop'>, scope: Scope): unknown {
  const { range, names, accu, start, condition, result } = expr
  const [first = '', second] = names
  const entries = rangeOf(evaluated(range, scope), second !== undefined)
  let total = evaluated(start, scope)
  let entry: Entry = [undefined, undefined]
  const outer: Scope = { get: (name) => (name === accu ? total : scope.get(name)) }
  const inner: Scope = {
    get: (name) => (name === second ? entry[1] : name === first ? entry[0] : outer.get(name)),
  }
  for (const each of entries) {
    entry = each
    if (evaluated(condition, inner) === false) break
    total = stepped(expr, total, inner)
  }
  return evaluated(result, outer)
}

function stepped({ step, condition, accu }: ExprOf<'loop'>, total: unknown, scope: Scope): unknown {
  const isDecided = condition.kind === 'call' && condition.name === '@not_strictly_false'
  if (isDecided) return attempt(step, scope)
  if (total instanceof Failed) return failedAgain(step, total, scope)
  try {
    return grown(step, total, { accu, scope })
  } catch (error) {
    if (!isFault(error)) throw error
    return new Failed(error)
  }
}

/** A loop goes on after a fault; where what is asked of an item fails too, that is told. */
function failedAgain(step: Expr, total: Failed, scope: Scope): Failed {
  const [asked] = step.kind === 'call' && step.name === '_?_:_' ? step.args : []
  const found = asked === undefined ? undefined : attempt(asked, scope)
  return found instanceof Failed ? found : total
}

/** A step that adds to a list or map adds to the one that the loop has. */
function grown(
  step: Expr,
  total: unknown,
  at: { readonly accu: string; readonly scope: Scope },
): unknown {
  if (step.kind !== 'call') return evaluated(step, at.scope)
  const [first, second, third] = step.args
  if (step.name === '_?_:_' && first !== undefined && second !== undefined) {
    charge(1)
    const isTaken = evaluated(first, at.scope)
    if (typeof isTaken !== 'boolean') throw noOverload()
    return isTaken ? grown(second, total, at) : total
  }
  const isOwn = first?.kind === 'ident' && first.name === at.accu
  if (isOwn && step.name === '_+_' && second?.kind === 'list' && Array.isArray(total)) {
    charge(12)
    total.push(...listed(second, at.scope))
    return total
  }
  if (isOwn && step.name === 'cel.@mapInsert' && total instanceof CelMap && second !== undefined) {
    charge(2)
    const one = evaluated(second, at.scope)
    if (third !== undefined) return total.add(one, evaluated(third, at.scope))
    if (kindOf(one) !== 'map') throw noOverload()
    for (const [key, value] of entriesOf(one)) total.add(key, value)
    return total
  }
  return evaluated(step, at.scope)
}
