/**
 * A value of a SOPS file: maps keep their order whatever their keys are; whole numbers are bigint,
 * other numbers doubles; bytes are texts that are no UTF-8.
 */
export type TreeValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Comment
  | Moment
  | TreeValue[]
  | TreeMap

/** A map of a file. */
export type TreeMap = Map<string, TreeValue>

/** A comment that was decrypted. */
export class Comment {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A moment, as text: `2020-01-02T00:00:00Z`. Formats other than YAML hold it as a text. */
export class Moment {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A leaf as it is hashed for the MAC. */
export function leafBytes(leaf: Exclude<TreeValue, TreeMap | TreeValue[]>): Uint8Array {
  if (leaf instanceof Uint8Array) return leaf
  if (leaf instanceof Comment || leaf instanceof Moment) return Buffer.from(leaf.text)
  if (typeof leaf === 'boolean') return Buffer.from(leaf ? 'True' : 'False')
  if (typeof leaf === 'number') return Buffer.from(decimalText(leaf))
  return Buffer.from(String(leaf))
}

/** A double without exponent, as Go's 'f' format with the least digits that say it. */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', power = '0'] = match
  const digits = first + rest
  const point = 1 + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
