import type {
  AwsLogin,
  AwsLoginRequest,
  AzureCredentials,
  AzureLoginRequest,
  CloudLogins,
  CloudSubject,
  GoogleLoginRequest,
  RegistryUser,
  WorkloadIdentity,
} from '../api/index.ts'
import type { Clock, Random } from '../base/index.ts'
import { isFault } from '../base/index.ts'
import { type Place, roleOf, webIdentity } from './aws.ts'
import { loginOf } from './azure.ts'
import { keysFault } from './faults.ts'
import { accessToken } from './gcp.ts'
import { askJson, form, type Http, textIn } from './http.ts'
import type { CloudKeyOptions, Endpoints } from './options.ts'
import { type OwnLoginOptions, ownAws, ownGoogle } from './own-logins.ts'
import { signV4 } from './sigv4.ts'
import { digestOf, type Kept, keptTokens, type TokenCache } from './token-cache.ts'

/** What logins to clouds need. */
export interface CloudLoginOptions {
  readonly env: OwnLoginOptions['env']
  readonly readFile: OwnLoginOptions['readFile']
  readonly http: Http
  readonly clock: Clock
  readonly random: Random
  readonly endpoints?: Endpoints
  /** Shared with whoever else asks for tokens. */
  readonly tokens?: TokenCache
}

const NO_REGION =
  'AWS_REGION environment variable is not set in the Flux controller. if you have properly configured IAM Roles for Service Accounts (IRSA) or EKS Pod Identity, please delete/replace the controller pod so the EKS admission controllers can inject this environment variable, or set it manually if the cluster is not EKS'
const NO_OBJECT_REGION =
  'an AWS region is required for authenticating with a service account. please configure one in the object spec'
const AZURE_LOGIN = 'https://login.microsoftonline.com'
const ACR_USER = '00000000-0000-0000-0000-000000000000'

/**
 * Logs in to clouds as a service account of the cluster, or as the controller.
 * @see fluxcd/pkg auth v0.54 access_token.go, aws, azure, gcp
 */
export function cloudLogins(options: CloudLoginOptions): CloudLogins {
  const aws = keptTokens<AwsLogin>(options, 'aws')
  const [azure, google] = [keptTokens<string>(options, 'azure'), keptTokens<string>(options, 'gcp')]
  const own: OwnLoginOptions = { ...options, nowMs: () => options.clock.now() }
  const logins: CloudLogins = {
    aws: (request) => awsLogin({ options, own, cached: aws }, request),
    azure: (request) => azureLogin(options, azure, request),
    google: (request) => googleLogin({ options, own, cached: google }, request),
    registry: (provider, request) => REGISTRIES[provider](logins, options, request),
  }
  return logins
}

interface Means<T> {
  readonly options: CloudLoginOptions
  readonly own: OwnLoginOptions
  readonly cached: Kept<T>
}

async function told<T>(identity: WorkloadIdentity | undefined, get: () => Promise<T>): Promise<T> {
  try {
    return await get()
  } catch (error) {
    if (!isFault(error)) throw error
    const whose =
      identity === undefined
        ? 'the controller'
        : `service account '${identity.namespace}/${identity.name}'`
    throw keysFault(
      'KEY_CREDENTIALS',
      `failed to create provider access token for ${whose}: ${error.message}`,
      error,
    )
  }
}

function awsLogin(
  { options, own, cached }: Means<AwsLogin>,
  { identity, region, stsEndpoint, use }: AwsLoginRequest,
): Promise<AwsLogin> {
  return told(identity, () => {
    const known = region || (identity === undefined ? (options.env['AWS_REGION'] ?? '') : '')
    if (known === '')
      throw keysFault('KEY_CREDENTIALS', identity === undefined ? NO_REGION : NO_OBJECT_REGION)
    checkSts(stsEndpoint)
    const place = placeOf(known)
    const endpoints = {
      ...options.endpoints,
      ...(stsEndpoint === undefined ? {} : { awsSts: stsEndpoint.replace(/\/$/, '') }),
    }
    if (identity === undefined)
      return cached(
        digestOf('own', known, stsEndpoint),
        () => ownAws({ ...own, endpoints }, place),
        use,
      )
    const role = roleOf(identity)
    return cached(
      digestOf('web', identity.namespace, identity.name, role, known, stsEndpoint),
      () => webIdentity(keyOptions({ ...options, endpoints }, { identity }), { role, ...place }),
      use,
    )
  })
}

const STS_HOST = /^(?:.+\.)?sts(?:-fips)?(?:\.[^.]+)?(?:\.vpce)?\.amazonaws\.com(?:\.cn)?$/

