/** A Kubernetes quantity as an exact number of billionths. */
export interface Quantity {
  /** Value times 10^9. */
  readonly nanos: bigint
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

const NANO = 1_000_000_000n
const MAX = ((1n << 63n) - 1n) * NANO
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}
const QUANTITY =
  /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:(Ki|Mi|Gi|Ti|Pi|Ei)|([numkMGTPE]?)|[eE]([+-]?\d+))$/

/**
 * Reads a quantity (`100m`, `1.5Gi`, `1e3`); undefined when the text is none. More than nine decimal
 * places are rounded up, more than 2^63-1 is capped.
 * @see k8s.io/apimachinery pkg/api/resource/quantity.go (v0.36.3)
 */
export function parseQuantity(text: string): Quantity | undefined {
  const known = read.get(text)
  if (known !== undefined) return known
  const quantity = readQuantity(text)
  if (quantity === undefined) return undefined
  if (read.size >= READ_MAX) read.clear()
  read.set(text, quantity)
  return quantity
}

/** The few quantities that most objects are made of, which each object brings several times. */
const read = new Map<string, Quantity>()
const READ_MAX = 1000

function readQuantity(text: string): Quantity | undefined {
  const match = text.length > DIGITS_MAX ? null : QUANTITY.exec(text)
  if (match === null) return undefined
  const [, sign, digits = '', binary, decimal, exponent] = match
  const [whole = '', fraction = ''] = digits.split('.')
  const mantissa = BigInt(`${whole}${fraction}` || '0')
  const magnitude =
    binary === undefined
      ? scale(mantissa, 9 - fraction.length + powerOf(decimal, exponent))
      : divideUp(mantissa * (BINARY[binary] ?? 1n) * NANO, 10n ** BigInt(fraction.length))
  const capped = magnitude > MAX ? MAX : magnitude
  return {
    nanos: sign === '-' ? -capped : capped,
    format:
      binary !== undefined ? 'BinarySI' : exponent !== undefined ? 'DecimalExponent' : 'DecimalSI',
  }
}

function powerOf(decimal: string | undefined, exponent: string | undefined): number {
  return exponent === undefined ? (DECIMAL[decimal ?? ''] ?? 0) : Number(exponent)
}

/** Longest text that is a quantity: numbers of a million digits take seconds to read. */
const DIGITS_MAX = 1000
/** Powers of ten beyond this lead over the most, or to less than a billionth, whatever they scale. */
const POWER_MAX = 40

function scale(value: bigint, power: number): bigint {
  if (value === 0n) return 0n
  if (power > POWER_MAX) return MAX + 1n
  if (power >= 0) return value * 10n ** BigInt(power)
  // Of a power as small as this not even one part is left: it is rounded up, and never computed.
  return -power > DIGITS_MAX ? 1n : divideUp(value, 10n ** BigInt(-power))
}

function divideUp(value: bigint, by: bigint): bigint {
  return value / by + (value % by === 0n ? 0n : 1n)
}

/** Writes a quantity in canonical form: the largest suffix that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos } = quantity
  if (nanos === 0n) return '0'
  const sign = nanos < 0n ? '-' : ''
  const magnitude = nanos < 0n ? -nanos : nanos
  // Below 1024, or with a fraction, a binary quantity is written in decimal.
  if (quantity.format === 'BinarySI' && magnitude % NANO === 0n && magnitude >= 1024n * NANO)
    return `${sign}${formatBinary(magnitude / NANO)}`
  let power = -9
  let mantissa = magnitude
  while (mantissa % 1000n === 0n && power < 18) {
    mantissa /= 1000n
    power += 3
  }
  if (quantity.format === 'DecimalExponent')
    return `${sign}${mantissa}${power === 0 ? '' : `e${power}`}`
  const suffix = Object.entries(DECIMAL).find(([, p]) => p === power)?.[0] ?? ''
  return `${sign}${mantissa}${suffix}`
}

function formatBinary(value: bigint): string {
  let rest = value
  let suffix = ''
  for (const next of Object.keys(BINARY)) {
    if (rest % 1024n !== 0n) break
    rest /= 1024n
    suffix = next
  }
  return `${rest}${suffix}`
}

/** Small amounts, which are canonical unless their number is too round for their suffix. */
const SMALL = /^([1-9]\d{0,5})(?:[mkMGT]|(Ki|Mi|Gi|Ti))?$/

function isCanonical(text: string): boolean {
  const match = SMALL.exec(text)
  if (match === null) return false
  return Number(match[1]) % (match[2] === undefined ? 1000 : 1024) !== 0
}

/** The text that a quantity given as text or number is kept as; undefined when it is none. */
export function canonicalQuantity(value: string | number): string | undefined {
  const text = String(value).trim()
  if (isCanonical(text)) return text
  const quantity = parseQuantity(text)
  if (quantity === undefined) return undefined
  return isKeptAsWritten(text) ? text : formatQuantity(quantity)
}

const PARTS = /^[+-]?0*(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d+))$/
const MOST_DIGITS = 18
/** Digits that a binary suffix takes, as Go estimates them. */
const BINARY_DIGITS: Readonly<Record<string, number>> = {
  Ki: 3,
  Mi: 6,
  Gi: 9,
  Ti: 12,
  Pi: 15,
  Ei: 18,
}

/** Small numbers in almost canonical form are not written anew: signs and leading zeros stay. */
function isKeptAsWritten(text: string): boolean {
  const match = PARTS.exec(text)
  if (match === null) return false
  const [, digits = '', fraction = '', binary, decimal, exponent] = match
  const whole = digits === '' ? '0' : digits
  if (binary !== undefined) {
    const precision = 15 - whole.length - (BINARY_DIGITS[binary] ?? 0) - 1
    return fraction === '' && precision >= 0 && Number(whole) % 8 !== 0
  }
  const power = powerOf(decimal, exponent) - fraction.length
  const shifted = whole + fraction
  const isShort = shifted.length <= MOST_DIGITS && power >= -9
  return isShort && power % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0')
}
