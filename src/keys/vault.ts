import type { KeyService, MasterKey } from '../api/index.ts'
import { keysFault } from './faults.ts'
import { askJson, inside, textIn } from './http.ts'
import type { CloudKeyOptions } from './options.ts'
import { digestOf, type Kept, keptTokens, type Token } from './token-cache.ts'

type VaultKey = MasterKey & { kind: 'hc_vault' }

const WHAT = 'failed to decrypt sops data key from Vault transit backend'
/** One step of a path: nothing that leads elsewhere. */
const STEP = /^[A-Za-z0-9][\w.-]*$/

/** Master keys in the transit engine of Vault or OpenBao. */
export function vaultKeys(options: CloudKeyOptions): KeyService {
  const cached = keptTokens<string>(options, 'vault')
  return {
    decrypt: async (key) => {
      if (key.kind !== 'hc_vault') return undefined
      const address = addressOf(key)
      const token = await tokenFor(options, key.address, cached)
      if (token === undefined) return undefined
      const path = pathOf(`${key.enginePath}/decrypt/${key.keyName}`)
      const answer = await askJson(
        options.http,
        {
          method: 'POST',
          url: `${address}/v1/${path}`,
          headers: { 'x-vault-token': token, 'content-type': 'application/json' },
          body: JSON.stringify({ ciphertext: key.enc }),
        },
        WHAT,
      )
      return Buffer.from(textIn(inside(answer, 'data'), 'plaintext', WHAT), 'base64')
    },
  }
}

function addressOf(key: VaultKey): string {
  const url = URL.canParse(key.address) ? new URL(key.address) : undefined
  const isLinkLocal = /^(169\.254\.|0\.|\[fe[89ab]|\[::ffff:a9fe)/i.test(url?.hostname ?? '')
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || isLinkLocal)
    throw keysFault('KEY_HOST', `${WHAT}: "${key.address}" is no address of a Vault`)
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`
}

function pathOf(path: string): string {
  const steps = path.split('/').filter((step) => step !== '')
  if (steps.length > 0 && steps.every((step) => STEP.test(step))) return steps.join('/')
  throw keysFault('KEY_HOST', `${WHAT}: no path of a transit engine`)
}

/**
 * The token of the Secret; or one for the service account, at the servers that the operator named;
 * or the controller's own, at its own server and at no other, whatever the file says.
 */
async function tokenFor(
  options: CloudKeyOptions,
  address: string,
  cached: Kept<string>,
): Promise<string | undefined> {
  const { credentials, identity, own, vaultLogins } = options
  if (credentials.vaultToken !== undefined && credentials.vaultToken !== '')
    return credentials.vaultToken
  if (identity !== undefined && vaultLogins !== undefined) {
    const loginPath = Object.hasOwn(vaultLogins, address) ? vaultLogins[address] : undefined
    if (loginPath === undefined || loginPath === '')
      throw keysFault(
        'KEY_HOST',
        `no Vault login path configured for address '${address}' in the Vault ConfigMap`,
      )
    const name = digestOf(identity.namespace, identity.name, address, loginPath)
    return cached(name, () => logIn(options, address, loginPath), options.use)
  }
  return own?.vaultAddress === address ? own.vaultToken : undefined
}

async function logIn(
  options: CloudKeyOptions,
  address: string,
  loginPath: string,
): Promise<Token<string>> {
  const { identity } = options
  const role = `${identity?.namespace ?? ''}_${identity?.name ?? ''}`
  const jwt = (await identity?.token(address)) ?? ''
  const what = `failed to authenticate with Vault '${address}' at login path '${loginPath}' as role '${role}'`
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: `${address.replace(/\/$/, '')}/v1/${pathOf(loginPath)}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ role, jwt }),
    },
    what,
  )
  const auth = inside(answer, 'auth')
  const seconds = Number(auth['lease_duration'] ?? 0)
  return {
    value: textIn(auth, 'client_token', what),
    endsAt: options.clock.now() + (Number.isFinite(seconds) ? seconds : 0) * 1000,
  }
}
