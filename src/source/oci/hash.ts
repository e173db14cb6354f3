const HEX_LENGTHS: Readonly<Record<string, number>> = { sha256: 64 }

/**
 * What is wrong with a digest, `sha256:<hex>`; undefined for a good one.
 * @see go-containerregistry pkg/v1/hash.go (v0.21.6)
 */
export function hashFault(text: string): string | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) return `cannot parse hash: ${JSON.stringify(text)}`
  const hex = text.slice(colon + 1)
  const strange = /[^0-9a-f]/.exec(hex)?.[0]
  if (strange !== undefined) return `found non-hex character in hash: ${strange}`
  const algorithm = text.slice(0, colon)
  const length = HEX_LENGTHS[algorithm]
  if (length === undefined) return `unsupported hash: ${JSON.stringify(algorithm)}`
  return hex.length === length ? undefined : `wrong number of hex digits for ${algorithm}: ${hex}`
}
