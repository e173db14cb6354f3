import { quoted } from './texts.ts'

/** A URL as Go has read it. */
export interface GoUrl {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  /** The text that was read. */
  readonly text: string
}

/**
 * Reads a URL as Go's url.ParseRequestURI does; a text: why it is none.
 * @see https://pkg.go.dev/net/url#ParseRequestURI
 */
export function goUrl(text: string): GoUrl | string {
  const found = parsed(text)
  return typeof found === 'string' ? `parse ${quoted(text)}: ${found}` : found
}

function parsed(text: string): GoUrl | string {
  if (/\p{Cc}/u.test(text.replaceAll(/[\u0080-\u009f]/g, '')))
    return 'net/url: invalid control character in URL'
  if (text === '') return 'empty url'
  if (text === '*') return { scheme: '', host: '', path: '*', query: '', text }
  const scheme = schemeOf(text)
  if (scheme === undefined) return 'missing protocol scheme'
  const rest = text.slice(scheme === '' ? 0 : scheme.length + 1)
  const mark = rest.indexOf('?')
  const [before, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)]
  const known = { scheme: scheme.toLowerCase(), query, text }
  if (!before.startsWith('/')) {
    if (scheme !== '') return { ...known, host: '', path: '' }
    return 'invalid URI for request'
  }
  const hasHost = scheme !== '' && before.startsWith('//') && !before.startsWith('///')
  if (!hasHost) return withPath(known, '', before)
  const end = before.indexOf('/', 2)
  const authority = before.slice(2, end < 0 ? undefined : end)
  const host = hostOf(authority)
  if (typeof host !== 'string') return host.words
  return withPath(known, host, end < 0 ? '' : before.slice(end))
}

/** `''`: none; undefined: it is missing. */
function schemeOf(text: string): string | undefined {
  for (const [i, letter] of Array.from(text).entries()) {
    if (/[A-Za-z]/.test(letter)) continue
    if (/[0-9+.-]/.test(letter)) {
      if (i === 0) return ''
      continue
    }
    if (letter !== ':') return ''
    return i === 0 ? undefined : text.slice(0, i)
  }
  return ''
}

function withPath(
  known: Pick<GoUrl, 'scheme' | 'query' | 'text'>,
  host: string,
  path: string,
): GoUrl | string {
  const bad = badEscape(path)
  return bad === undefined ? { ...known, host, path } : `invalid URL escape ${quoted(bad)}`
}

function badEscape(text: string): string | undefined {
  return /%(?![\dA-Fa-f]{2}).{0,2}/.exec(text)?.[0]
}

function hostOf(authority: string): string | { readonly words: string } {
  const at = authority.lastIndexOf('@')
  const user = at < 0 ? '' : authority.slice(0, at)
  const host = authority.slice(at + 1)
  if (/[^A-Za-z0-9\-._:~!$&'()*+,;=%@]/.test(user)) return { words: 'net/url: invalid userinfo' }
  const badUser = badEscape(user)
  if (badUser !== undefined) return { words: `invalid URL escape ${quoted(badUser)}` }
  const open = host.indexOf('[')
  if (open === 0) {
    const close = host.lastIndexOf(']')
    if (close < 0) return { words: "missing ']' in host" }
    const port = host.slice(close + 1)
    if (!/^(?::\d*)?$/.test(port)) return { words: `invalid port ${quoted(port)} after host` }
  } else {
    const colon = host.lastIndexOf(':')
    const port = colon < 0 ? '' : host.slice(colon)
    if (!/^(?::\d*)?$/.test(port)) return { words: `invalid port ${quoted(port)} after host` }
  }
  const escape = badEscape(host) ?? /%[0-7][\dA-Fa-f]/.exec(host)?.[0]
  if (escape !== undefined && escape !== '%25')
    return { words: `invalid URL escape ${quoted(escape)}` }
  const bad = /[^A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(host)?.[0]
  if (bad !== undefined) return { words: `invalid character ${quoted(bad)} in host name` }
  return host.replaceAll(/(?:%[\dA-Fa-f]{2})+/g, (part) => decoded(part))
}

function decoded(text: string): string {
  return Buffer.from(
    Array.from(text.matchAll(/%([\dA-Fa-f]{2})|[^%]+/g)).flatMap(([whole, hex]) =>
      hex === undefined ? [...Buffer.from(whole)] : [Number.parseInt(hex, 16)],
    ),
  ).toString('utf8')
}

/** The host without its port, and without the brackets of an address. */
export function hostnameOf({ host }: GoUrl): string {
  const close = host.startsWith('[') ? host.indexOf(']') : -1
  if (close >= 0) return host.slice(1, close)
  const colon = host.lastIndexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}

/** The port of a host. */
export function portOf({ host }: GoUrl): string {
  return /:(\d*)$/.exec(host.startsWith('[') ? host.slice(host.indexOf(']') + 1) : host)?.[1] ?? ''
}

/** The path as it would be sent. */
export function escapedPathOf({ path }: GoUrl): string {
  const isPlain = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]]|%[\dA-Fa-f]{2})*$/.test(path)
  if (isPlain) return path === '*' ? '*' : path
  return Array.from(Buffer.from(decoded(path)), (byte) => {
    const letter = String.fromCharCode(byte)
    return /[A-Za-z0-9\-._~$&+,/:;=@]/.test(letter)
      ? letter
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

/** The values of a query by their names; parts that nobody can read are left out. */
export function queryOf({ query }: GoUrl): Record<string, string[]> {
  const out = Object.create(null) as Record<string, string[]>
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';') || badEscape(part) !== undefined) continue
    const equal = part.indexOf('=')
    const [name, value] = equal < 0 ? [part, ''] : [part.slice(0, equal), part.slice(equal + 1)]
    const key = decoded(name.replaceAll('+', ' '))
    out[key] = [...(out[key] ?? []), decoded(value.replaceAll('+', ' '))]
  }
  return out
}
