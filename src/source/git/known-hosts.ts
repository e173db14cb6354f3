import { createHmac } from 'node:crypto'

/** A line of a known_hosts file. */
interface KnownHost {
  readonly patterns: readonly string[]
  readonly isRevoked: boolean
  /** In wire form. */
  readonly key: Buffer
}

/** What a known_hosts file says of a key that a host shows. */
export type HostKeyVerdict = 'known' | 'mismatch' | 'unknown' | 'revoked'

/**
 * Compares the key of a host with a known_hosts file. Certificates are not supported: an authority is
 * known as a host that shows its key, as in Go.
 * @see https://man.openbsd.org/sshd.8#SSH_KNOWN_HOSTS_FILE_FORMAT
 */
export function checkHostKey(
  text: string,
  host: { readonly name: string; readonly port: number },
  key: Buffer,
): HostKeyVerdict {
  const lines = linesFor(text, host)
  if (lines.some((line) => line.isRevoked && line.key.equals(key))) return 'revoked'
  const valid = lines.filter((line) => !line.isRevoked)
  if (valid.some((line) => line.key.equals(key))) return 'known'
  return valid.length > 0 ? 'mismatch' : 'unknown'
}

/** The types of the keys that are known of a host, so that it is asked for one of those. */
export function knownKeyTypes(
  text: string,
  host: { readonly name: string; readonly port: number },
): readonly string[] {
  const types = linesFor(text, host).map(({ key }) => {
    const length = key.length < 4 ? 0 : key.readUInt32BE()
    return key.toString('latin1', 4, 4 + length)
  })
  return [...new Set(types)]
}

function linesFor(
  text: string,
  host: { readonly name: string; readonly port: number },
): readonly KnownHost[] {
  const address = host.port === 22 ? host.name : `[${host.name}]:${host.port}`
  return text
    .split('\n')
    .flatMap(parseLine)
    .filter((line) => matches(line.patterns, address))
}

function parseLine(line: string): KnownHost[] {
  const words = line.trim().split(/\s+/)
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [hosts, , encoded] = words
  if (hosts === undefined || encoded === undefined || hosts.startsWith('#')) return []
  const key = Buffer.from(encoded, 'base64')
  return [{ patterns: hosts.split(','), isRevoked: marker === '@revoked', key }]
}

function matches(patterns: readonly string[], address: string): boolean {
  const isNegated = patterns.some(
    (pattern) => pattern.startsWith('!') && matchesOne(pattern.slice(1), address),
  )
  return !isNegated && patterns.some((pattern) => matchesOne(pattern, address))
}

function matchesOne(pattern: string, address: string): boolean {
  if (pattern.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = pattern.split('|')
    const mac = createHmac('sha1', Buffer.from(salt, 'base64')).update(address).digest('base64')
    return mac === hash
  }
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'i').test(address)
}
