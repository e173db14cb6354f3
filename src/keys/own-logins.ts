import type { AwsLogin } from '../api/index.ts'
import { host, type Place } from './aws.ts'
import { keysFault } from './faults.ts'
import { askJson, form, type Http, type HttpRequest, textIn } from './http.ts'
import type { Endpoints } from './options.ts'
import type { Token } from './token-cache.ts'

/** What the process may find its own logins with. */
export interface OwnLoginOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads a file that the environment names. */
  readonly readFile: (path: string) => Promise<string>
  readonly http: Http
  readonly nowMs: () => number
  readonly endpoints?: Endpoints
}

const AWS_METADATA = 'http://169.254.169.254'
const POD_IDENTITY =
  /^http:\/\/(?:169\.254\.170\.(?:2|23)|\[fd00:ec2::23\]|127\.0\.0\.1)(?::\d+)?\//
const GOOGLE_METADATA = 'http://metadata.google.internal'
const GOOGLE_TOKEN = '/computeMetadata/v1/instance/service-accounts/default/token'

/**
 * The controller's own keys of AWS: of its environment, of a role by its token (IRSA), of its pod
 * (EKS Pod Identity), of the machine, in this order.
 */
export async function ownAws(options: OwnLoginOptions, place: Place): Promise<Token<AwsLogin>> {
  const { env } = options
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = env
  if (id && secret)
    return {
      value: {
        accessKeyId: id,
        secretAccessKey: secret,
        ...(session ? { sessionToken: session } : {}),
      },
      endsAt: Number.POSITIVE_INFINITY,
    }
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE'] && env['AWS_ROLE_ARN']) return byRole(options, place)
  if (env['AWS_CONTAINER_CREDENTIALS_FULL_URI']) return ofPod(options)
  return ofMachine(options)
}

async function byRole(options: OwnLoginOptions, place: Place): Promise<Token<AwsLogin>> {
  const { env, endpoints } = options
  const token = await options.readFile(env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? '')
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: `${endpoints?.awsSts ?? host('sts', place)}/`,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: env['AWS_ROLE_ARN'] ?? '',
        RoleSessionName: env['AWS_ROLE_SESSION_NAME'] || 'tidegate',
        WebIdentityToken: token.trim(),
      }),
    },
    'failed to assume the role of the controller',
  )
  const inner = (from: unknown, field: string): unknown =>
    (from as Readonly<Record<string, unknown>> | undefined)?.[field]
  const result = inner(
    answer['AssumeRoleWithWebIdentityResponse'],
    'AssumeRoleWithWebIdentityResult',
  )
  const found = (inner(result, 'Credentials') ?? {}) as Readonly<Record<string, unknown>>
  const end = found['Expiration']
  return {
    value: {
      accessKeyId: textIn(found, 'AccessKeyId', 'AWS'),
      secretAccessKey: textIn(found, 'SecretAccessKey', 'AWS'),
      sessionToken: textIn(found, 'SessionToken', 'AWS'),
    },
    endsAt: typeof end === 'number' ? end * 1000 : endOf(end),
  }
}

async function ofPod(options: OwnLoginOptions): Promise<Token<AwsLogin>> {
  const { env } = options
  const url = env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? ''
  if (!url.startsWith('https://') && !POD_IDENTITY.test(url))
    throw keysFault('KEY_HOST', 'AWS_CONTAINER_CREDENTIALS_FULL_URI is no address of the machine')
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const authorization = file
    ? await options.readFile(file)
    : env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  const headers: Record<string, string> = authorization
    ? { authorization: authorization.trim() }
    : {}
  return metadataLogin(options, { method: 'GET', url, headers })
}

/** The role of the machine, by IMDSv2. */
async function ofMachine(options: OwnLoginOptions): Promise<Token<AwsLogin>> {
  const base = options.endpoints?.awsMetadata ?? AWS_METADATA
  const asked = await options.http({
    method: 'PUT',
    url: `${base}/latest/api/token`,
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
  })
  const headers: Record<string, string> =
    asked.status === 200 ? { 'x-aws-ec2-metadata-token': asked.body } : {}
  const roles = `${base}/latest/meta-data/iam/security-credentials/`
  const named = await options.http({ method: 'GET', url: roles, headers })
  const role = named.body.split('\n')[0]?.trim() ?? ''
  if (named.status !== 200 || !/^[\w+=,.@-]{1,64}$/.test(role))
    throw keysFault('KEY_CREDENTIALS', 'no EC2 IMDS role found')
  return metadataLogin(options, { method: 'GET', url: `${roles}${role}`, headers })
}

async function metadataLogin(
  options: OwnLoginOptions,
  request: HttpRequest,
): Promise<Token<AwsLogin>> {
  const what = 'failed to get the credentials of the controller'
  const found = await askJson(options.http, request, what)
  return {
    value: {
      accessKeyId: textIn(found, 'AccessKeyId', what),
      secretAccessKey: textIn(found, 'SecretAccessKey', what),
      sessionToken: textIn(found, 'Token', what),
    },
    endsAt: endOf(found['Expiration']),
  }
}

function endOf(text: unknown): number {
  const at = Date.parse(String(text))
  return Number.isNaN(at) ? 0 : at
}

/** The token of the machine's own service account, by the metadata server of Google. */
export async function ownGoogle(options: OwnLoginOptions): Promise<Token<string>> {
  const host = options.env['GCE_METADATA_HOST']
  const base = options.endpoints?.gcpMetadata ?? (host ? `http://${host}` : GOOGLE_METADATA)
  const what =
    'google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information'
  const url = `${base}${GOOGLE_TOKEN}`
  const headers = { 'metadata-flavor': 'Google' }
  const answer = await askJson(options.http, { method: 'GET', url, headers }, what).catch(
    (error: unknown) => {
      throw keysFault('KEY_CREDENTIALS', what, error)
    },
  )
  const seconds = Number(answer['expires_in'] ?? 0)
  return {
    value: textIn(answer, 'access_token', what),
    endsAt: options.nowMs() + (Number.isFinite(seconds) ? seconds : 0) * 1000,
  }
}
