/**
 * Expressions (CEL): compile, check types, evaluate, in Flux's environment and in that of CRD rules.
 * Invariant: an evaluation is pure, synchronous and bounded: it ends after a fixed number of steps,
 * whatever the expression and the object are.
 */

export {
  type Allowance,
  conditionAllowance,
  exhausted,
  isEnoughFor,
  objectAllowance,
  spending,
} from './allowance.ts'
export type { Names } from './check.ts'
export { compile, type Environment, type Program } from './compile.ts'
export type { Sized } from './cost.ts'
export {
  type AdmissionOptions,
  admissionNames,
  deviceNames,
  ruleNames,
  variableType,
} from './environments.ts'
export {
  claimsEnvironment,
  filterEnvironment,
  fluxEnvironment,
  readyEnvironment,
} from './flux-environment.ts'
export {
  Access,
  type AccessAnswer,
  type AccessQuestion,
  authorizer,
} from './library/access.ts'
export type { CelCode } from './program.ts'
export {
  listOf as listType,
  mapOf as mapType,
  simple as simpleType,
  structOf as structType,
  type Type as CelType,
  typeWords,
} from './type.ts'
export { type Declared, type TypedExpression, typedExpression } from './typed.ts'
export { type CelValue, optionalValue, type SchemaHint, toCel, variablesOf } from './value.ts'
export { EvalError, jsonOf } from './values.ts'
