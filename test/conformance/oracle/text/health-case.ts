/** Fields of an object. */
export type Fields = Readonly<Record<string, unknown>>

/** One object whose health the oracle tells. */
export interface HealthCase {
  readonly kind: 'kstatus'
  readonly why: string
  readonly object: Fields
  readonly exprs?: readonly Fields[]
}

/** One condition. */
export function condition(
  type: string,
  status: string,
  reason = '',
  message = `${type} is ${status}`,
): Fields {
  return { type, status, reason, message }
}

/** The fields that have a value. */
export function maybe(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
