import { isIP } from 'node:net'

/**
 * What the API server warns of in addresses that it takes.
 * @see k8s.io/apimachinery pkg/util/validation/ip.go (v0.36.3)
 */
export function addressWarnings(value: string, path: string): string[] {
  const plain = withoutZeros(value)
  const family = isIP(plain)
  if (family === 0) return []
  const mapped = mappedAddress(plain)
  if (plain !== value || mapped !== undefined)
    return [
      `${path}: non-standard IP address ${quoted(value)} is invalid: use ${quoted(mapped ?? plain)}`,
    ]
  const canonical = family === 6 ? canonicalAddress(value) : value
  if (canonical === value) return []
  return [
    `${path}: IPv6 address ${quoted(value)} should be in RFC 5952 canonical format (${quoted(canonical)})`,
  ]
}

/** The same for ranges. */
export function rangeWarnings(value: string, path: string): string[] {
  const [address = '', bits = ''] = value.split('/')
  const plain = withoutZeros(address)
  const family = isIP(plain)
  if (family === 0 || !/^\d+$/.test(bits)) return []
  const length = Number(bits)
  const base = `${networkOf(plain, length)}/${length}`
  const own = family === 6 ? canonicalAddress(plain) : plain
  const warnings: string[] = []
  if (networkOf(plain, length) !== own)
    warnings.push(
      `${path}: CIDR value ${quoted(value)} is ambiguous in this context (should be ${quoted(base)} or ${quoted(`${own}/${family === 6 ? 128 : 32}`)}?)`,
    )
  if (plain !== address || String(length) !== bits || mappedAddress(plain) !== undefined)
    warnings.push(
      `${path}: non-standard CIDR value ${quoted(value)} is invalid: use ${quoted(base)}`,
    )
  if (warnings.length > 0 || family === 4 || `${own}/${bits}` === value) return warnings
  return [
    `${path}: IPv6 CIDR value ${quoted(value)} should be in RFC 5952 canonical format (${quoted(`${own}/${bits}`)})`,
  ]
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

/** Some readers take numbers that begin with zeros for decimal ones. */
function withoutZeros(value: string): string {
  return value.includes(':') ? value : value.replaceAll(/(^|\.)0+(?=\d)/g, '$1')
}

/** The IPv4 address that an IPv6 one holds. */
function mappedAddress(value: string): string | undefined {
  if (!value.includes(':')) return undefined
  const groups = groupsOf(value)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (!isMapped) return undefined
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
}

function groupsOf(value: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(value)
  const pair = (high = '', low = ''): string => (Number(high) * 256 + Number(low)).toString(16)
  const text =
    dotted === null
      ? value
      : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`
  const [head = '', tail] = text.split('::')
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [numbers(head), numbers(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after]
}

/** RFC 5952: lower case, the longest run of zeros left out. */
function canonicalAddress(value: string): string {
  return canonicalGroups(groupsOf(value))
}

function canonicalGroups(groups: readonly number[]): string {
  let [start, length] = [-1, 1]
  for (let i = 0; i < groups.length; i += 1) {
    let end = i
    while (end < groups.length && groups[end] === 0) end += 1
    if (end - i > length) [start, length] = [i, end - i]
  }
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':')
  if (start < 0) return text(groups)
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

function networkOf(address: string, length: number): string {
  if (address.includes(':'))
    return canonicalGroups(groupsOf(address).map((group, i) => masked(group, length - i * 16, 16)))
  return address
    .split('.')
    .map((part, i) => masked(Number(part), length - i * 8, 8))
    .join('.')
}

function masked(value: number, bits: number, size: number): number {
  const kept = Math.max(0, Math.min(bits, size))
  return value & ~((1 << (size - kept)) - 1)
}
