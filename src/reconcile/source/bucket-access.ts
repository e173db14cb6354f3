import type { BucketRequest } from '../../api/index.ts'
import type { Fault } from '../../base/index.ts'
import { bucketLogin, checkGate } from './cloud-login.ts'
import type { BucketRun } from './context.ts'
import { halt } from './halt.ts'
import { readProxySecret, readTls } from './secret-checks.ts'
import { readSecret, type SecretData } from './secrets.ts'

/** All that a storage is asked with beside what is wanted; read from the cluster. */
export type BucketAccess = Pick<
  BucketRequest,
  'credentials' | 'secretName' | 'login' | 'sts' | 'tls' | 'proxy'
>

/**
 * Reads the Secrets of a Bucket and checks that they fit its provider.
 * @throws Fault SOURCE_FETCH
 * @see source-controller bucket_controller.go setupCredentials, createBucketProvider (v1.9.1)
 */
export async function readBucketAccess(run: BucketRun): Promise<BucketAccess> {
  const { spec } = run.object
  const { provider = 'generic', secretRef, certSecretRef, proxySecretRef } = spec
  if (provider !== 'generic') checkGate(run, spec.serviceAccountName, 'SOURCE_FETCH')
  const credentials =
    secretRef === undefined ? undefined : await plainSecret(run, secretRef.name, 'secret')
  const ldap =
    spec.sts?.secretRef === undefined
      ? undefined
      : await plainSecret(run, spec.sts.secretRef.name, 'STS secret')
  const proxy =
    proxySecretRef === undefined
      ? undefined
      : await readProxySecret(run, proxySecretRef.name, within('failed to get proxy URL'))
  const tls =
    certSecretRef === undefined
      ? undefined
      : await readTls(run, certSecretRef.name, within('failed to get TLS config'))
  const stsTls =
    spec.sts?.certSecretRef === undefined
      ? undefined
      : await readTls(run, spec.sts.certSecretRef.name, within('failed to get STS TLS config'))
  checkFields(run, credentials)
  checkSts(run, ldap)
  const hasSts = spec.sts !== undefined && provider === 'generic' && credentials === undefined
  const sts = hasSts
    ? {
        endpoint: spec.sts.endpoint,
        ...(ldap === undefined ? {} : { credentials: ldap }),
        ...(stsTls === undefined ? {} : { tls: stsTls }),
      }
    : undefined
  return {
    login: bucketLogin(run, {
      account: spec.serviceAccountName,
      region: spec.region ?? '',
      stsEndpoint: spec.sts?.endpoint,
      credentials,
    }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(secretRef === undefined ? {} : { secretName: secretRef.name }),
    ...(sts === undefined ? {} : { sts }),
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

function plainSecret(run: BucketRun, name: string, what: string): Promise<SecretData> {
  const { namespace = '' } = run.object.metadata
  return readSecret(run, name, (message) =>
    refuse(`failed to get ${what} '${namespace}/${name}': ${message}`),
  )
}

function within(words: string): (message: string) => Fault {
  return (message) => refuse(`${words}: ${message}`)
}

/** What a Secret must have, by provider. */
function checkFields(run: BucketRun, data: SecretData | undefined): void {
  const { provider = 'generic', secretRef } = run.object.spec
  if (data === undefined) return
  const has = (key: string): boolean => data[key] !== undefined
  const what = `invalid '${secretRef?.name}' secret data:`
  if (provider === 'gcp') {
    if (!has('serviceaccount')) throw refuse(`${what} required fields 'serviceaccount'`)
  } else if (provider === 'azure') {
    const keys = ['clientId', 'accountKey', 'sasKey', 'authorityHost']
    if (!keys.some(has))
      throw refuse(
        `${what} requires a 'clientId' or 'accountKey' field, a combination of 'tenantId', 'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'`,
      )
  } else if (!has('accesskey') || !has('secretkey'))
    throw refuse(`${what} required fields 'accesskey' and 'secretkey'`)
}

function checkSts(run: BucketRun, data: SecretData | undefined): void {
  const { sts } = run.object.spec
  if (sts?.provider !== 'ldap' || data === undefined) return
  const isWhole = ['username', 'password'].every((key) => (data[key]?.length ?? 0) > 0)
  if (!isWhole)
    throw refuse(
      `invalid '${sts.secretRef?.name}' secret data for 'ldap' STS provider: required fields username, password`,
    )
}

function refuse(message: string): Fault {
  return halt({ code: 'SOURCE_FETCH', reason: 'AuthenticationFailed', message })
}
