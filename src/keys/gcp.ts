import type { KeyService, WorkloadIdentity } from '../api/index.ts'
import { keysFault } from './faults.ts'
import { gkeFederation } from './gke-metadata.ts'
import { askJson, form, textIn } from './http.ts'
import { signJwt } from './jwt.ts'
import type { CloudKeyOptions } from './options.ts'
import { digestOf, type Kept, keptTokens, type Token } from './token-cache.ts'

const RESOURCE = /^projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s?#]+$/
const SCOPES =
  'https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email'
const PROVIDER_ANNOTATION = 'gcp.auth.fluxcd.io/workload-identity-provider'
const PROVIDER =
  /^projects\/\d{1,30}\/locations\/global\/workloadIdentityPools\/[^/]{1,100}\/providers\/[^/]{1,100}$/
const EMAIL_ANNOTATION = 'iam.gke.io/gcp-service-account'
const EMAIL = /^[a-zA-Z0-9-]{1,100}@[a-zA-Z0-9-]{1,100}\.iam\.gserviceaccount\.com$/
const GOOGLE = /^https:\/\/(?:[a-z0-9-]+\.)*(?:googleapis\.com|google\.com)\//
const WHAT = 'failed to decrypt sops data key with GCP KMS key'

/** Master keys in Google Cloud KMS. */
export function gcpKeys(options: CloudKeyOptions): KeyService {
  const cached = keptTokens<string>(options, 'gcp')
  return {
    decrypt: async (key) => {
      if (key.kind !== 'gcp_kms') return undefined
      if (!RESOURCE.test(key.resourceId))
        throw keysFault('KEY_HOST', `no valid resource ID found in "${key.resourceId}"`)
      const token = await accessToken(options, cached)
      if (token === undefined) return undefined
      const base = options.endpoints?.gcpKms ?? 'https://cloudkms.googleapis.com'
      const answer = await askJson(
        options.http,
        {
          method: 'POST',
          url: `${base}/v1/${key.resourceId}:decrypt`,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ ciphertext: key.enc }),
        },
        WHAT,
      )
      return Buffer.from(textIn(answer, 'plaintext', WHAT), 'base64')
    },
  }
}

/** A token of whom the options name; undefined when they name nobody. */
export async function accessToken(
  options: CloudKeyOptions,
  cached: Kept<string>,
): Promise<string | undefined> {
  const { credentials, identity, own } = options
  const account = credentials.gcp
  if (account !== undefined)
    return cached(digestOf(account), () => ofServiceAccount(options, account), options.use)
  if (identity !== undefined) {
    const federation = await federationOf(options, identity)
    const { namespace, name } = identity
    return cached(
      digestOf('identity', namespace, name, federation),
      () => ofIdentity(options, identity, federation),
      options.use,
    )
  }
  const ours = own?.gcp
  return ours === undefined
    ? undefined
    : cached(digestOf(ours), () => ofServiceAccount(options, ours), options.use)
}

/** A token for the key of a service account. */
async function ofServiceAccount(
  options: CloudKeyOptions,
  account: NonNullable<CloudKeyOptions['credentials']['gcp']>,
): Promise<Token<string>> {
  const url = options.endpoints?.gcpSts ?? account.tokenUri
  if (options.endpoints?.gcpSts === undefined && !GOOGLE.test(`${url}/`))
    throw keysFault('KEY_HOST', 'the token_uri of the GCP credentials is not one of Google')
  const now = Math.floor(options.clock.now() / 1000)
  const assertion = signJwt(account.privateKey, {
    iss: account.clientEmail,
    scope: SCOPES,
    aud: account.tokenUri,
    iat: now,
    exp: now + 3600,
  })
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form({ grant_type: grant, assertion }),
    },
    'failed to get a token from Google',
  )
  return tokenIn(answer, options)
}

/** Whom Google is to take a service account of the cluster for. */
interface Federation {
  /** What the token of the cluster is for. */
  readonly tokenAudience: string
  /** What it is exchanged for. */
  readonly audience: string
  /** A service account of Google; absent: the account as itself. */
  readonly email?: string
}

/** @throws Fault KEY_CREDENTIALS for annotations that are none */
async function federationOf(
  options: CloudKeyOptions,
  { annotations }: WorkloadIdentity,
): Promise<Federation> {
  const provider = annotations[PROVIDER_ANNOTATION] ?? ''
  if (provider !== '' && !PROVIDER.test(provider))
    throw keysFault(
      'KEY_CREDENTIALS',
      `failed to get provider audience: invalid ${PROVIDER_ANNOTATION} annotation: '${provider}'. must match ${PROVIDER.source.replaceAll('\\/', '/')}`,
    )
  const email = annotations[EMAIL_ANNOTATION] ?? ''
  if (email !== '' && !EMAIL.test(email))
    throw keysFault(
      'KEY_CREDENTIALS',
      `invalid ${EMAIL_ANNOTATION} annotation: '${email}'. must match ${EMAIL.source}`,
    )
  const as = email === '' ? {} : { email }
  const audience = `//iam.googleapis.com/${provider}`
  if (provider !== '') return { tokenAudience: audience, audience, ...as }
  const kept = keptTokens<Federation>(options, 'gke')
  const asked = async (): Promise<Token<Federation>> => ({
    value: await gkeFederation(options),
    endsAt: Number.POSITIVE_INFINITY,
  })
  return { ...(await kept('metadata', asked)), ...as }
}

/** A token for a service account of the cluster, as itself or as a service account of Google. */
async function ofIdentity(
  options: CloudKeyOptions,
  identity: WorkloadIdentity,
  { tokenAudience, audience, email }: Federation,
): Promise<Token<string>> {
  const subject = await identity.token(tokenAudience)
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: options.endpoints?.gcpSts ?? 'https://sts.googleapis.com/v1/token',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
        subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
        subjectToken: subject,
        audience,
        scope: SCOPES,
      }),
    },
    'failed to exchange the token of the service account at Google',
  )
  const token = tokenIn(answer, options)
  return email === undefined ? token : impersonated(options, email, token.value)
}

async function impersonated(
  options: CloudKeyOptions,
  email: string,
  token: string,
): Promise<Token<string>> {
  const base = options.endpoints?.gcpIam ?? 'https://iamcredentials.googleapis.com'
  const what = 'failed to impersonate the GCP service account'
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: `${base}/v1/projects/-/serviceAccounts/${email}:generateAccessToken`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ scope: SCOPES.split(' ') }),
    },
    what,
  )
  const endsAt = Date.parse(textIn(answer, 'expireTime', what))
  return { value: textIn(answer, 'accessToken', what), endsAt: Number.isNaN(endsAt) ? 0 : endsAt }
}

function tokenIn(
  answer: Readonly<Record<string, unknown>>,
  options: CloudKeyOptions,
): Token<string> {
  const seconds = Number(answer['expires_in'] ?? 0)
  return {
    value: textIn(answer, 'access_token', 'Google'),
    endsAt: options.clock.now() + (Number.isFinite(seconds) ? seconds : 0) * 1000,
  }
}
