/** An address of IPv4 or IPv6. */
export class Address {
  readonly family: 4 | 6
  readonly value: bigint

  constructor(family: 4 | 6, value: bigint) {
    this.family = family
    this.value = value
  }

  /** The canonical text (RFC 5952). */
  text(): string {
    if (this.family === 4)
      return [24n, 16n, 8n, 0n].map((shift) => (this.value >> shift) & 0xffn).join('.')
    const groups = Array.from({ length: 8 }, (_, i) =>
      ((this.value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
    ).join(':')
    const runs = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((match) => match[0])
    const longest = runs.toSorted((a, b) => b.length - a.length)[0]
    if (longest === undefined) return groups
    const short = groups.replace(longest, ':').replace(/^:(?!:)/, '::')
    return short.replace(/:$/, '::').replace(/:{3,}/, '::')
  }
}

/** A block of addresses: those that share the first `bits` bits. */
export class Block {
  readonly address: Address
  readonly bits: number

  constructor(address: Address, bits: number) {
    this.address = address
    this.bits = bits
  }

  holds(other: Address): boolean {
    return (
      other.family === this.address.family &&
      this.#cut(other.value) === this.#cut(this.address.value)
    )
  }

  holdsBlock(other: Block): boolean {
    return other.bits >= this.bits && this.holds(other.address)
  }

  masked(): Block {
    const shift = BigInt(this.#size() - this.bits)
    return new Block(
      new Address(this.address.family, (this.address.value >> shift) << shift),
      this.bits,
    )
  }

  #size(): number {
    return this.address.family === 4 ? 32 : 128
  }

  #cut(value: bigint): bigint {
    return value >> BigInt(this.#size() - this.bits)
  }
}

/** Reads an address strictly: no zone, no IPv4 in IPv6, no leading zeros in IPv4. */
export function parseAddress(text: string): Address | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (four !== null) {
    const parts = four.slice(1)
    const good = parts.every(
      (part) => Number(part) < 256 && (part === '0' || !part.startsWith('0')),
    )
    return good
      ? new Address(
          4,
          parts.reduce((value, part) => value * 256n + BigInt(part), 0n),
        )
      : undefined
  }
  return parseSix(text)
}

function parseSix(text: string): Address | undefined {
  if (!/^[0-9a-fA-F:]+$/.test(text)) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return new Address(
    6,
    groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n),
  )
}

/** Reads `address/bits`. */
export function parseBlock(text: string): Block | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = match === null ? undefined : parseAddress(match[1] ?? '')
  const bits = Number(match?.[2])
  if (address === undefined || bits > (address.family === 4 ? 32 : 128)) return undefined
  return new Block(address, bits)
}
