import { CONDITIONS, DISTURBANCES } from './collision-conditions.ts'

const STEPS = 80
const BLOCK = 64
const WORDS = 16

interface Conditions {
  /** Where two bits are, and whether they must differ: 7, 5, 7, 5 and 1 bits, the lowest first. */
  readonly places: Int32Array
  readonly ways: Int32Array
}

function readConditions(): Conditions {
  const rows = CONDITIONS.trim().split(/\s+/)
  const parts = rows.map((row) => /^(\d+)\.(\d+)([=!])(\d+)\.(\d+):([0-9a-f]+)$/.exec(row) ?? [])
  const places = parts.map(([, word, bit, sign, otherWord, otherBit]) => {
    const one = Number(word) | (Number(bit) << 7)
    const other = (Number(otherWord) << 12) | (Number(otherBit) << 19)
    return one | other | (sign === '!' ? 1 << 24 : 0)
  })
  const ways = parts.map((row) => Number.parseInt(row[6] ?? '0', 16) | 0)
  return { places: Int32Array.from(places), ways: Int32Array.from(ways) }
}

const rotl = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** By how much two blocks differ, word by word, when one is disturbed in a way. */
function differences([kind, first, bit]: (typeof DISTURBANCES)[number]): Int32Array {
  const before = 30
  const vector = new Int32Array(STEPS + before)
  const at = first + before
  const of = (index: number): number => vector[index] ?? 0
  vector[at + 15] = 1 << bit
  if (kind === 2) {
    vector[at + 1] = 1 << (31 + bit)
    vector[at + 3] = 1 << (31 + bit)
  }
  for (let i = at + WORDS; i < vector.length; i++)
    vector[i] = rotl(of(i - 3) ^ of(i - 8) ^ of(i - 14) ^ of(i - 16), 1)
  for (let i = at - 1; i >= 0; i--)
    vector[i] = rotl(of(i + 16), 31) ^ of(i + 13) ^ of(i + 8) ^ of(i + 2)
  // Each disturbance is corrected in the five steps after it.
  return Int32Array.from({ length: STEPS }, (_, step) => {
    const i = step + before
    const late = rotl(of(i - 3), 30) ^ rotl(of(i - 4), 30) ^ rotl(of(i - 5), 30)
    return of(i) ^ rotl(of(i - 1), 5) ^ of(i - 2) ^ late
  })
}

/** SHA-1 as a value that grows, which notices blocks that were made for a collision. */
export class WatchfulSha1 {
  readonly #conditions = readConditions()
  readonly #differences = DISTURBANCES.map(differences)
  readonly #words = new Int32Array(STEPS)
  readonly #disturbed = new Int32Array(STEPS)
  readonly #turning = new Int32Array(5)
  readonly #beginning = new Int32Array(5)
  readonly #state = new Int32Array(5)
  /** As it is before steps 58 and 65. */
  readonly #at58 = new Int32Array(5)
  readonly #at65 = new Int32Array(5)
  readonly #rest = Buffer.alloc(2 * BLOCK)

  /**
   * The hash of a head of at most 64 bytes and of what follows it, in hex; `isAttack` says that they are one half of two messages with one hash.
   * @see Git's sha1dc; Marc Stevens, Counter-cryptanalysis (2013)
   */
  hash(head: Buffer, data: Uint8Array): { readonly hex: string; readonly isAttack: boolean } {
    this.#state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const start = Math.min(bytes.length, BLOCK - head.length)
    const first = Buffer.concat([head, bytes.subarray(0, start)])
    let isAttack = false
    let at = start
    if (first.length === BLOCK) {
      isAttack = this.#block(first, 0)
      for (; at + BLOCK <= bytes.length; at += BLOCK) if (this.#block(bytes, at)) isAttack = true
    }
    const left = first.length === BLOCK ? bytes.subarray(at) : first
    const rest = this.#rest.fill(0)
    rest.set(left)
    rest[left.length] = 0x80
    const end = left.length + 9 > BLOCK ? 2 * BLOCK : BLOCK
    rest.writeBigUInt64BE(BigInt(head.length + bytes.length) * 8n, end - 8)
    for (let next = 0; next < end; next += BLOCK) if (this.#block(rest, next)) isAttack = true
    const out = Buffer.alloc(20)
    for (const [index, word] of this.#state.entries()) out.writeInt32BE(word, index * 4)
    return { hex: out.toString('hex'), isAttack }
  }

  /** Takes a block in; says whether it was made for a collision. */
  #block(bytes: Buffer, start: number): boolean {
    const words = this.#words
    for (let i = 0, at = start; i < WORDS; i++, at += 4)
      words[i] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0)
    for (let i = WORDS; i < STEPS; i++) {
      const word =
        (words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0)
      words[i] = (word << 1) | (word >>> 31)
    }
    this.#compress()
    const ways = this.#possibleWays()
    if (ways === 0) return false
    return DISTURBANCES.some(
      ([, , , step], way) => ((ways >>> way) & 1) === 1 && this.#collides(way, step),
    )
  }

  /** The ways of disturbing the block that its bits do not rule out. */
  #possibleWays(): number {
    const { places, ways } = this.#conditions
    const words = this.#words
    let left = -1
    for (let i = 0; i < places.length; i++) {
      const mask = ways[i] ?? 0
      if ((left & mask) === 0) continue
      const place = places[i] ?? 0
      const one = (words[place & 127] ?? 0) >>> ((place >>> 7) & 31)
      const other = (words[(place >>> 12) & 127] ?? 0) >>> ((place >>> 19) & 31)
      if (((one ^ other ^ (place >>> 24)) & 1) === 0) continue
      left &= ~mask
      if (left === 0) return 0
    }
    return left
  }

