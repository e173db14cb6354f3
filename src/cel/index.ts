/**
 * Expressions (CEL): compile, check types, evaluate, in Flux's environment and in that of CRD rules.
 * Invariant: an evaluation is pure, synchronous and bounded: it ends after a fixed number of steps,
 * whatever the expression and the object are.
 */
export { type CelCode, compile, type Environment, type Program } from './compile.ts'
export {
  claimsEnvironment,
  filterEnvironment,
  fluxEnvironment,
  readyEnvironment,
} from './flux-environment.ts'
export type { Names } from './typed/check.ts'
export type { Sized } from './typed/cost.ts'
export {
  type AdmissionOptions,
  admissionNames,
  deviceNames,
  ruleNames,
  variableType,
} from './typed/environments.ts'
export {
  Access,
  type AccessAnswer,
  type AccessQuestion,
  authorizer,
} from './typed/library-access.ts'
export {
  listOf as listType,
  mapOf as mapType,
  simple as simpleType,
  structOf as structType,
  type Type as CelType,
} from './typed/type.ts'
export { type Declared, type TypedExpression, typedExpression, typeWords } from './typed/typed.ts'
export { EvalError, jsonOf } from './typed/values.ts'
export { type CelValue, optionalValue, type SchemaHint, toCel, variablesOf } from './value.ts'
