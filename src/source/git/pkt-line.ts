import { Fault } from '../../base/index.ts'
import type { GitCode } from './fault.ts'

/** One packet: its bytes, or one of the special lengths. */
export type Packet =
  | { readonly kind: 'data'; readonly data: Buffer }
  | { readonly kind: 'flush' | 'delimiter' | 'response-end' }

/** The longest packet that the protocol allows, its four digits included. */
const PACKET_BYTES_MAX = 65_520
const SPECIAL: Readonly<Record<string, 'flush' | 'delimiter' | 'response-end'>> = {
  '0000': 'flush',
  '0001': 'delimiter',
  '0002': 'response-end',
}

/** Ends a section. */
export const FLUSH: Buffer = Buffer.from('0000')
/** Parts the head of a v2 command from its arguments. */
export const DELIMITER: Buffer = Buffer.from('0001')

/** Frames text or bytes as one packet. */
export function packet(data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}

/** The text of a packet, without its final newline. */
export function packetText(data: Uint8Array): string {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

/**
 * Reads packets from a stream of bytes. At most `bytesMax` bytes are taken from it, so that a host
 * which never stops talking is cut off.
 * @see https://git-scm.com/docs/protocol-common#_pkt_line_format
 */
export class PacketReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #bytesMax: number
  #buffer: Buffer = Buffer.alloc(0)
  #taken = 0

  constructor(chunks: AsyncIterable<Uint8Array>, bytesMax: number) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#bytesMax = bytesMax
  }

  /** The next packet; undefined where the stream ends between two packets. */
  async next(): Promise<Packet | undefined> {
    if (!(await this.#fill(4))) {
      if (this.#buffer.length === 0) return undefined
      throw broken('unexpected EOF')
    }
    const digits = this.#buffer.toString('latin1', 0, 4)
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw broken('invalid pkt-len found')
    const special = SPECIAL[digits]
    if (special !== undefined) {
      this.#buffer = this.#buffer.subarray(4)
      return { kind: special }
    }
    const length = Number.parseInt(digits, 16)
    if (length < 4 || length > PACKET_BYTES_MAX) throw broken('invalid pkt-len found')
    if (!(await this.#fill(length))) throw broken('unexpected EOF')
    const data = this.#buffer.subarray(4, length)
    this.#buffer = this.#buffer.subarray(length)
    return { kind: 'data', data }
  }

  /** What follows the packets read so far, raw, chunk by chunk. */
  async *rest(): AsyncGenerator<Buffer> {
    while (this.#buffer.length > 0 || (await this.#fill(1))) {
      const chunk = this.#buffer
      this.#buffer = Buffer.alloc(0)
      yield chunk
    }
  }

  /** Bytes that are there but not read yet; for telling a raw pack from packets. */
  async peek(length: number): Promise<Buffer> {
    await this.#fill(length)
    return this.#buffer.subarray(0, length)
  }

  async #fill(length: number): Promise<boolean> {
    if (this.#buffer.length >= length) return true
    const parts = [this.#buffer]
    let have = this.#buffer.length
    while (have < length) {
      const { done, value } = await this.#chunks.next()
      if (done) break
      this.#taken += value.length
      if (this.#taken > this.#bytesMax)
        throw broken(`the answer is longer than ${this.#bytesMax} bytes`)
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      have += value.length
    }
    this.#buffer = parts.length === 1 ? this.#buffer : Buffer.concat(parts)
    return have >= length
  }
}

function broken(message: string): Fault<GitCode> {
  return new Fault<GitCode>({ code: 'GIT_PROTOCOL', message })
}