  #compress(): void {
    const words = this.#words
    const state = this.#turning
    state.set(this.#state)
    choose(state, words, 0, 20)
    parity(state, words, 20, 40, 0x6ed9eba1)
    majority(state, words, 40, 58)
    this.#at58.set(state)
    majority(state, words, 58, 60)
    parity(state, words, 60, 65, -0x359d3e2a)
    this.#at65.set(state)
    parity(state, words, 65, STEPS, -0x359d3e2a)
    for (let i = 0; i < 5; i++) this.#state[i] = ((this.#state[i] ?? 0) + (state[i] ?? 0)) | 0
  }

  /** Says whether the block that differs in a way, from its own beginning, ends in the same state. */
  #collides(way: number, step: 58 | 65): boolean {
    const words = this.#disturbed
    const differs = this.#differences[way] ?? words
    for (let i = 0; i < STEPS; i++) words[i] = (this.#words[i] ?? 0) ^ (differs[i] ?? 0)
    const from = step === 58 ? this.#at58 : this.#at65
    const begin = this.#beginning
    begin.set(from)
    stepBack(begin, words, step)
    const end = this.#turning
    end.set(from)
    if (step === 58) majority(end, words, 58, 60)
    parity(end, words, Math.max(step, 60), STEPS, -0x359d3e2a)
    return this.#state.every((value, i) => (((begin[i] ?? 0) + (end[i] ?? 0)) | 0) === value)
  }
}

/** Steps whose words are mixed by choice. */
function choose(state: Int32Array, words: Int32Array, from: number, to: number): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  for (let i = from; i < to; i++) {
    const next =
      (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + 0x5a827999 + e + (words[i] ?? 0)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  save(state, a, b, c, d, e)
}

/** Steps whose words are mixed by parity. */
function parity(
  state: Int32Array,
  words: Int32Array,
  from: number,
  to: number,
  constant: number,
): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  for (let i = from; i < to; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + constant + e + (words[i] ?? 0)) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  save(state, a, b, c, d, e)
}

/** Steps whose words are mixed by majority. */
function majority(state: Int32Array, words: Int32Array, from: number, to: number): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  for (let i = from; i < to; i++) {
    const next =
      (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) - 0x70e44324 + e + (words[i] ?? 0)) |
      0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  save(state, a, b, c, d, e)
}

function save(into: Int32Array, a: number, b: number, c: number, d: number, e: number): void {
  into[0] = a
  into[1] = b
  into[2] = c
  into[3] = d
  into[4] = e
}

function mixed(b: number, c: number, d: number, step: number): number {
  if (step < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (step < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (step < 60) return ((b & c) | (b & d) | (c & d)) - 0x70e44324
  return (b ^ c ^ d) - 0x359d3e2a
}

/** Undoes all steps before one. */
function stepBack(state: Int32Array, words: Int32Array, step: number): void {
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  for (let i = step - 1; i >= 0; i--) {
    const next = a
    a = b
    b = (c << 2) | (c >>> 30)
    c = d
    d = e
    e = (next - (((a << 5) | (a >>> 27)) + mixed(b, c, d, i) + (words[i] ?? 0))) | 0
  }
  save(state, a, b, c, d, e)
}
