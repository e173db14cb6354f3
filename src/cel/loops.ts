import { charge } from './budget.ts'
import { attempt, isAbsorbed } from './calls.ts'
import type { Expr, ExprOf } from './expr.ts'
import { Failed, type Frame, type Plan, type Step } from './frame.ts'
import { rawStep } from './paths.ts'
import { CelMap, EvalError, entriesOf, kindOf, noOverload } from './values.ts'

/** What a macro becomes. */
export function loopStep(expr: ExprOf<'loop'>, plan: Plan): Step {
  const { names, accu } = expr
  const [first = '', second] = names
  const raw = rawStep(expr.range, plan)
  const range = rangeStep(raw ?? plan.step(expr.range, plan), second !== undefined)
  const start = plan.step(expr.start, plan)
  const place = plan.used
  const isRaw = raw !== undefined
  const outer = within(plan, [[accu, { at: place, isRaw: false }]])
  const inner = within(outer, [
    [first, { at: place + 1, isRaw }],
    ...(second === undefined ? [] : [[second, { at: place + 2, isRaw }] as const]),
  ])
  const condition = inner.step(expr.condition, inner)
  const step = nextStep(expr, place, inner)
  const result = outer.step(expr.result, outer)
  return (at) => {
    const [keys, values] = range(at)
    const { slots } = at
    slots[place] = start(at)
    for (const [i, value] of values.entries()) {
      slots[place + 1] = keys === undefined ? value : keys[i]
      slots[place + 2] = value
      if (condition(at) === false) break
      slots[place] = step(at)
    }
    return result(at)
  }
}

function within(
  plan: Plan,
  names: readonly (readonly [string, { readonly at: number; readonly isRaw: boolean }])[],
): Plan {
  return { ...plan, slots: new Map([...plan.slots, ...names]), used: plan.used + names.length }
}

type Range = readonly [keys: readonly unknown[] | undefined, values: readonly unknown[]]

/** What a loop goes over: the values, and beside them keys where they are asked for. */
function rangeStep(range: Step, isPair: boolean): (at: Frame) => Range {
  return (at) => {
    const value = range(at)
    if (Array.isArray(value)) return [isPair ? value.map((_, i) => BigInt(i)) : undefined, value]
    if (kindOf(value) === 'map') {
      const entries = entriesOf(value).filter(([, item]) => item !== undefined)
      charge(entries.length / 10)
      const keys = entries.map(([key]) => key)
      return [isPair ? keys : undefined, isPair ? entries.map(([, item]) => item) : keys]
    }
    const kind = kindOf(at.seen(value))
    const type = GO_TYPES[kind] ?? kind
    throw new EvalError(
      isPair
        ? `unsupported comprehension range type: ${type}`
        : `got '${type}', expected iterable type`,
    )
  }
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

/** What a loop has after one more item. */
function nextStep({ step, condition, accu }: ExprOf<'loop'>, place: number, plan: Plan): Step {
  const isDecided = condition.kind === 'call' && condition.name === '@not_strictly_false'
  if (isDecided) {
    const decide = plan.step(step, plan)
    return (at) => attempt(decide, at)
  }
  const grow = grownStep(step, { accu, place }, plan)
  return (at) => {
    const total = at.slots[place]
    if (total instanceof Failed) return failedAgain(grow.asked, total, at)
    try {
      return grow.step(at)
    } catch (error) {
      if (!isAbsorbed(error)) throw error
      return new Failed(error)
    }
  }
}

/** A loop goes on after a fault; where what is asked of an item fails too, that is told. */
function failedAgain(asked: Step | undefined, total: Failed, at: Frame): Failed {
  const found = asked === undefined ? undefined : attempt(asked, at)
  return found instanceof Failed ? found : total
}

interface Accu {
  readonly accu: string
  readonly place: number
}

interface Grown {
  readonly step: Step
  /** What is asked of an item before it is taken. */
  readonly asked?: Step
}

/** A step that adds to a list or map adds to the one that the loop has. */
function grownStep(step: Expr, own: Accu, plan: Plan): Grown {
  if (step.kind !== 'call') return { step: plan.step(step, plan) }
  const [first, second, third] = step.args
  if (step.name === '_?_:_' && first !== undefined && second !== undefined) {
    const asked = plan.step(first, plan)
    const taken = grownStep(second, own, plan).step
    return { step: takenStep(asked, taken, own.place), asked }
  }
  const isOwn = first?.kind === 'ident' && first.name === own.accu
  if (isOwn && step.name === '_+_' && second?.kind === 'list')
    return { step: addedStep(plan.step(second, plan), own.place) }
  if (isOwn && step.name === 'cel.@mapInsert' && second !== undefined)
    return {
      step: insertedStep(plan.step(second, plan), third && plan.step(third, plan), own.place),
    }
  return { step: plan.step(step, plan) }
}

function takenStep(asked: Step, taken: Step, place: number): Step {
  return (at) => {
    charge(1)
    const isTaken = asked(at)
    if (typeof isTaken !== 'boolean') throw noOverload()
    return isTaken ? taken(at) : at.slots[place]
  }
}

function addedStep(items: Step, place: number): Step {
  return (at) => {
    charge(2)
    const total = at.slots[place] as unknown[]
    for (const item of items(at) as unknown[]) total.push(item)
    return total
  }
}

function insertedStep(one: Step, value: Step | undefined, place: number): Step {
  return (at) => {
    charge(2)
    const total = at.slots[place] as CelMap
    const key = one(at)
    if (value !== undefined) return total.add(key, value(at))
    if (kindOf(key) !== 'map') throw noOverload()
    for (const [name, item] of entriesOf(key)) total.add(name, item)
    return total
  }
}
