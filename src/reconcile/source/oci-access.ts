import type { OciPolicy, OciRequest } from '../../api/index.ts'
import { type Fault, isFault, parseGoJson } from '../../base/index.ts'
import { fieldAt, isApiFault, type KubeObject } from '../../object/index.ts'
import { checkGate, registryLogin } from './cloud-login.ts'
import type { OciRun } from './context.ts'
import { halt } from './halt.ts'
import { emit } from './record.ts'
import { readProxySecret, readTls } from './secret-checks.ts'
import { readSecret, secretData } from './secrets.ts'

/** All that a registry is asked with beside what is wanted; read from the cluster. */
export type OciAccess = Pick<OciRequest, 'dockerConfigs' | 'login' | 'proxy' | 'tls'>

const JSON_TYPE = 'kubernetes.io/dockerconfigjson'
const OLD_TYPE = 'kubernetes.io/dockercfg'

/**
 * Reads the Secrets of an OCIRepository: its own and those of its service account.
 * @throws Fault SOURCE_FETCH
 * @see source-controller ocirepository_controller.go keychain, transport (v1.9.1)
 */
export async function readOciAccess(run: OciRun): Promise<OciAccess> {
  const { spec } = run.object
  const secrets = [...(await ownSecret(run)), ...(await pullSecrets(run))]
  const proxy =
    spec.proxySecretRef === undefined
      ? undefined
      : await readProxySecret(run, spec.proxySecretRef.name, (message) =>
          authFault(`failed to get proxy address: ${message}`),
        )
  const login = secrets.length === 0 ? cloudLogin(run) : undefined
  const tls = spec.certSecretRef?.name
    ? await readTls(run, spec.certSecretRef.name, (message) =>
        authFault(`failed to generate transport for '${spec.url}': ${message}`),
      )
    : undefined
  return {
    dockerConfigs: secrets.flatMap(dockerConfigOf),
    ...(login === undefined ? {} : { login }),
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

async function ownSecret(run: OciRun): Promise<readonly KubeObject[]> {
  const { secretRef } = run.object.spec
  if (secretRef === undefined) return []
  const { namespace = '' } = run.object.metadata
  const what = `failed to get credential: failed to get secret '${namespace}/${secretRef.name}'`
  try {
    return [await get(run, 'Secret', secretRef.name)]
  } catch (error) {
    if (!isApiFault(error)) throw error
    const message = `auth secret '${secretRef.name}' not found`
    emit(run, { reason: 'AuthenticationFailed', message, isTrace: true })
    if (error.code !== 'NOT_FOUND') throw authFault(`${what}: ${error.message}`)
    throw authFault(`${what}: secrets "${secretRef.name}" not found`)
  }
}

/** @see fluxcd/pkg runtime/secrets PullSecretsFromServiceAccountRef (v0.110) */
async function pullSecrets(run: OciRun): Promise<readonly KubeObject[]> {
  const { serviceAccountName } = run.object.spec
  if (!serviceAccountName) return []
  const { namespace = '' } = run.object.metadata
  const which = `serviceaccount '${namespace}/${serviceAccountName}'`
  const account = await found(run, 'ServiceAccount', serviceAccountName, (why) =>
    authFault(
      why === undefined
        ? `failed to get credential: ${which} not found`
        : `failed to get credential: failed to get ${which}: ${why}`,
    ),
  )
  const names = (fieldAt(account, 'imagePullSecrets') ?? []) as readonly { name?: string }[]
  const what = `failed to get credential: failed to get image pull secret for ${which}`
  const secrets: KubeObject[] = []
  for (const { name = '' } of names)
    secrets.push(
      await found(run, 'Secret', name, (why) =>
        authFault(
          why === undefined
            ? `${what}: secret '${namespace}/${name}' not found`
            : `${what}: failed to get secret '${namespace}/${name}': ${why}`,
        ),
      ),
    )
  return secrets
}

async function found(
  run: OciRun,
  kind: string,
  name: string,
  refuse: (why: string | undefined) => Fault,
): Promise<KubeObject> {
  try {
    return await get(run, kind, name)
  } catch (error) {
    if (!isApiFault(error)) throw error
    throw refuse(error.code === 'NOT_FOUND' ? undefined : error.message)
  }
}

function get(run: OciRun, kind: string, name: string): Promise<KubeObject> {
  const { namespace = '' } = run.object.metadata
  return run.context.cluster.get({ group: '', version: 'v1', kind, namespace, name })
}

/** Only Secrets of the types that are made for it count. */
function dockerConfigOf(secret: KubeObject): readonly Uint8Array[] {
  const type = fieldAt(secret, 'type')
  const data = secretData(secret)
  const whole = type === JSON_TYPE ? data['.dockerconfigjson'] : undefined
  if (whole !== undefined && whole.length > 0) return [whole]
  const old = type === OLD_TYPE ? data['.dockercfg'] : undefined
  return old === undefined || old.length === 0
    ? []
    : [Buffer.from(`{"auths":${Buffer.from(old).toString()}}`)]
}

/** Where no Secret says as whom, a cloud is asked. */
function cloudLogin(run: OciRun): OciRequest['login'] {
  const { provider = 'generic', serviceAccountName } = run.object.spec
  if (provider === 'generic') return undefined
  checkGate(run, serviceAccountName, 'SOURCE_OTHER')
  return registryLogin(run, provider, serviceAccountName)
}

function authFault(message: string): Fault {
  return halt({ code: 'SOURCE_FETCH', reason: 'AuthenticationFailed', message })
}

/**
 * Reads what `spec.verify` names.
 * @throws Fault SOURCE_VERIFY
 */
export async function readOciPolicy(run: OciRun, reference: string): Promise<OciPolicy> {
  const { verify } = run.object.spec
  if (verify?.provider === 'notation') return notationPolicy(run, reference)
  const root = verify?.trustedRootSecretRef
  const trustedRoot = root === undefined ? undefined : await trustedRootOf(run, root.name)
  if (verify?.secretRef !== undefined) {
    const secret = await readPolicySecret(run, verify.secretRef.name)
    const keys = Object.entries(secret).filter(([key]) => key.endsWith('.pub'))
    return { kind: 'cosign-keys', keys: keys.map(([, value]) => Buffer.from(value).toString()) }
  }
  const identities = verify?.matchOIDCIdentity ?? []
  return {
    kind: 'cosign-keyless',
    identities,
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
  }
}

async function trustedRootOf(run: OciRun, name: string): Promise<Uint8Array> {
  const which = `${run.object.metadata.namespace ?? ''}/${name}`
  const what = `failed to read trusted root from secret '${which}'`
  const secret = await readSecret(run, name, (message) => verifyFault(run, `${what}: ${message}`))
  const root = secret['trusted_root.json']
  if (root !== undefined) return root
  throw verifyFault(run, `${what}: 'trusted_root.json' not found in secret '${which}'`)
}

async function notationPolicy(run: OciRun, reference: string): Promise<OciPolicy> {
  const { secretRef } = run.object.spec.verify ?? {}
  if (secretRef === undefined)
    throw verifyFault(run, `verification secret cannot be empty: '${reference}'`)
  const which = `${run.object.metadata.namespace ?? ''}/${secretRef.name}`
  const secret = await readPolicySecret(run, secretRef.name)
  const trustPolicy = secret['trustpolicy.json']
  if (trustPolicy === undefined)
    throw verifyFault(run, `'trustpolicy.json' not found in secret '${which}'`)
  const wrong = wrongJson(trustPolicy)
  if (wrong !== undefined)
    throw verifyFault(run, `error occurred while parsing trustpolicy.json: ${wrong}`)
  const certificates = Object.entries(secret).flatMap(([key, value]) =>
    /\.(crt|pem)$/.test(key) ? [value] : [],
  )
  if (certificates.length === 0)
    throw verifyFault(run, `no certificates found in secret '${which}'`)
  return { kind: 'notation', trustPolicy, certificates }
}

function wrongJson(bytes: Uint8Array): string | undefined {
  try {
    parseGoJson(Buffer.from(bytes).toString())
    return undefined
  } catch (error) {
    if (isFault(error, 'JSON')) return error.message
    throw error
  }
}

function readPolicySecret(run: OciRun, name: string) {
  return readSecret(run, name, (message) => verifyFault(run, message))
}

/** What is told when an artifact is not signed as it must be. */
export function verifyFault(run: OciRun, message: string, cause?: unknown): Fault {
  const { verify } = run.object.spec
  const isKeyless = verify?.provider === 'cosign' && verify.secretRef === undefined
  const provider = isKeyless ? 'cosign keyless' : (verify?.provider ?? '')
  return halt({
    code: 'SOURCE_VERIFY',
    reason: 'VerificationError',
    message: `failed to verify the signature using provider '${provider}': ${message}`,
    ...(isFault(cause) ? { cause } : {}),
  })
}
