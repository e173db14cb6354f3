const FIRST_BYTES = 1024
const encoder = new TextEncoder()

/**
 * Writes a protobuf message from its end to its beginning, so that the length of what is inside is
 * known when its head is due. Fields come out in the reverse of the order in which they are written.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class Writer {
  #bytes = new Uint8Array(FIRST_BYTES)
  #start = FIRST_BYTES

  /** What was written. */
  result(): Uint8Array {
    return this.#bytes.subarray(this.#start)
  }

  /** Bytes in front of what is there. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#start -= bytes.length
    this.#bytes.set(bytes, this.#start)
  }

  /** A field that holds a whole number. */
  number(field: number, value: number): void {
    // Negative ones take ten bytes: they are sixty-four bits wide.
    this.#varint(value < 0 ? BigInt.asUintN(64, BigInt(value)) : value)
    this.#varint(field * 8)
  }

  /** A field that holds a double. */
  double(field: number, value: number): void {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.bytes(bytes)
    this.#varint(field * 8 + 1)
  }

  /** A field that holds a text. */
  text(field: number, value: string): void {
    this.delimited(field, () => this.bytes(encoder.encode(value)))
  }

  /** A field that holds what `write` writes. */
  delimited(field: number, write: () => void): void {
    const end = this.#bytes.length - this.#start
    write()
    this.#varint(this.#bytes.length - this.#start - end)
    this.#varint(field * 8 + 2)
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'number' && value < 0x80) {
      this.#reserve(1)
      this.#start -= 1
      this.#bytes[this.#start] = value
      return
    }
    const bytes: number[] = []
    for (let rest = BigInt(value); ; rest >>= 7n) {
      const low = Number(rest & 0x7fn)
      if (rest < 0x80n) {
        bytes.push(low)
        break
      }
      bytes.push(low | 0x80)
    }
    this.bytes(Uint8Array.from(bytes))
  }

  #reserve(count: number): void {
    if (this.#start >= count) return
    const length = Math.max(this.#bytes.length * 2, this.#bytes.length + count)
    const larger = new Uint8Array(length)
    larger.set(this.#bytes.subarray(this.#start), length - (this.#bytes.length - this.#start))
    this.#start += length - this.#bytes.length
    this.#bytes = larger
  }
}
