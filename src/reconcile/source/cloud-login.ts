import type {
  AwsLogin,
  AzureCredentials,
  BucketLogin,
  CloudLogins,
  OciRequest,
  WorkloadIdentity,
} from '../../api/index.ts'
import { Fault, messageOf } from '../../base/index.ts'
import { fieldAt, isApiFault, isObject, type KubeObject } from '../../object/index.ts'
import type { AnyRun } from './context.ts'
import { type Halt, halt } from './halt.ts'

type SecretData = Readonly<Record<string, Uint8Array>>

/**
 * Refuses a service account as an identity in clouds while its feature gate is off.
 * @throws Fault with the code given, stalled
 */
export function checkGate(run: AnyRun, account: string | undefined, code: Halt['code']): void {
  if (!account || run.context.options.objectLevelWorkloadIdentity) return
  throw halt({
    code,
    reason: 'FeatureGateDisabled',
    message:
      'to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller',
    retry: { kind: 'stalled' },
  })
}

/** The login of an OCIRepository in the cloud of its provider. */
export function registryLogin(
  run: AnyRun,
  provider: 'aws' | 'azure' | 'gcp',
  account: string | undefined,
): NonNullable<OciRequest['login']> {
  return async (repository) =>
    loginsOf(run).registry(provider, { repository, ...(await subjectOf(run, account)) })
}

/** What of a Bucket says as whom its cloud is asked. */
export interface BucketSubject {
  readonly account: string | undefined
  readonly region: string
  readonly stsEndpoint: string | undefined
  readonly credentials: SecretData | undefined
}

/** The login of a Bucket in the cloud of its provider. */
export function bucketLogin(run: AnyRun, subject: BucketSubject): BucketLogin {
  const { account, region, stsEndpoint, credentials } = subject
  const text = (key: string): string | undefined => {
    const value = credentials?.[key]
    return value === undefined ? undefined : Buffer.from(value).toString()
  }
  const key = credentials?.['serviceaccount']
  const azure = credentials === undefined ? undefined : azureCredentials(text)
  return {
    aws: async () =>
      loginsOf(run).aws({
        region,
        ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
        ...(await subjectOf(run, account)),
      }),
    google: async () =>
      loginsOf(run).google({
        ...(key === undefined ? {} : { serviceAccount: key }),
        ...(key !== undefined && !account ? {} : await subjectOf(run, account)),
      }),
    azure: async (resource) =>
      loginsOf(run).azure({
        resource,
        ...(azure === undefined ? {} : { credentials: azure }),
        ...(azure !== undefined && !account ? {} : await subjectOf(run, account)),
      }),
  }
}

function azureCredentials(text: (key: string) => string | undefined): AzureCredentials | undefined {
  const [tenantId, clientId] = [text('tenantId'), text('clientId')]
  if (clientId === undefined) return undefined
  const [clientSecret, clientCertificate] = [text('clientSecret'), text('clientCertificate')]
  const authorityHost = text('authorityHost')
  const sendChain = /^(1|true)$/i.test(text('clientCertificateSendChain') ?? '')
  const isApplication = tenantId !== undefined && (clientSecret || clientCertificate)
  if (!isApplication) return { clientId }
  return {
    tenantId,
    clientId,
    ...(clientSecret
      ? { clientSecret }
      : { clientCertificate: clientCertificate ?? '', sendChain }),
    ...(authorityHost === undefined ? {} : { authorityHost }),
  }
}

/** Keys of AWS for the region of a GitRepository. */
export async function awsKeys(
  run: AnyRun,
  region: string,
  account: string | undefined,
): Promise<AwsLogin> {
  return loginsOf(run).aws({ region, ...(await subjectOf(run, account)) })
}

/** The login of a GitRepository at Azure DevOps: a token in place of a password. */
export async function azureDevOpsToken(
  run: AnyRun,
  account: string | undefined,
): Promise<SecretData> {
  // The resource of Azure DevOps. @see fluxcd/pkg auth/azure/scopes.go
  const resource = '499b84ac-1321-427f-aa17-267ca6975798'
  const token = await loginsOf(run).azure({ resource, ...(await subjectOf(run, account)) })
  return { bearerToken: Buffer.from(token) }
}

function loginsOf(run: AnyRun): CloudLogins {
  const { logins } = run.context
  if (logins !== undefined) return logins
  throw new Fault({ code: 'KEY_CREDENTIALS', message: 'nobody can log in to a cloud here' })
}

const LOCKED =
  'the specified default service account does not exist in the object namespace. your cluster is subject to multi-tenant workload identity lockdown, reach out to your cluster administrator for help'

/** Whom a cloud is told that asks: the object's service account, or the one for those without. */
async function subjectOf(
  run: AnyRun,
  given: string | undefined,
): Promise<{ readonly identity?: WorkloadIdentity }> {
  const { cluster, options } = run.context
  const name = given || options.defaultServiceAccount
  if (name === '') return {}
  const { namespace = '' } = run.object.metadata
  let account: KubeObject
  try {
    account = await cluster.get({
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      namespace,
      name,
    })
  } catch (error) {
    if (!isApiFault(error)) throw error
    const absent = given ? `serviceaccounts "${name}" not found` : LOCKED
    const why = error.code === 'NOT_FOUND' ? absent : messageOf(error)
    const message = `failed to get service account '${namespace}/${name}': ${why}`
    throw new Fault({ code: 'KEY_CREDENTIALS', message, cause: error })
  }
  const annotations = fieldAt(account, 'metadata', 'annotations')
  const texts = Object.entries(isObject(annotations) ? annotations : {})
  return {
    identity: {
      namespace,
      name,
      annotations: Object.fromEntries(texts.map(([key, value]) => [key, String(value)])),
      token: (...audiences) =>
        cluster.serviceAccountToken(
          { namespace, name },
          audiences.filter((audience) => audience !== ''),
        ),
    },
  }
}
