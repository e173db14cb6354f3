import { Fault } from '../base/index.ts'

/** Codes of faults in substitution. */
export type SubstituteCode =
  /** The name of a variable is none that a form could use. */
  | 'VARIABLE_NAME'
  /** A form in the text cannot be read. */
  | 'VARIABLE_SYNTAX'
  /** A form names a variable that nothing sets, in strict mode. */
  | 'VARIABLE_UNSET'
  /** What came out of the substitution is no YAML, or no object. */
  | 'SUBSTITUTED_YAML'
  /** The substitution would cost more time or memory than one object is worth. */
  | 'SUBSTITUTION_LIMIT'

/** A fault of this room. */
export function substituteFault(
  code: SubstituteCode,
  message: string,
  cause?: unknown,
): Fault<SubstituteCode> {
  return new Fault<SubstituteCode>({ code, message, reason: 'BuildFailed', cause })
}
