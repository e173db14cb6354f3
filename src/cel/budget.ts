/** Thrown when an evaluation took more steps than it may; nothing in an expression absorbs it. */
export class CostExceeded extends Error {}

/** Steps that one evaluation may take; the limit of Kubernetes for one rule. */
export const MAX_STEPS = 1_000_000

let steps = 0
let spent = 0

/** Evaluates within a budget of its own; evaluations may stand in one another. @throws CostExceeded */
export function budgeted<T>(run: () => T): T {
  const outer = steps
  steps = MAX_STEPS
  try {
    return run()
  } finally {
    spent += MAX_STEPS - steps
    steps = outer
  }
}

/** Charges the running evaluation for work. @throws CostExceeded */
export function charge(count: number): void {
  steps -= count
  if (steps < 0) throw new CostExceeded('actual cost limit exceeded')
}

/** The steps that all evaluations took since this was asked last. */
export function takeSpent(): number {
  const all = spent
  spent = 0
  return all
}
