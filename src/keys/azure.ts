import type { AzureCredentials, KeyService, MasterKey } from '../api/index.ts'
import { uuid } from '../base/index.ts'
import { keysFault } from './faults.ts'
import { askJson, form, type HttpRequest, textIn } from './http.ts'
import { certificateOf, signJwt } from './jwt.ts'
import type { CloudKeyOptions } from './options.ts'
import { digestOf, keptTokens, type Token } from './token-cache.ts'

type AzureKey = MasterKey & { kind: 'azure_kv' }

/** Endings of the hosts of Key Vaults and managed HSMs, the resource that a token is for, the login. */
const CLOUDS = [
  { ending: 'azure.net', login: 'https://login.microsoftonline.com' },
  { ending: 'azure.cn', login: 'https://login.chinacloudapi.cn' },
  { ending: 'usgovcloudapi.net', login: 'https://login.microsoftonline.us' },
] as const

const METADATA = 'http://169.254.169.254/metadata/identity/oauth2/token'
const TENANT_ANNOTATION = 'azure.workload.identity/tenant-id'
const CLIENT_ANNOTATION = 'azure.workload.identity/client-id'
const WHAT = 'failed to decrypt sops data key with Azure Key Vault key'
const PART = /^[A-Za-z0-9-]{1,127}$/

/** Master keys in Azure Key Vault. */
export function azureKeys(options: CloudKeyOptions): KeyService {
  const cached = keptTokens<string>(options, 'azure')
  return {
    decrypt: async (key) => {
      if (key.kind !== 'azure_kv') return undefined
      const vault = vaultOf(key, options)
      const login = loginOf(options)
      if (login === undefined) return undefined
      const token = await cached(
        digestOf(login.name, vault.resource),
        () => login.get(vault),
        options.use,
      )
      const answer = await askJson(
        options.http,
        {
          method: 'POST',
          url: `${vault.url}/keys/${key.name}/${key.version}/decrypt?api-version=7.4`,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ alg: 'RSA-OAEP-256', value: key.enc }),
        },
        WHAT,
      )
      return Buffer.from(textIn(answer, 'value', WHAT), 'base64url')
    },
  }
}

/** What a token is for, and where it is got. */
export interface Vault {
  readonly url: string
  /** What a token must be for. */
  readonly resource: string
  readonly login: string
}

/** Only a vault of Azure is sent a token of Azure, whatever the file says. */
function vaultOf(key: AzureKey, options: CloudKeyOptions): Vault {
  const refuse = (): never => {
    throw keysFault('KEY_HOST', `${WHAT}: "${key.vaultUrl}" is no Key Vault`)
  }
  if (!PART.test(key.name) || !/^[A-Za-z0-9-]{0,127}$/.test(key.version)) refuse()
  if (!URL.canParse(key.vaultUrl)) refuse()
  const { protocol, host, hostname } = new URL(key.vaultUrl)
  if (options.endpoints?.azureVaultHosts?.includes(host))
    return { url: `${protocol}//${host}`, resource: 'https://vault.azure.net', login: '' }
  const kind = hostname.split('.').at(1) ?? ''
  const cloud = CLOUDS.find(({ ending }) => hostname.endsWith(`.${kind}.${ending}`))
  if (protocol !== 'https:' || cloud === undefined || !/^(?:vault|managedhsm)$/.test(kind))
    return refuse()
  return {
    url: `https://${host}`,
    resource: `https://${kind}.${cloud.ending}`,
    login: cloud.login,
  }
}

/** A way to get tokens of Azure. */
export interface Login {
  /** Whose token it is, with all that proves it: names it in the cache. */
  readonly name: string
  readonly get: (vault: Vault) => Promise<Token<string>>
}

/** The login that the options give, by the first of Secret, service account and own credentials. */
export function loginOf(options: CloudKeyOptions): Login | undefined {
  const { credentials, identity, own } = options
  if (credentials.azure !== undefined) return ofCredentials(options, credentials.azure)
  const tenantId = identity?.annotations[TENANT_ANNOTATION]
  const clientId = identity?.annotations[CLIENT_ANNOTATION]
  if (identity !== undefined && tenantId !== undefined && clientId !== undefined)
    return {
      name: digestOf('identity', identity.namespace, identity.name, tenantId, clientId),
      get: async (vault) => {
        const assertion = await identity.token('api://AzureADTokenExchange')
        return asApplication(options, vault, { tenantId, clientId }, { assertion })
      },
    }
  return own?.azure === undefined ? undefined : ofCredentials(options, own.azure)
}

