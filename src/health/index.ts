/**
 * Health of live objects, as Flux 2.9.4 tells it: one file per built-in kind, generic conditions,
 * and the user's own expressions.
 * Invariant: pure: an object, its pods and the time in, a status and its reason out; no polling.
 */
export {
  compileHealthExprs,
  type HealthCode,
  type HealthExpr,
  type HealthRules,
} from './health-exprs.ts'
export { type HealthContext, healthOf } from './health-of.ts'
export { type CauseContext, rootCause } from './root-cause.ts'
export type { Health, HealthStatus } from './status.ts'
