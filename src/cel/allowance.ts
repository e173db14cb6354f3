import { Fault } from '../base/index.ts'
import { MAX_STEPS, takeSpent } from './budget.ts'
import type { CelCode } from './program.ts'

/** Steps that all expressions about one object may take together. */
export interface Allowance {
  /** Below zero: nothing is evaluated any more. */
  left: number
}

/** @see k8s.io/apiserver pkg/apis/cel/config.go RuntimeCELCostBudget (v0.36.3) */
const OBJECT_STEPS = 10_000_000
/** @see k8s.io/apiserver pkg/apis/cel/config.go RuntimeCELCostBudgetMatchConditions (v0.36.3) */
const CONDITION_STEPS = 2_500_000

/** What the rules of a definition, or the validations of a policy, may take for one object. */
export function objectAllowance(): Allowance {
  return { left: OBJECT_STEPS }
}

/** What match conditions may take for one object. */
export function conditionAllowance(): Allowance {
  return { left: CONDITION_STEPS }
}

/** Whether so many evaluations can not use up an allowance. */
export function isEnoughFor(allowance: Allowance, count: number): boolean {
  return allowance.left >= count * MAX_STEPS
}

/** Evaluates within an allowance. @throws Fault CEL_BUDGET, and what the evaluation throws */
export function spending<T>(allowance: Allowance, run: () => T): T {
  takeSpent()
  const settle = (): void => {
    allowance.left -= takeSpent()
    if (allowance.left < 0) exhausted()
  }
  let value: T
  try {
    value = run()
  } catch (error) {
    settle()
    throw error
  }
  settle()
  return value
}

/** @throws Fault CEL_BUDGET */
export function exhausted(): never {
  throw new Fault<CelCode>({
    code: 'CEL_BUDGET',
    message:
      'validation failed due to running out of cost budget, no further validation rules will be run',
  })
}
