import type { LayerSelector, OciPull } from '../../api/index.ts'
import { type Fault, isFault, memoryTree } from '../../base/index.ts'
import { fieldAt, isApiFault, sameJson } from '../../object/index.ts'
import type { OciRun, SourceOutcome } from './context.ts'
import { readSecret, type SecretData, withTimeout } from './git-checkout.ts'
import { halt } from './halt.ts'
import { checkStorage, storeArtifact, upToDate } from './storage.ts'

const SOURCE = 'org.opencontainers.image.source'
const REVISION = 'org.opencontainers.image.revision'
const DOCKER_CONFIG = '.dockerconfigjson'

/**
 * Brings the artifact of an OCIRepository up to date.
 * @throws Fault of SourceCode
 * @see source-controller ocirepository_controller.go (v1.9.1)
 */
export async function reconcileOci(run: OciRun): Promise<SourceOutcome> {
  const { draft } = run
  const { spec } = run.object
  draft.remove('StorageOperationFailed')
  await checkStorage(run)
  const isVerified = isVerifiedAlready(run)
  if (draft.is('SourceVerified', 'False')) draft.remove('SourceVerified')
  const published = draft.status.artifact
  const isSame = !hasOciContentChanged(run)
  const have = published !== undefined && isSame && isVerified ? published.revision : undefined
  const pulled = await pull(run, have)
  draft.remove('FetchFailed')
  const revision = pulled === 'unchanged' ? (have ?? '') : pulled.revision
  if (spec.verify === undefined) draft.remove('SourceVerified')
  else if (pulled !== 'unchanged')
    draft.mark('SourceVerified', 'True', 'Succeeded', `verified signature of revision ${revision}`)
  if (pulled === 'unchanged' || (published?.revision === revision && isSame))
    upToDate(run, revision)
  else await takeIn(run, pulled)
  draft.remove('ArtifactOutdated', 'StorageOperationFailed')
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', `stored artifact for digest '${revision}'`)
  return { kind: 'stored', revision, message: storedMessage(run, revision) }
}

/** A verification holds for one generation of the object; the revision is looked at by the pull. */
function isVerifiedAlready(run: OciRun): boolean {
  if (run.object.spec.verify === undefined) return true
  const verified = run.draft.condition('SourceVerified')
  return (
    verified?.status === 'True' && verified.observedGeneration === run.object.metadata.generation
  )
}

function hasOciContentChanged(run: OciRun): boolean {
  const { spec } = run.object
  const { observedIgnore, observedLayerSelector } = run.draft.status
  return spec.ignore !== observedIgnore || !sameSelector(spec.layerSelector, observedLayerSelector)
}

function sameSelector(a: LayerSelector | undefined, b: LayerSelector | undefined): boolean {
  const plain = (selector: LayerSelector | undefined) => ({
    mediaType: selector?.mediaType ?? '',
    operation: selector?.operation ?? 'extract',
  })
  return sameJson(plain(a), plain(b))
}

async function takeIn(run: OciRun, pulled: OciPull): Promise<void> {
  const { draft } = run
  const { spec } = run.object
  const { revision, content, annotations } = pulled
  const published = draft.status.artifact
  if (published?.revision !== revision) {
    const message = `new revision '${revision}' for '${spec.url}'`
    if (published !== undefined) draft.mark('ArtifactOutdated', 'True', 'NewRevision', message)
    draft.progress(`building artifact: ${message}`, true)
  }
  const hasAnnotations = Object.keys(annotations).length > 0
  await storeArtifact(run, {
    revision,
    file: `${revision.split('@').at(-1)}.tar.gz`,
    ...('tree' in content ? content : { tree: memoryTree({}), blob: content.blob }),
    ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
    ...(hasAnnotations ? { metadata: annotations } : {}),
  })
  Object.assign(draft.status, {
    observedIgnore: spec.ignore,
    observedLayerSelector: spec.layerSelector,
    url: draft.status.artifact?.url.replace(/[^/]+$/, 'latest.tar.gz'),
  })
}

function storedMessage(run: OciRun, revision: string): string {
  const message = `stored artifact with revision '${revision}' from '${run.object.spec.url}'`
  const { metadata = {} } = run.draft.status.artifact ?? {}
  const { [SOURCE]: source = '', [REVISION]: origin = '' } = metadata
  if (source === '' || origin === '') return message
  return `${message}, origin source '${source}', origin revision '${origin}'`
}

async function pull(run: OciRun, have: string | undefined): Promise<OciPull | 'unchanged'> {
  const { spec } = run.object
  const { registry } = run.context
  if (registry === undefined) throw new Error('no registry')
  const access = { ...(await readAccess(run)), ...(await readCosignKeys(run)) }
  try {
    return await withTimeout(run, (signal) =>
      registry.pull({
        url: spec.url,
        ...(spec.ref === undefined ? {} : { ref: spec.ref }),
        ...(spec.layerSelector === undefined ? {} : { layer: spec.layerSelector }),
        insecure: spec.insecure ?? false,
        ...access,
        ...(have === undefined ? {} : { have }),
        signal,
      }),
    )
  } catch (error) {
    if (run.signal.aborted || !isFault(error)) throw error
    throw explain(run, error)
  }
}

