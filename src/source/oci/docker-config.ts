import { compareText, type GoShape, goDecode, isFault, parseGoJson } from '../../base/index.ts'
import { ociFault } from './fault.ts'

/** As whom a registry is spoken to. */
export type RegistryLogin =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  /** Buys a token of the token service. */
  | { readonly kind: 'identity'; readonly token: string }
  /** Is the token. */
  | { readonly kind: 'token'; readonly token: string }

interface Entry {
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

/**
 * Finds the login for a repository (`host[:port]/path`). Scopes are hosts, also with `*` in parts of
 * the name, and may go on with a path; the longest that fits counts, and of equal ones the first.
 * @see go-containerregistry pkg/authn/kubernetes/keychain.go
 */
export function registryLogin(
  logins: readonly ScopedLogin[],
  repository: string,
): RegistryLogin | undefined {
  const fitting = logins
    .filter(({ scope }) => fits(scope, repository))
    .sort((a, b) => compareText(b.scope, a.scope))
  return fitting[0]?.login
}

/** A login, and the host or repositories that it is for. */
export interface ScopedLogin {
  readonly scope: string
  readonly login: RegistryLogin | undefined
}

/**
 * Reads Docker configurations. Credential helpers are programs: they are not run.
 * @throws Fault OCI_AUTH for a configuration that is none
 */
export function readDockerConfigs(configs: readonly Uint8Array[]): readonly ScopedLogin[] {
  return configs.flatMap((config) =>
    Object.entries(parse(config)).map(([key, entry]) => ({
      scope: plainKey(checkedKey(key)),
      login: loginOf(entry),
    })),
  )
}

const ENTRY = {
  struct: 'dockerConfigJSON',
  go: 'authn.AuthConfig',
  fields: {
    auth: 'string',
    username: 'string',
    password: 'string',
    identitytoken: 'string',
    registrytoken: 'string',
  },
} as const
const CONFIG: GoShape = {
  struct: 'dockerConfigJSON',
  go: 'kubernetes.dockerConfigJSON',
  fields: { Auths: { map: ENTRY, go: 'map[string]authn.AuthConfig' } },
}

function parse(config: Uint8Array): Readonly<Record<string, Entry>> {
  try {
    const value = goDecode(parseGoJson(Buffer.from(config).toString()), CONFIG)
    return (value as { readonly Auths?: Readonly<Record<string, Entry>> } | undefined)?.Auths ?? {}
  } catch (error) {
    if (isFault(error, 'JSON')) throw ociFault('OCI_AUTH', error.message, error)
    throw error
  }
}

/** Go reads keys as addresses, and a port has to be a number. */
function checkedKey(key: string): string {
  const url = /^https?:\/\//.test(key) ? key : `https://${key}`
  const port = /^https?:\/\/[^/]*?(:[^/\]]*)(?:\/|$)/.exec(url)?.[1]
  if (port === undefined || /^:\d*$/.test(port)) return key
  throw ociFault(
    'OCI_AUTH',
    `Entry ${JSON.stringify(url)} in dockercfg invalid (parse ${JSON.stringify(url)}: invalid port ${JSON.stringify(port)} after host)`,
  )
}

/** `https://index.docker.io/v1/` and `index.docker.io` are the same. */
function plainKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '')
  const slash = bare.indexOf('/')
  if (slash < 0) return bare
  const path = bare.slice(slash).replace(/^\/v[12]\//, '/')
  return path === '/' ? bare.slice(0, slash) : bare.slice(0, slash) + path
}

function fits(key: string, repository: string): boolean {
  const [wanted, has] = [key, repository].map((text) => {
    const [, host = '', port = '', path = ''] = /^([^/:]*)(:\d+)?(.*)$/.exec(text) ?? []
    return { parts: host.split('.'), port, path }
  })
  if (wanted === undefined || has === undefined) return false
  if (wanted.port !== has.port || wanted.parts.length !== has.parts.length) return false
  if (!has.path.startsWith(wanted.path)) return false
  return wanted.parts.every((part, i) => partFits(part, has.parts[i] ?? ''))
}

/** `*` and `?` within one part of a host name. */
function partFits(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text
  const source = pattern
    .split('')
    .map((char) =>
      char === '*' ? '[^.]*' : char === '?' ? '[^.]' : char.replace(/[^\w-]/g, '\\$&'),
    )
  return new RegExp(`^${source.join('')}$`).test(text)
}

function loginOf(entry: Entry): RegistryLogin | undefined {
  if (entry.registrytoken) return { kind: 'token', token: entry.registrytoken }
  const pair = entry.auth ? decode(entry.auth) : undefined
  if (entry.identitytoken) return { kind: 'identity', token: entry.identitytoken }
  const { user = entry.username, password = entry.password } = pair ?? {}
  if (!user && !password) return undefined
  return { kind: 'basic', user: user ?? '', password: password ?? '' }
}

function decode(auth: string): { readonly user: string; readonly password: string } {
  const bad = auth.search(/[^A-Za-z0-9+/=\r\n]/)
  if (bad >= 0)
    throw ociFault(
      'OCI_AUTH',
      `unable to decode auth field: illegal base64 data at input byte ${bad}`,
    )
  const text = Buffer.from(auth, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 0)
    throw ociFault(
      'OCI_AUTH',
      'unable to decode auth field: must be formatted as base64(username:password)',
    )
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