/** Only services of AWS are sent a token: the host is looked at, not the text of the address. */
function checkSts(endpoint: string | undefined): void {
  if (endpoint === undefined) return
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isPlain = url?.username === '' && url.search === '' && /^\/?$/.test(url.pathname)
  if (isPlain && url.protocol === 'https:' && STS_HOST.test(url.hostname)) return
  throw keysFault(
    'KEY_HOST',
    `invalid STS endpoint: '${endpoint}'. must match ^https://(.+\\.)?sts(-fips)?(\\.[^.]+)?(\\.vpce)?\\.amazonaws\\.com$`,
  )
}

/** Where a region is. */
export function placeOf(region: string): Place {
  return { region, partition: region.startsWith('cn-') ? 'aws-cn' : 'aws' }
}

function keyOptions(
  { http, clock, random, endpoints, tokens }: CloudLoginOptions,
  who: Pick<CloudKeyOptions, 'identity' | 'own'> & Partial<Pick<CloudKeyOptions, 'credentials'>>,
): CloudKeyOptions {
  return {
    credentials: {},
    http,
    clock,
    random,
    ...who,
    ...(endpoints === undefined ? {} : { endpoints }),
    ...(tokens === undefined ? {} : { tokens }),
  }
}

function azureLogin(
  options: CloudLoginOptions,
  cached: Kept<string>,
  { identity, resource, credentials, use }: AzureLoginRequest,
): Promise<string> {
  return told(identity, async () => {
    const own = { azure: ownAzure(options.env) }
    const who =
      credentials !== undefined
        ? { credentials: { azure: credentials }, ...(identity === undefined ? {} : { identity }) }
        : identity !== undefined
          ? { identity }
          : { own }
    const login = loginOf(keyOptions(options, who))
    if (login === undefined)
      throw keysFault(
        'KEY_CREDENTIALS',
        'failed to get provider identity from service account annotations: azure.workload.identity/tenant-id and client-id must be set',
      )
    const vault = { url: '', resource, login: options.env['AZURE_AUTHORITY_HOST'] || AZURE_LOGIN }
    const file = options.env['AZURE_FEDERATED_TOKEN_FILE']
    if (identity !== undefined || credentials !== undefined || !file)
      return cached(digestOf(login.name, resource), () => login.get(vault), use)
    return cached(
      digestOf('federated', resource),
      async () => {
        const assertion = (await options.readFile(file)).trim()
        const federated = loginOf(
          keyOptions(options, { identity: federatedIdentity(options.env, assertion) }),
        )
        return (federated ?? login).get(vault)
      },
      use,
    )
  })
}

/** The token that is mounted into the pod stands for a service account, as any other does. */
function federatedIdentity(env: CloudLoginOptions['env'], assertion: string): WorkloadIdentity {
  return {
    namespace: '',
    name: 'controller',
    annotations: {
      'azure.workload.identity/tenant-id': env['AZURE_TENANT_ID'] ?? '',
      'azure.workload.identity/client-id': env['AZURE_CLIENT_ID'] ?? '',
    },
    token: () => Promise.resolve(assertion),
  }
}

/** The application that the environment names, else the identity of the machine. */
function ownAzure(env: CloudLoginOptions['env']): AzureCredentials {
  const { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret } = env
  if (tenantId && clientId && secret) return { tenantId, clientId, clientSecret: secret }
  return clientId ? { clientId } : {}
}

function googleLogin(
  { options, own, cached }: Means<string>,
  { identity, serviceAccount, use }: GoogleLoginRequest,
): Promise<string> {
  if (serviceAccount !== undefined) return ofAccount(options, cached, serviceAccount)
  return told(identity, async () => {
    if (identity !== undefined) {
      const token = await accessToken(keyOptions(options, { identity }), cached)
      if (token !== undefined) return token
      throw keysFault(
        'KEY_CREDENTIALS',
        'failed to get provider audience: the service account names no workload identity provider',
      )
    }
    const file = options.env['GOOGLE_APPLICATION_CREDENTIALS']
    if (file) return ofAccount(options, cached, Buffer.from(await options.readFile(file)))
    return cached('own', () => ownGoogle(own), use)
  })
}

async function ofAccount(
  options: CloudLoginOptions,
  cached: Kept<string>,
  json: Uint8Array,
): Promise<string> {
  const gcp = readAccount(json)
  const token = await accessToken(keyOptions(options, { credentials: { gcp } }), cached)
  if (token !== undefined) return token
  throw keysFault('KEY_CREDENTIALS', 'the service account of Google has no key')
}

