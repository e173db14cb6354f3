/** One element of DER: its tag, and where its parts are in the bytes that it was read from. */
export interface DerElement {
  readonly tag: number
  readonly whole: Buffer
  readonly content: Buffer
}

/** That bytes are no DER. Callers make a fault of it. */
export class BadDer extends Error {}

const ELEMENTS_MAX = 10_000

/** The elements that stand one after another in some bytes. @throws BadDer */
export function derElements(bytes: Buffer): readonly DerElement[] {
  const found: DerElement[] = []
  for (let at = 0; at < bytes.length; ) {
    const element = derElement(bytes.subarray(at))
    found.push(element)
    at += element.whole.length
    if (found.length > ELEMENTS_MAX) throw new BadDer('too many elements')
  }
  return found
}

/** The first element of some bytes. @throws BadDer */
export function derElement(bytes: Buffer): DerElement {
  const tag = bytes[0] ?? 0
  const first = bytes[1]
  if (first === undefined || (tag & 0x1f) === 0x1f) throw new BadDer('no element')
  const isLong = first >= 0x80
  const size = isLong ? first & 0x7f : 0
  if (size > 4) throw new BadDer('a length that is too long')
  const length = isLong
    ? bytes.subarray(2, 2 + size).reduce((sum, byte) => sum * 256 + byte, 0)
    : first
  const start = 2 + size
  const end = start + length
  if (end > bytes.length || (isLong && size === 0)) throw new BadDer('an element that is cut off')
  return { tag, whole: bytes.subarray(0, end), content: bytes.subarray(start, end) }
}

/** An element made of its content. */
export function derEncode(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const digits: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256)
  return Buffer.concat([Buffer.from([tag, 0x80 + digits.length, ...digits]), content])
}

/** The dotted text of an object identifier's content. */
export function derOid(content: Buffer): string {
  const numbers: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(value)
      value = 0
    }
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}
