import { EvalError, noOverload } from '../values.ts'
import { Address, Block, parseAddress, parseBlock } from './address.ts'
import type { Forms } from './forms.ts'
import { quoted } from './texts.ts'

/** An address as expressions see it. */
class Ip {
  readonly celType = 'net.IP'
  readonly address: Address

  constructor(address: Address) {
    this.address = address
  }

  equals(other: Ip): boolean {
    return (
      this.address.family === other.address.family && this.address.value === other.address.value
    )
  }
}

/** A block of addresses as expressions see it. */
class Cidr {
  readonly celType = 'net.CIDR'
  readonly block: Block

  constructor(block: Block) {
    this.block = block
  }

  equals({ block }: Cidr): boolean {
    return (
      this.block.bits === block.bits && new Ip(this.block.address).equals(new Ip(block.address))
    )
  }
}

function ip(text: string): Ip {
  const address = parseAddress(text)
  if (address !== undefined) return new Ip(address)
  const zone = text.indexOf('%')
  if (zone >= 0 && parseAddress(text.slice(0, zone))?.family === 6)
    throw new EvalError(`IP address ${quoted(text)} with zone value is not allowed`)
  if (isMapped(text)) throw new EvalError(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`)
  throw new EvalError(
    `IP Address ${quoted(text)} parse error during conversion from string: ParseAddr(${quoted(text)}): ${addressFault(text)}`,
  )
}

/** An address of IPv4 written as one of IPv6. */
function isMapped(text: string): boolean {
  const four = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (four !== null)
    return (
      parseAddress(four[2] ?? '') !== undefined &&
      /^(?:0*:){0,5}:?(?:0*:)*ffff:$/i.test(four[1] ?? '')
    )
  const address = parseAddress(text)
  return address?.family === 6 && address.value >> 32n === 0xffffn
}

/** Why Go can not read an address. */
function addressFault(text: string): string {
  const mark = /[.:%]/.exec(text)?.[0]
  if (mark === '.') return fourFault(text)
  if (mark === ':') return sixFault(text)
  if (mark === '%') return 'missing IPv6 address'
  return 'unable to parse IP'
}

function fourFault(text: string): string {
  let value = 0
  let digits = 0
  let position = 0
  for (const [i, letter] of Array.from(text).entries()) {
    if (/\d/.test(letter)) {
      if (digits === 1 && value === 0) return 'IPv4 field has octet with leading zero'
      value = value * 10 + Number(letter)
      digits += 1
      if (value > 255) return 'IPv4 field has value >255'
    } else if (letter === '.') {
      const isEdge = i === 0 || i === text.length - 1 || text[i - 1] === '.'
      if (isEdge) return `IPv4 field must have at least one digit (at ${quoted(text.slice(i))})`
      if (position === 3) return 'IPv4 address too long'
      position += 1
      value = 0
      digits = 0
    } else return `unexpected character (at ${quoted(text.slice(i))})`
  }
  return 'IPv4 address too short'
}

function sixFault(text: string): string {
  const colons = text.split(':').length - 1
  const bad = /[^0-9a-fA-F:.%]/.exec(text)
  if (bad !== null) {
    const before = text.slice(0, bad.index)
    const isStart = before.endsWith(':') || before === ''
    const words = isStart
      ? 'each colon-separated field must have at least one digit'
      : 'unexpected character, want colon'
    return `${words} (at ${quoted(text.slice(bad.index))})`
  }
  const long = /[0-9a-fA-F]{5,}/.exec(text)
  if (long !== null)
    return `each group must have 4 or less digits (at ${quoted(text.slice(long.index))})`
  const second = text.indexOf('::', text.indexOf('::') + 1)
  if (text.includes('::') && second >= 0)
    return `multiple :: in address (at ${quoted(text.slice(second + 1))})`
  if (colons > 7) {
    const at = text.split(':').slice(0, 8).join(':').length
    return `trailing garbage after address (at ${quoted(text.slice(at))})`
  }
  return 'address string too short'
}

function cidr(text: string): Cidr {
  const block = parseBlock(text)
  if (block !== undefined) return new Cidr(block)
  const at = text.lastIndexOf('/')
  const address = text.slice(0, at)
  if (at >= 0 && isMapped(address) && /^\d+$/.test(text.slice(at + 1)))
    throw new EvalError(`IPv4-mapped IPv6 address ${quoted(text)} is not allowed`)
  throw new EvalError(
    `network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(${quoted(text)}): ${blockFault(text, at)}`,
  )
}

function blockFault(text: string, at: number): string {
  if (at < 0) return "no '/'"
  const [address, bits] = [text.slice(0, at), text.slice(at + 1)]
  const parsed = parseAddress(address)
  if (address.includes('%')) return 'IPv6 zones cannot be present in a prefix'
  if (parsed === undefined) return `ParseAddr(${quoted(address)}): ${addressFault(address)}`
  if (!/^(?:0|[1-9]\d*)$/.test(bits)) return `bad bits after slash: ${quoted(bits)}`
  return 'prefix length out of range'
}

function isGlobalUnicast({ family, value }: Address): boolean {
  if (value === 0n) return false
  if (family === 4)
    return (
      value !== 0xffffffffn &&
      value >> 24n !== 127n &&
      value >> 28n !== 0xen &&
      value >> 16n !== 0xa9fen
    )
  return value !== 1n && value >> 120n !== 0xffn && value >> 118n !== 0x3fan
}

/** Addresses and blocks of them. @see k8s.io/apiserver pkg/cel/library/ip.go, cidr.go (v0.36.3) */
export const addressFunctions: Forms = {
  'ip string': ip,
  'isIP string': (text: string) => parseAddress(text) !== undefined && !isMapped(text),
  'ip.isCanonical string': (text: string) => ip(text).address.text() === text,
  'string net.IP': ({ address }: Ip) => address.text(),
  'family net.IP': ({ address }: Ip) => BigInt(address.family),
  'isUnspecified net.IP': ({ address }: Ip) => address.value === 0n,
  'isLoopback net.IP': ({ address: { family, value } }: Ip) =>
    family === 4 ? value >> 24n === 127n : value === 1n,
  'isLinkLocalUnicast net.IP': ({ address: { family, value } }: Ip) =>
    family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan,
  'isLinkLocalMulticast net.IP': ({ address: { family, value } }: Ip) =>
    family === 4 ? value >> 8n === 0xe00000n : value >> 112n === 0xff02n,
  'isGlobalUnicast net.IP': ({ address }: Ip) => isGlobalUnicast(address),
  'cidr string': cidr,
  'isCIDR string': (text: string) => parseBlock(text) !== undefined,
  'string net.CIDR': ({ block }: Cidr) => `${block.address.text()}/${block.bits}`,
  'containsIP net.CIDR string': ({ block }: Cidr, text: string) => {
    const address = parseAddress(text)
    if (address === undefined || isMapped(text)) throw noOverload()
    return block.holds(address)
  },
  'containsIP net.CIDR net.IP': ({ block }: Cidr, { address }: Ip) => block.holds(address),
  'containsCIDR net.CIDR string': ({ block }: Cidr, text: string) =>
    block.holdsBlock(cidr(text).block),
  'containsCIDR net.CIDR net.CIDR': (a: Cidr, b: Cidr) => a.block.holdsBlock(b.block),
  'ip net.CIDR': ({ block }: Cidr) => new Ip(block.address),
  'masked net.CIDR': ({ block }: Cidr) => new Cidr(block.masked()),
  'prefixLength net.CIDR': ({ block }: Cidr) => BigInt(block.bits),
}
