/** A Kubernetes quantity: a decimal number with a suffix, kept exactly in billionths. */
export class Quantity {
  readonly nano: bigint
  readonly text: string

  constructor(nano: bigint, text: string) {
    this.nano = nano
    this.text = text
  }
}

const NANO = 1_000_000_000n
const SUFFIXES: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': NANO,
  k: NANO * 10n ** 3n,
  M: NANO * 10n ** 6n,
  G: NANO * 10n ** 9n,
  T: NANO * 10n ** 12n,
  P: NANO * 10n ** 15n,
  E: NANO * 10n ** 18n,
  Ki: NANO * 2n ** 10n,
  Mi: NANO * 2n ** 20n,
  Gi: NANO * 2n ** 30n,
  Ti: NANO * 2n ** 40n,
  Pi: NANO * 2n ** 50n,
  Ei: NANO * 2n ** 60n,
}
/** More digits are no number that anyone measures. */
const MAX_LENGTH = 64

/**
 * Reads a quantity; undefined when it is none. What is finer than a billionth is rounded up.
 * @see k8s.io/apimachinery v0.36 resource/quantity.go
 */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    text,
  )
  if (match === null) return undefined
  const [, sign, whole = '', part = '', exponent, suffix = ''] = match
  if (text === '') return undefined
  const factor = exponent === undefined ? (SUFFIXES[suffix] ?? NANO) : NANO
  const shift = exponent === undefined ? 0 : Number(exponent)
  const digits = BigInt(`${whole}${part}`) * factor * 10n ** BigInt(Math.max(shift, 0))
  const divisor = 10n ** BigInt(part.length + Math.max(-shift, 0))
  const up = digits % divisor === 0n ? 0n : 1n
  const nano = digits / divisor + up
  return new Quantity(sign === '-' ? -nano : nano, text)
}

/** The whole number that a quantity is; undefined when it is none, or too big for an int64. */
export function wholeOf(quantity: Quantity): bigint | undefined {
  const value = quantity.nano / NANO
  if (quantity.nano % NANO !== 0n || value > 2n ** 63n - 1n || value < -(2n ** 63n))
    return undefined
  return value
}

/** A quantity as a double. */
export function approximate(quantity: Quantity): number {
  return Number(quantity.nano) / Number(NANO)
}
