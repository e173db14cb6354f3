import type { Environment as Engine } from '@marcbachmann/cel-js'
import { Address, Block, parseAddress, parseBlock } from './address.ts'
import { register } from './k8s-values.ts'

/** URLs. @see k8s.io/apiserver v0.36 cel/library/urls.go */
export function addUrls(engine: Engine): void {
  class UrlValue {
    readonly url: URL
    readonly absolute: boolean
    constructor(url: URL, absolute: boolean) {
      this.url = url
      this.absolute = absolute
    }
  }
  const read = (text: string): UrlValue | undefined => {
    const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)
    if (!absolute && !text.startsWith('/')) return undefined
    return URL.canParse(text, 'http://relative')
      ? new UrlValue(new URL(text, 'http://relative'), absolute)
      : undefined
  }
  engine.registerType('URL', UrlValue)
  register(engine, 'isURL(string): bool', (text: string) => read(text) !== undefined)
  register(engine, 'url(string): URL', (text: string) => {
    const value = read(text)
    if (value === undefined)
      throw new Error(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
      )
    return value
  })
  const part = (name: string, take: (url: URL) => string): void =>
    register(engine, `URL.${name}(): string`, (value: UrlValue) =>
      value.absolute ? take(value.url) : '',
    )
  part('getScheme', (url) => url.protocol.slice(0, -1))
  part('getHost', (url) => url.host)
  part('getHostname', (url) => url.hostname.replaceAll(/^\[|\]$/g, ''))
  part('getPort', (url) => url.port)
  register(engine, 'URL.getEscapedPath(): string', (value: UrlValue) => value.url.pathname)
  register(engine, 'URL.getQuery(): map<string, list<string>>', (value: UrlValue) => {
    const out: Record<string, string[]> = {}
    for (const key of new Set(value.url.searchParams.keys()))
      out[key] = value.url.searchParams.getAll(key)
    return out
  })
}

/** Addresses and blocks of them. @see k8s.io/apiserver v0.36 cel/library/ip.go, cidr.go */
export function addAddresses(engine: Engine): void {
  engine.registerType('IP', Address)
  engine.registerType('CIDR', Block)
  const ip = (text: string): Address => {
    const address = parseAddress(text)
    if (address === undefined)
      throw new Error(
        `IP Address ${JSON.stringify(text)} parse error during conversion from string: unable to parse IP`,
      )
    return address
  }
  const cidr = (text: string): Block => {
    const block = parseBlock(text)
    if (block === undefined)
      throw new Error(
        `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
      )
    return block
  }
  register(engine, 'isIP(string): bool', (text: string) => parseAddress(text) !== undefined)
  register(engine, 'ip(string): IP', ip)
  register(engine, 'IP.family(): int', (a: Address) => BigInt(a.family))
  register(engine, 'IP.isUnspecified(): bool', (a: Address) => a.value === 0n)
  register(engine, 'IP.isLoopback(): bool', (a: Address) =>
    a.family === 4 ? a.value >> 24n === 127n : a.value === 1n,
  )
  register(engine, 'IP.isLinkLocalUnicast(): bool', (a: Address) =>
    a.family === 4 ? a.value >> 16n === 0xa9fen : a.value >> 118n === 0x3fan,
  )
  register(engine, 'IP.isLinkLocalMulticast(): bool', (a: Address) =>
    a.family === 4 ? a.value >> 8n === 0xe00000n : a.value >> 112n === 0xff02n,
  )
  register(engine, 'IP.isGlobalUnicast(): bool', isGlobalUnicast)
  engine.registerOperator(
    'IP == IP',
    (a: Address, b: Address) => a.family === b.family && a.value === b.value,
  )
  register(engine, 'string(IP): string', (a: Address) => a.text())
  register(engine, 'isCIDR(string): bool', (text: string) => parseBlock(text) !== undefined)
  register(engine, 'cidr(string): CIDR', cidr)
  register(engine, 'CIDR.containsIP(string): bool', (b: Block, text: string) => b.holds(ip(text)))
  register(engine, 'CIDR.containsIP(IP): bool', (b: Block, a: Address) => b.holds(a))
  register(engine, 'CIDR.containsCIDR(string): bool', (b: Block, text: string) =>
    b.holdsBlock(cidr(text)),
  )
  register(engine, 'CIDR.containsCIDR(CIDR): bool', (a: Block, b: Block) => a.holdsBlock(b))
  register(engine, 'CIDR.ip(): IP', (b: Block) => b.address)
  register(engine, 'CIDR.masked(): CIDR', (b: Block) => b.masked())
  register(engine, 'CIDR.prefixLength(): int', (b: Block) => BigInt(b.bits))
  register(engine, 'string(CIDR): string', (b: Block) => `${b.address.text()}/${b.bits}`)
  engine.registerOperator(
    'CIDR == CIDR',
    (a: Block, b: Block) =>
      a.bits === b.bits &&
      a.address.family === b.address.family &&
      a.address.value === b.address.value,
  )
}

function isGlobalUnicast(address: Address): boolean {
  const { family, value } = address
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
