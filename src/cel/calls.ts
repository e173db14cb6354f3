import { CostExceeded, charge } from './budget.ts'
import type { Expr, ExprOf } from './expr.ts'
import { Failed, type Frame, type Plan, type Step } from './frame.ts'
import { callForm, type Form } from './library/call.ts'
import { RECEIVERS } from './library/operators.ts'
import { Broken, equalValues, kindOf, Maybe, noOverload } from './values.ts'

/** What an absorbed fault costs: making one is dear. */
const ERROR_STEPS = 10

/** Whether a fault may be passed over, where another part decides. */
export function isAbsorbed(error: unknown): boolean {
  if (error instanceof CostExceeded || error instanceof Broken || error instanceof TypeError)
    return false
  return error instanceof Error && !(error instanceof RangeError)
}

/** A value, or the fault instead of it. */
export function attempt(step: Step, at: Frame): unknown {
  try {
    return step(at)
  } catch (error) {
    if (!isAbsorbed(error)) throw error
    charge(ERROR_STEPS)
    return new Failed(error)
  }
}

const LOGICAL = new Set('@not_strictly_false _&&_ _||_ _==_ _!=_ _?_:_ or orValue'.split(' '))

/** Operators that do not look at all of their parts; undefined: the call is none. */
export function logicalStep({ name, args, target }: ExprOf<'call'>, plan: Plan): Step | undefined {
  if (!LOGICAL.has(name)) return undefined
  const parts = (target === undefined ? args : [target, ...args]).map((part) =>
    plan.step(part, plan),
  )
  const [first, second, third] = parts
  if (first === undefined) return undefined
  if (name === '@not_strictly_false') return (at) => notFalse(first, at)
  if (second === undefined) return undefined
  switch (name) {
    case '_&&_':
      return (at) => decided(first, second, { by: false, at })
    case '_||_':
      return (at) => decided(first, second, { by: true, at })
    case '_==_':
      return (at) => equal(first, second, at)
    case '_!=_':
      return (at) => !equal(first, second, at)
    case '_?_:_':
      return third && ((at) => chosen(first, { yes: second, no: third }, at))
    case 'or':
    case 'orValue':
      return parts.length > 2 ? undefined : (at) => orElse(first, second, { name, at })
    default:
      return undefined
  }
}

function equal(left: Step, right: Step, at: Frame): boolean {
  const one = left(at)
  const two = right(at)
  charge(1)
  return equalValues(one, two)
}

function chosen(
  condition: Step,
  { yes, no }: { readonly yes: Step; readonly no: Step },
  at: Frame,
): unknown {
  charge(1)
  const value = condition(at)
  if (typeof value !== 'boolean') throw noOverload()
  return value ? yes(at) : no(at)
}

function notFalse(step: Step, at: Frame): boolean {
  charge(1)
  const value = attempt(step, at)
  return value instanceof Failed || value !== false
}

/** `&&` and `||`: one side that decides is enough; else the fault of the left one is told. */
function decided(
  left: Step,
  right: Step,
  { by, at }: { readonly by: boolean; readonly at: Frame },
): boolean {
  const one = attempt(left, at)
  if (one === by) return by
  const two = attempt(right, at)
  if (two === by) return by
  if (one instanceof Failed) throw one.error
  if (typeof one !== 'boolean') throw noOverload()
  if (two instanceof Failed) throw two.error
  if (typeof two !== 'boolean') throw noOverload()
  return !by
}

function orElse(
  target: Step,
  other: Step,
  { name, at }: { readonly name: string; readonly at: Frame },
): unknown {
  const value = target(at)
  // What is no optional is there.
  if (!(value instanceof Maybe)) return value
  if (value.value === undefined) return other(at)
  return name === 'or' ? value : value.value
}

/** Lists whose length the real one looks at before it looks for faults. */
const COUNTED: Readonly<Record<string, 'target' | 'arg'>> = {
  sort: 'target',
  distinct: 'target',
  '@sortByAssociatedKeys': 'arg',
}

/** A part of a call. @see google/cel-go v0.26.0 ext/lists.go trackListSelfCompare */
function partStep(name: string, part: 'target' | 'arg', step: Step): Step {
  if (!Object.hasOwn(COUNTED, name) || COUNTED[name] !== part) return step
  return (at) => {
    const value = attempt(step, at)
    if (!(value instanceof Failed)) return value
    throw new Broken(
      'internal error: interface conversion: *types.Err is not traits.Lister: missing method Add',
    )
  }
}

/** Functions that convert one value. */
export const CONVERSIONS: ReadonlySet<string> = new Set(
  'bool bytes double duration dyn int string timestamp uint'.split(' '),
)

/** A call of a function. */
export function callStep({ name, args, target }: ExprOf<'call'>, plan: Plan): Step {
  const part = (expr: Expr, kind: 'target' | 'arg'): Step =>
    partStep(name, kind, plan.step(expr, plan))
  const steps = args.map((arg) => part(arg, 'arg'))
  if (target !== undefined) steps.unshift(part(target, 'target'))
  const forms = plan.forms.get(name)
  const call =
    forms === undefined ? unknownCall(name) : knownCall(name, takers(forms, steps.length))
  const [first, second] = steps
  if (first === undefined) return () => call([])
  if (second === undefined) return (at) => call([first(at)])
  if (steps.length === 2) return (at) => call([first(at), second(at)])
  return (at) => call(steps.map((step) => step(at)))
}

type Call = (args: readonly unknown[]) => unknown

function takers(forms: readonly Form[], count: number): readonly Form[] {
  return forms.filter(({ kinds }) => kinds.length === count)
}

function knownCall(name: string, forms: readonly Form[]): Call {
  return (args) => callForm(name, forms, args)
}

/** A function that there is not: some values look for it by themselves. */
function unknownCall(name: string): Call {
  return ([first]) => {
    throw RECEIVERS.has(kindOf(first)) ? noOverload() : noOverload(name)
  }
}
