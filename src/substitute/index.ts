/**
 * Post-build variable substitution: `${var}` and its forms in built objects, as Flux 2.9.4 does it.
 * Invariant: pure; objects without a `$` come out as they went in, and no value of a variable that
 * was named secret is ever quoted in a message.
 */
export { expand } from './expand.ts'
export type { SubstituteCode } from './faults.ts'
export { maskSecrets } from './mask.ts'
export {
  isSubstitutionDisabled,
  mergeVariables,
  type SubstituteOptions,
  substitute,
  substitutionRoom,
} from './substitute.ts'
export { variablesIn } from './variables-in.ts'
