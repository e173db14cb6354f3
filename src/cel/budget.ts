/** Thrown when an evaluation took more steps than it may; nothing in an expression absorbs it. */
export class CostExceeded extends Error {}

/** Steps that one evaluation may take; the limit of Kubernetes for one rule. */
const MAX_STEPS = 1_000_000

let steps = 0

/** Begins an evaluation. */
export function refill(): void {
  steps = MAX_STEPS
}

/** Charges the running evaluation for work. @throws CostExceeded */
export function charge(count: number): void {
  steps -= count
  if (steps < 0) throw new CostExceeded('actual cost limit exceeded')
}