/** The keys that `spec.verify` names; what cannot be verified here is refused. */
async function readCosignKeys(run: OciRun): Promise<{ readonly cosignKeys?: readonly string[] }> {
  const { verify } = run.object.spec
  if (verify === undefined) return {}
  const { namespace = '' } = run.object.metadata
  const { provider, secretRef } = verify
  const isKeyed = provider === 'cosign' && secretRef !== undefined
  if (!isKeyed) {
    const which = provider === 'cosign' ? 'cosign keyless' : provider
    throw verifyFault(which, 'only cosign with a key is supported yet')
  }
  const secret = await readSecret(run, secretRef.name, (message) =>
    verifyFault(provider, `failed to get secret '${namespace}/${secretRef.name}': ${message}`),
  )
  const keys = Object.entries(secret).filter(([key]) => key.endsWith('.pub'))
  return { cosignKeys: keys.map(([, value]) => Buffer.from(value).toString()) }
}

function verifyFault(provider: string, message: string): Fault {
  return halt({
    code: 'SOURCE_VERIFY',
    reason: 'VerificationError',
    message: `failed to verify the signature using provider '${provider}': ${message}`,
  })
}

interface OciAccess {
  readonly dockerConfigs: readonly Uint8Array[]
  readonly tls?: SecretData
  readonly proxy?: SecretData
}

/** The Secrets of an OCIRepository: its own, or those of its service account. */
async function readAccess(run: OciRun): Promise<OciAccess> {
  const { spec } = run.object
  const names = spec.secretRef === undefined ? await pullSecrets(run) : [spec.secretRef.name]
  const dockerConfigs: Uint8Array[] = []
  for (const name of names) {
    const secret = await readSecret(run, name, (message) => credentialFault(run, name, message))
    const config = secret[DOCKER_CONFIG]
    if (config !== undefined) dockerConfigs.push(config)
  }
  const tls = await optionalSecret(run, spec.certSecretRef?.name, (name, message) =>
    authFault(`failed to generate transport for '${spec.url}': ${secretText(run, name, message)}`),
  )
  const proxy = await optionalSecret(run, spec.proxySecretRef?.name, (name, message) =>
    authFault(`failed to get proxy address: ${secretText(run, name, message)}`),
  )
  return {
    dockerConfigs,
    ...(tls === undefined ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

async function optionalSecret(
  run: OciRun,
  name: string | undefined,
  refuse: (name: string, message: string) => Fault,
): Promise<SecretData | undefined> {
  if (name === undefined) return undefined
  return readSecret(run, name, (message) => refuse(name, message))
}

async function pullSecrets(run: OciRun): Promise<readonly string[]> {
  const { serviceAccountName } = run.object.spec
  if (!serviceAccountName) return []
  const { namespace = '' } = run.object.metadata
  try {
    const account = await run.context.cluster.get({
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      namespace,
      name: serviceAccountName,
    })
    const secrets = (fieldAt(account, 'imagePullSecrets') ?? []) as readonly { name?: string }[]
    return secrets.flatMap(({ name }) => (name === undefined ? [] : [name]))
  } catch (error) {
    if (!isApiFault(error, 'NOT_FOUND')) throw error
    throw authFault(`failed to get credential: serviceaccounts "${serviceAccountName}" not found`)
  }
}

function credentialFault(run: OciRun, name: string, message: string): Fault {
  const { namespace = '' } = run.object.metadata
  return authFault(
    `failed to get credential: failed to get secret '${namespace}/${name}': ${message}`,
  )
}

function secretText(run: OciRun, name: string, message: string): string {
  const { namespace = '' } = run.object.metadata
  const which = `secret '${namespace}/${name}'`
  return message.endsWith(' not found') ? `${which} not found` : `${which}: ${message}`
}

function authFault(message: string): Fault {
  return halt({ code: 'SOURCE_FETCH', reason: 'AuthenticationFailed', message })
}

/** What a fault of the registry client means for the object. */
function explain(run: OciRun, fault: Fault): Fault {
  const { url } = run.object.spec
  const { code, message } = fault
  const base = { code: 'SOURCE_FETCH', cause: fault } as const
  if (code === 'OCI_URL')
    return halt({
      ...base,
      reason: 'URLInvalid',
      message: `URL validation failed for '${url}': ${message}`,
      retry: { kind: 'stalled' },
    })
  if (code === 'OCI_VERIFY') return verifyFault('cosign', message)
  const [reason = '', text = ''] = WORDS[code]?.(url, message) ?? []
  if (reason === '') return authFault(`failed to get credential: ${message}`)
  return halt({ ...base, reason, message: text })
}

const WORDS: Readonly<Record<string, (url: string, message: string) => readonly [string, string]>> =
  {
    OCI_TAG: (url, message) => [
      'ReadOperationFailed',
      `failed to determine the artifact tag for '${url}': ${message}`,
    ],
    OCI_DIGEST: (_, message) => [
      'OCIArtifactPullFailed',
      `failed to determine artifact digest: ${message}`,
    ],
    OCI_PULL: (url, message) => [
      'OCIArtifactPullFailed',
      `failed to pull artifact from '${url}': ${message}`,
    ],
    OCI_LAYER: (_, message) => ['OCIArtifactLayerOperationFailed', message],
  }