function ofCredentials(options: CloudKeyOptions, azure: AzureCredentials): Login {
  const { tenantId, clientId = '', clientSecret, clientCertificate } = azure
  const name = digestOf(azure)
  if (tenantId === undefined) {
    refuseMachine(options)
    return { name, get: (vault) => managed(options, vault, clientId) }
  }
  const app = { tenantId, clientId, ...(azure.authorityHost ? { host: azure.authorityHost } : {}) }
  if (clientCertificate === undefined)
    return {
      name,
      get: (vault) => asApplication(options, vault, app, { secret: clientSecret ?? '' }),
    }
  return {
    name,
    get: (vault) => {
      const assertion = certificateAssertion(options, azure, tokenUrl(options, vault, app))
      return asApplication(options, vault, app, { assertion })
    },
  }
}

/** Who is to be a service account is not the machine instead, whatever its Secret says. */
function refuseMachine({ identity }: CloudKeyOptions): void {
  if (identity === undefined) return
  throw keysFault(
    'KEY_CREDENTIALS',
    `the managed identity of the controller is not for service account '${identity.namespace}/${identity.name}'`,
  )
}

interface Application {
  readonly tenantId: string
  readonly clientId: string
  readonly host?: string
}

function tokenUrl(options: CloudKeyOptions, vault: Vault, app: Application): string {
  const host = options.endpoints?.azureLogin ?? app.host ?? vault.login
  if (options.endpoints?.azureLogin === undefined && !host.startsWith('https://'))
    throw keysFault('KEY_HOST', 'the authorityHost of the Azure credentials is no https address')
  if (!PART.test(app.tenantId))
    throw keysFault('KEY_CREDENTIALS', 'the tenant ID of the Azure credentials is none')
  return `${host.replace(/\/$/, '')}/${app.tenantId}/oauth2/v2.0/token`
}

async function asApplication(
  options: CloudKeyOptions,
  vault: Vault,
  app: Application,
  proof: { readonly secret: string } | { readonly assertion: string },
): Promise<Token<string>> {
  const proofFields: Record<string, string> =
    'secret' in proof
      ? { client_secret: proof.secret }
      : {
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: proof.assertion,
        }
  return tokenOf(options, {
    method: 'POST',
    url: tokenUrl(options, vault, app),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      scope: `${vault.resource}/.default`,
      ...proofFields,
    }),
  })
}

function certificateAssertion(
  options: CloudKeyOptions,
  azure: AzureCredentials,
  audience: string,
): string {
  const pem = azure.clientCertificate ?? ''
  const { x5t, x5c } = certificateOf(pem)
  const now = Math.floor(options.clock.now() / 1000)
  const privateKey =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/.exec(pem)
  return signJwt(
    privateKey?.[0] ?? '',
    {
      aud: audience,
      iss: azure.clientId,
      sub: azure.clientId,
      jti: uuid(options.random),
      nbf: now,
      exp: now + 600,
    },
    { x5t, ...(azure.sendChain === true ? { x5c } : {}) },
  )
}

/** The identity of the machine that this runs on. */
function managed(options: CloudKeyOptions, vault: Vault, clientId: string): Promise<Token<string>> {
  const query = form({ 'api-version': '2018-02-01', resource: vault.resource, client_id: clientId })
  return tokenOf(options, {
    method: 'GET',
    url: `${options.endpoints?.azureMetadata ?? METADATA}?${query}`,
    headers: { metadata: 'true' },
  })
}

async function tokenOf(options: CloudKeyOptions, request: HttpRequest): Promise<Token<string>> {
  const answer = await askJson(options.http, request, 'failed to get a token from Azure')
  const seconds = Number(answer['expires_in'] ?? 0)
  return {
    value: textIn(answer, 'access_token', 'Azure'),
    endsAt: options.clock.now() + (Number.isFinite(seconds) ? seconds : 0) * 1000,
  }
}
