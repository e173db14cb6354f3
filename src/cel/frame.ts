import type { Expr } from './expr.ts'
import type { Form } from './library/call.ts'
import { type CelValue, toCel } from './value.ts'
import { isPlain } from './values.ts'

/** What one evaluation knows: the variables that it was given, and what loops hold. */
export class Frame {
  readonly values: Readonly<Record<string, CelValue>>
  /** Of loops, each in its place. */
  readonly slots: unknown[] = []
  #seen: Map<object, CelValue> | undefined

  constructor(values: Readonly<Record<string, CelValue>>) {
    this.values = values
  }

  /** A part of a JSON object as expressions see it, made once an evaluation. */
  seen(part: unknown): CelValue {
    if (typeof part !== 'object' || part === null) return toCel(part)
    if (!Array.isArray(part) && !isPlain(part)) return part
    this.#seen ??= new Map()
    const known = this.#seen.get(part)
    if (known !== undefined) return known
    const made = toCel(part)
    this.#seen.set(part, made)
    return made
  }
}

/** A part of an expression, ready to be evaluated. @throws EvalError, CostExceeded */
export type Step = (at: Frame) => unknown

/** Where a variable of a loop is kept. */
export interface Slot {
  readonly at: number
  /** It holds a part of a JSON object, which nobody has looked at. */
  readonly isRaw: boolean
}

/** What is known where a part of an expression stands. */
export interface Plan {
  /** The functions that there are. */
  readonly forms: ReadonlyMap<string, readonly Form[]>
  /** Variables are JSON as it was read, not values of expressions. */
  readonly isRaw: boolean
  readonly slots: ReadonlyMap<string, Slot>
  /** Readies a part of an expression, whatever it is. */
  readonly step: (expr: Expr, plan: Plan) => Step
  /** Places that are taken. */
  readonly used: number
}

/** A fault that a loop has met, as the value that it has come to so far. */
export class Failed {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}
