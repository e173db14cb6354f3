import { charge } from './budget.ts'
import { callStep, logicalStep } from './calls.ts'
import type { Dialect } from './dialect.ts'
import type { Expr, ExprOf } from './expr.ts'
import type { Plan, Step } from './frame.ts'
import { loopStep } from './loops.ts'
import { identStep, selectStep } from './paths.ts'
import {
  CelMap,
  Duration,
  EvalError,
  keyOf,
  Maybe,
  noOverload,
  plainKey,
  Timestamp,
  Uint,
} from './values.ts'

/** How expressions of a dialect are readied, about JSON as it was read or about values. */
export function planFor({ forms }: Dialect, isRaw: boolean): Plan {
  return { forms, isRaw, slots: new Map(), step: planned, used: 0 }
}

/**
 * Readies a part of an expression for evaluation.
 * @see google/cel-go v0.26.0 interpreter/interpretable.go
 */
function planned(expr: Expr, plan: Plan): Step {
  switch (expr.kind) {
    case 'literal': {
      const { value } = expr
      return () => value
    }
    case 'ident':
      return identStep(expr, plan)
    case 'select':
      return selectStep(expr, plan)
    case 'call':
      return logicalStep(expr, plan) ?? callStep(expr, plan)
    case 'list':
      return listStep(expr, plan)
    case 'map':
      return mapStep(expr, plan)
    case 'struct':
      return structStep(expr, plan)
    case 'loop':
      return loopStep(expr, plan)
  }
}

function listStep({ items, optional }: ExprOf<'list'>, plan: Plan): Step {
  const steps = items.map((item) => planned(item, plan))
  return (at) => {
    charge(10)
    const out: unknown[] = []
    for (const [i, step] of steps.entries()) {
      const value = step(at)
      if (!optional.has(i)) out.push(value)
      else if (!(value instanceof Maybe))
        throw new EvalError(
          `cannot initialize optional list element from non-optional value ${plainKey(value)}`,
        )
      else if (value.value !== undefined) out.push(value.value)
    }
    return out
  }
}

function mapStep({ entries, optional }: ExprOf<'map'>, plan: Plan): Step {
  const steps = entries.map(([key, item]) => [planned(key, plan), planned(item, plan)] as const)
  return (at) => {
    charge(30)
    const out = new CelMap()
    for (const [i, [name, item]] of steps.entries()) {
      const [key, value] = [name(at), item(at)]
      if (optional.has(i) && !(value instanceof Maybe))
        throw new EvalError(
          `cannot initialize optional entry '${plainKey(key)}' from non-optional value ${plainKey(value)}`,
        )
      const kept = optional.has(i) && value instanceof Maybe ? value.value : value
      // Of two entries with one key the later one counts.
      if (kept !== undefined) out.entries.set(keyOf(key), [key, kept])
    }
    return out
  }
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

/** What a written out duration or moment has: `seconds` and `nanos`. */
function nanosecondsOf({ seconds = 0n, nanos = 0n }: Readonly<Record<string, unknown>>): bigint {
  if (typeof seconds !== 'bigint' || typeof nanos !== 'bigint') throw noOverload()
  return seconds * 1_000_000_000n + nanos
}

function structStep({ name, fields }: ExprOf<'struct'>, plan: Plan): Step {
  const steps = fields.map((field) => ({ ...field, step: planned(field.value, plan) }))
  const plain = name.replace(/^\./, '')
  return (at) => {
    charge(40)
    const out = Object.create(null) as Record<string, unknown>
    for (const { name: field, step, isOptional } of steps) {
      const given = step(at)
      const kept = isOptional && given instanceof Maybe ? given.value : given
      if (kept !== undefined) out[field] = kept
    }
    if (plain === 'google.protobuf.Duration') return new Duration(nanosecondsOf(out))
    if (plain === 'google.protobuf.Timestamp') return new Timestamp(nanosecondsOf(out))
    if (Object.hasOwn(WRAPPED, plain)) return out['value'] ?? WRAPPED[plain]
    return out
  }
}
