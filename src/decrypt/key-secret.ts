import type { AzureCredentials, CloudCredentials, KeyService } from '../api/index.ts'
import { compareText, isFault } from '../base/index.ts'
import { isObject, type JsonObject, parseYaml, stringAt } from '../object/index.ts'
import { ageKeys } from './age.ts'
import { decryptFault } from './faults.ts'
import { pgpKeys } from './pgp.ts'

/** What a decryption Secret holds, sorted out. Other keys of it are ignored. */
export interface KeySecret {
  /** Data of `*.agekey`. */
  readonly age: readonly string[]
  /** Data of `*.asc`. */
  readonly pgp: readonly string[]
  readonly clouds: CloudCredentials
}

/**
 * Sorts the data of the Secret that `spec.decryption.secretRef` names.
 * @throws Fault KEY_FORMAT, in Flux's words; `secret` is the Secret's name in them
 * @see fluxcd/kustomize-controller v1.9.4 decryptor.go ImportKeys
 */
export function readKeySecret(
  data: Readonly<Record<string, Uint8Array>>,
  secret: string,
): KeySecret {
  const names = Object.keys(data).sort(compareText)
  const text = (name: string): string => Buffer.from(data[name] ?? []).toString('utf8')
  const texts = (ending: string): string[] =>
    names.filter((name) => name.endsWith(ending)).map(text)
  const read = <T>(name: string, parse: (content: string) => T): T | undefined => {
    if (!names.includes(name)) return undefined
    return imported({ name, secret }, () => parse(text(name)))
  }
  const vaultToken = read('sops.vault-token', (content) => content.trim())
  const aws = read('sops.aws-kms', awsOf)
  const azure = read('sops.azure-kv', azureOf)
  const gcp = read('sops.gcp-kms', gcpOf)
  for (const name of names.filter((each) => each.endsWith('.agekey')))
    imported({ name, secret }, () => ageKeys([text(name)]))
  return {
    age: texts('.agekey'),
    pgp: texts('.asc'),
    clouds: {
      ...(vaultToken === undefined ? {} : { vaultToken }),
      ...(aws === undefined ? {} : { aws }),
      ...(azure === undefined ? {} : { azure }),
      ...(gcp === undefined ? {} : { gcp }),
    },
  }
}

/**
 * The key service of a Secret's own keys, then those of `others` in their order.
 * @throws Fault KEY_FORMAT
 */
export async function localKeys(
  secret: Pick<KeySecret, 'age' | 'pgp'>,
  others: readonly KeyService[] = [],
): Promise<KeyService> {
  const services = [ageKeys(secret.age), await pgpKeys(secret.pgp), ...others]
  return {
    decrypt: async (key) => {
      for (const service of services) {
        const opened = await service.decrypt(key)
        if (opened !== undefined) return opened
      }
      return undefined
    },
  }
}

function imported<T>(what: { readonly name: string; readonly secret: string }, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!isFault(error)) throw error
    throw decryptFault(
      'KEY_FORMAT',
      `failed to import '${what.name}' data from sops decryption Secret '${what.secret}': ${error.message}`,
    )
  }
}

function mapOf(content: string, what: string): JsonObject {
  try {
    const [value] = parseYaml(content, what)
    if (isObject(value)) return value
  } catch (error) {
    if (!isFault(error)) throw error
  }
  throw decryptFault('KEY_FORMAT', `failed to unmarshal ${what}`)
}

function awsOf(content: string): NonNullable<CloudCredentials['aws']> {
  const map = mapOf(content, 'AWS credentials file')
  const sessionToken = stringAt(map, 'aws_session_token')
  return {
    accessKeyId: stringAt(map, 'aws_access_key_id') ?? '',
    secretAccessKey: stringAt(map, 'aws_secret_access_key') ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  }
}

function azureOf(content: string): AzureCredentials {
  const map = mapOf(content, 'Azure authentication file')
  const at = (field: string): string => stringAt(map, field) ?? ''
  const host = at('authorityHost') === '' ? {} : { authorityHost: at('authorityHost') }
  const [tenantId, clientId] = [at('tenantId'), at('clientId')]
  if (tenantId !== '' && clientId !== '' && at('clientSecret') !== '')
    return { tenantId, clientId, clientSecret: at('clientSecret'), ...host }
  if (tenantId !== '' && clientId !== '' && at('clientCertificate') !== '')
    return {
      tenantId,
      clientId,
      clientCertificate: at('clientCertificate'),
      sendChain: map['clientCertificateSendChain'] === true,
      ...host,
    }
  if (at('tenant') !== '' && at('appId') !== '' && at('password') !== '')
    return { tenantId: at('tenant'), clientId: at('appId'), clientSecret: at('password'), ...host }
  if (clientId !== '') return { clientId, ...host }
  throw decryptFault(
    'KEY_FORMAT',
    "invalid data: requires a 'clientId' field, a combination of 'tenantId', 'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'",
  )
}

function gcpOf(content: string): NonNullable<CloudCredentials['gcp']> {
  const map = mapOf(content, 'GCP credentials file')
  const clientEmail = stringAt(map, 'client_email') ?? ''
  const privateKey = stringAt(map, 'private_key') ?? ''
  if (clientEmail === '' || privateKey === '')
    throw decryptFault('KEY_FORMAT', 'the GCP credentials are not those of a service account')
  const tokenUri = stringAt(map, 'token_uri') ?? 'https://oauth2.googleapis.com/token'
  return { clientEmail, privateKey, tokenUri }
}
