import type { IssuerKey, IssuerKeys } from '../api/index.ts'
import type { Clock } from '../base/index.ts'
import { keysFault } from './faults.ts'
import { askJson, type Http } from './http.ts'

const FRESH_MS = 10 * 60_000
/** A key that is not known is asked for no more often than this. */
const AGAIN_MS = 30_000
const ISSUERS_MAX = 64

interface Held {
  readonly keys: readonly IssuerKey[]
  readonly atMs: number
}

/**
 * Finds the keys of issuers by OpenID Connect discovery, and keeps them for minutes.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html
 */
export function issuerKeys(options: { readonly http: Http; readonly clock: Clock }): IssuerKeys {
  const held = new Map<string, Held>()
  return {
    keys: async (issuer, kid) => {
      const now = options.clock.now()
      const known = held.get(issuer)
      if (known !== undefined) {
        const age = now - known.atMs
        const isNamed = kid === undefined || known.keys.some((key) => key.kid === kid)
        if (age < AGAIN_MS || (isNamed && age < FRESH_MS)) return known.keys
      }
      const keys = await discover(options.http, issuer)
      const oldest = held.keys().next().value
      if (held.size >= ISSUERS_MAX && oldest !== undefined) held.delete(oldest)
      held.set(issuer, { keys, atMs: now })
      return keys
    },
  }
}

async function discover(http: Http, issuer: string): Promise<readonly IssuerKey[]> {
  const what = `failed to initialize OIDC provider for issuer ${JSON.stringify(issuer)}`
  const base = issuer.replace(/\/$/, '')
  const get = (url: string) => askJson(http, { method: 'GET', url, headers: {} }, what)
  const { issuer: told, jwks_uri: uri } = await get(`${base}/.well-known/openid-configuration`)
  if (told !== issuer)
    throw keysFault('KEY_SERVICE', `${what}: the issuer does not match that of its configuration`)
  const isSafe = typeof uri === 'string' && URL.canParse(uri) && isNoWeaker(issuer, uri)
  if (!isSafe) throw keysFault('KEY_SERVICE', `${what}: it names no place of its keys`)
  const { keys } = await get(uri)
  if (!Array.isArray(keys)) throw keysFault('KEY_SERVICE', `${what}: it has no keys`)
  return keys.filter((key): key is IssuerKey => typeof key === 'object' && key !== null)
}

function isNoWeaker(issuer: string, uri: string): boolean {
  const scheme = new URL(uri).protocol
  return scheme === 'https:' || (scheme === 'http:' && issuer.startsWith('http:'))
}
