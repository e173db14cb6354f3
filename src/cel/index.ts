/**
 * Expressions (CEL): compile, check types, evaluate, in Flux's environment and in that of CRD rules.
 * Invariant: an evaluation is pure, synchronous and bounded: it ends after a fixed number of steps,
 * whatever the expression and the object are.
 */
export {
  type AccessAnswer,
  type AccessQuestion,
  Authorizer,
  admissionEnvironment,
} from './admission-environment.ts'
export { type CelCode, compile, type Environment, type Program } from './compile.ts'
export { crdEnvironment } from './crd-environment.ts'
export { deviceEnvironment } from './device-environment.ts'
export {
  claimsEnvironment,
  filterEnvironment,
  fluxEnvironment,
  readyEnvironment,
} from './flux-environment.ts'
export type { Sized } from './typed/cost.ts'
export {
  listOf as listType,
  mapOf as mapType,
  simple as simpleType,
  structOf as structType,
  type Type as CelType,
} from './typed/type.ts'
export { type Declared, type TypedExpression, typedExpression } from './typed/typed.ts'
export { type CelValue, optionalValue, type SchemaHint, toCel, variablesOf } from './value.ts'
