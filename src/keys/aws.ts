import type { CloudCredentials, KeyService, MasterKey, WorkloadIdentity } from '../api/index.ts'
import { keysFault } from './faults.ts'
import { askJson, form, textIn } from './http.ts'
import type { CloudKeyOptions } from './options.ts'
import { signV4 } from './sigv4.ts'
import { digestOf, type Kept, keptTokens, type Token } from './token-cache.ts'

type AwsKey = MasterKey & { kind: 'kms' }
type AwsCredentials = NonNullable<CloudCredentials['aws']>

const ARN = /^arn:(aws[a-zA-Z-]*):kms:([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):(?:key|alias)\/\S+$/
const ROLE_ARN = /^arn:aws[\w-]*:iam::[0-9]{1,30}:role\/.{1,200}$/
/** What a region may be called: it becomes a part of the host that credentials are sent to. */
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn'
const WHAT = 'failed to decrypt sops data key with AWS KMS'

/** Master keys in AWS KMS. */
export function awsKeys(options: CloudKeyOptions): KeyService {
  const cached = keptTokens<AwsCredentials>(options, 'aws')
  return {
    decrypt: async (key) => {
      if (key.kind !== 'kms') return undefined
      const { region, partition } = regionOf(key)
      const base = await baseCredentials(options, { region, partition }, cached)
      if (base === undefined) return undefined
      const role = key.role
      const credentials =
        role === undefined
          ? base
          : await cached(
              digestOf('assumed', base, role, region),
              () => assumeRole(options, { role, region, partition }, base),
              options.use,
            )
      return decryptKey(options, { key, region, partition }, credentials)
    },
  }
}

/** Where a service of AWS is asked. */
export interface Place {
  readonly region: string
  readonly partition: string
}

function regionOf(key: AwsKey): Place {
  const match = ARN.exec(key.arn)
  if (match === null) throw keysFault('KEY_HOST', `${WHAT}: no valid ARN found in "${key.arn}"`)
  return { partition: match[1] ?? 'aws', region: match[2] ?? '' }
}

/** The address of a service of AWS. @throws Fault KEY_HOST for what is no region */
export function host(service: string, { region, partition }: Place): string {
  if (!REGION.test(region)) throw keysFault('KEY_HOST', `invalid AWS region '${region}'`)
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://${service}.${region}.${suffix}`
}

async function baseCredentials(
  options: CloudKeyOptions,
  place: Place,
  cached: Kept<AwsCredentials>,
): Promise<AwsCredentials | undefined> {
  if (options.credentials.aws !== undefined) return options.credentials.aws
  const { identity } = options
  if (identity?.annotations[ROLE_ANNOTATION] === undefined) return options.own?.aws
  const role = roleOf(identity)
  return cached(
    digestOf('web', identity.namespace, identity.name, role, place.region),
    () => webIdentity(options, { role, ...place }),
    options.use,
  )
}

/** The role that a service account names. @throws Fault KEY_CREDENTIALS */
export function roleOf({ annotations }: WorkloadIdentity): string {
  const role = annotations[ROLE_ANNOTATION] ?? ''
  if (ROLE_ARN.test(role)) return role
  throw keysFault(
    'KEY_CREDENTIALS',
    `invalid ${ROLE_ANNOTATION} annotation: '${role}'. must match ^arn:aws[\\w-]*:iam::[0-9]{1,30}:role/.{1,200}$`,
  )
}

/** The role that a service account of the cluster may be. */
export async function webIdentity(
  options: CloudKeyOptions,
  place: Place & { readonly role: string },
): Promise<Token<AwsCredentials>> {
  const token = (await options.identity?.token('sts.amazonaws.com')) ?? ''
  const { name: account = '', namespace = '' } = options.identity ?? {}
  const name = `${account}.${namespace}.${place.region}.fluxcd.io`
  const answer = await askJson(
    options.http,
    {
      method: 'POST',
      url: `${options.endpoints?.awsSts ?? host('sts', place)}/`,
      headers: FORM,
      body: form({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: place.role,
        RoleSessionName: sessionName(name),
        WebIdentityToken: token,
      }),
    },
    'failed to assume the role of the service account',
  )
  return credentialsIn(answer, 'AssumeRoleWithWebIdentity')
}

async function assumeRole(
  options: CloudKeyOptions,
  place: Place & { readonly role: string },
  base: AwsCredentials,
): Promise<Token<AwsCredentials>> {
  const request = {
    method: 'POST' as const,
    url: `${options.endpoints?.awsSts ?? host('sts', place)}/`,
    headers: FORM,
    body: form({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: place.role,
      RoleSessionName: sessionName('sops@tidegate'),
    }),
  }
  const signed = signV4(
    request,
    { ...base, region: place.region, service: 'sts' },
    options.clock.now(),
  )
  const answer = await askJson(options.http, signed, `failed to assume role "${place.role}"`)
  return credentialsIn(answer, 'AssumeRole')
}

const FORM = {
  accept: 'application/json',
  'content-type': 'application/x-www-form-urlencoded',
}

function sessionName(text: string): string {
  return text.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64)
}

function credentialsIn(
  answer: Readonly<Record<string, unknown>>,
  action: string,
): Token<AwsCredentials> {
  const response = objectIn(answer, `${action}Response`)
  const found = objectIn(objectIn(response, `${action}Result`), 'Credentials')
  const expiration = found['Expiration']
  const endsAt = typeof expiration === 'number' ? expiration * 1000 : Date.parse(String(expiration))
  return {
    value: {
      accessKeyId: textIn(found, 'AccessKeyId', action),
      secretAccessKey: textIn(found, 'SecretAccessKey', action),
      sessionToken: textIn(found, 'SessionToken', action),
    },
    endsAt: Number.isNaN(endsAt) ? 0 : endsAt,
  }
}

function objectIn(
  from: Readonly<Record<string, unknown>>,
  field: string,
): Readonly<Record<string, unknown>> {
  const value = from[field]
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {}
}

async function decryptKey(
  options: CloudKeyOptions,
  at: Place & { readonly key: AwsKey },
  credentials: AwsCredentials,
): Promise<Uint8Array> {
  const request = {
    method: 'POST' as const,
    url: `${options.endpoints?.awsKms ?? host('kms', at)}/`,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.Decrypt',
    },
    body: JSON.stringify({
      CiphertextBlob: at.key.enc,
      KeyId: at.key.arn,
      ...(at.key.context === undefined ? {} : { EncryptionContext: at.key.context }),
    }),
  }
  const key = { ...credentials, region: at.region, service: 'kms' }
  const answer = await askJson(options.http, signV4(request, key, options.clock.now()), WHAT)
  return Buffer.from(textIn(answer, 'Plaintext', WHAT), 'base64')
}