/** The key of a service account. @throws Fault KEY_CREDENTIALS, which does not quote it */
function readAccount(json: Uint8Array) {
  let value: Readonly<Record<string, unknown>> = {}
  try {
    value = JSON.parse(Buffer.from(json).toString()) as typeof value
  } catch {
    throw keysFault('KEY_CREDENTIALS', 'dialing: the service account is no JSON')
  }
  const { client_email, private_key, token_uri } = value
  if (typeof client_email !== 'string' || typeof private_key !== 'string')
    throw keysFault('KEY_CREDENTIALS', 'dialing: the service account has no key')
  const tokenUri = typeof token_uri === 'string' ? token_uri : 'https://oauth2.googleapis.com/token'
  return { clientEmail: client_email, privateKey: private_key, tokenUri }
}

type RegistryRequest = CloudSubject & { readonly repository: string }
type RegistryLoginOf = (
  logins: CloudLogins,
  options: CloudLoginOptions,
  request: RegistryRequest,
) => Promise<RegistryUser>

const ECR_WORDS =
  '([0-9+]*).dkr[.-]ecr(?:-fips)?\\.([^/.]*)\\.(amazonaws\\.com[.cn]*|amazonaws\\.eu|sc2s\\.sgov\\.gov|c2s\\.ic\\.gov|cloud\\.adc-e\\.uk|csp\\.hci\\.ic\\.gov|on\\.aws)'
const ECR =
  /^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-zA-Z0-9][\w-]{0,99})\.(amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/
const ACR = /^.+\.(azurecr\.io|azurecr\.cn|azurecr\.de|azurecr\.us)$/
const GAR = /^(((.+\.)?gcr\.io)|(.+-docker\.pkg\.dev)|(docker\.s3nsregistry\.fr))$/
const PUBLIC_ECR: readonly string[] = ['public.ecr.aws', 'ecr-public.aws.com']

/** A login is sold to the registries of a cloud alone: any other host would see it. */
const REGISTRIES: Readonly<Record<'aws' | 'azure' | 'gcp', RegistryLoginOf>> = {
  aws: ecrUser,
  azure: acrUser,
  gcp: async (logins, _options, request) => {
    checkHost('GCP', request, GAR, GAR.source.replaceAll('\\/', '/'))
    return { user: 'oauth2accesstoken', password: await logins.google(request) }
  },
}

function checkHost(
  cloud: string,
  { repository }: RegistryRequest,
  rule: RegExp,
  words: string,
): RegExpExecArray {
  const registry = repository.split('/')[0] ?? ''
  const match = rule.exec(registry)
  if (match !== null) return match
  throw keysFault('KEY_HOST', `invalid ${cloud} registry: '${registry}'. must match ${words}`)
}

async function ecrUser(
  logins: CloudLogins,
  options: CloudLoginOptions,
  request: RegistryRequest,
): Promise<RegistryUser> {
  const isPublic = PUBLIC_ECR.includes(request.repository.split('/')[0] ?? '')
  const [, named = '', suffix = ''] = isPublic ? [] : checkHost('AWS', request, ECR, ECR_WORDS)
  const region = isPublic ? 'us-east-1' : named
  const keys = await logins.aws({ ...request, region })
  const service = isPublic ? 'ecr-public' : 'ecr'
  const target = isPublic
    ? 'SpencerFrontendService.GetAuthorizationToken'
    : 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken'
  const domain = suffix.startsWith('amazonaws.') ? suffix : 'amazonaws.com'
  const url = options.endpoints?.awsEcr ?? `https://api.${service}.${region}.${domain}`
  const signed = signV4(
    {
      method: 'POST',
      url: `${url}/`,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: '{}',
    },
    { ...keys, region, service },
    options.clock.now(),
  )
  const answer = await askJson(options.http, signed, 'failed to get a token of ECR')
  const data = answer['authorizationData']
  const first = (Array.isArray(data) ? data[0] : data) as
    | Readonly<Record<string, unknown>>
    | undefined
  const token = Buffer.from(textIn(first ?? {}, 'authorizationToken', 'ECR'), 'base64').toString()
  const colon = token.indexOf(':')
  if (colon < 0) throw keysFault('KEY_SERVICE', 'invalid authorization token format')
  return { user: token.slice(0, colon), password: token.slice(colon + 1) }
}

async function acrUser(
  logins: CloudLogins,
  options: CloudLoginOptions,
  request: RegistryRequest,
): Promise<RegistryUser> {
  const [registry = ''] = checkHost('Azure', request, ACR, ACR.source)
  const resource = 'https://containerregistry.azure.net'
  const token = await logins.azure({ ...request, resource })
  const base = options.endpoints?.azureRegistry ?? `https://${registry}`
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: `${base}/oauth2/exchange`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form({ grant_type: 'access_token', service: registry, access_token: token }),
    },
    'failed to exchange the token of Azure for one of the registry',
  )
  return { user: ACR_USER, password: textIn(answer, 'refresh_token', 'ACR') }
}
