import type { BucketContent } from '../../api/index.ts'
import { type Fault, isFault } from '../../base/index.ts'
import type { BucketRun, SourceOutcome } from './context.ts'
import { readSecret, type SecretData, withTimeout } from './git-checkout.ts'
import { halt } from './halt.ts'
import { checkStorage, latestUrl, storeArtifact, upToDate } from './storage.ts'

/**
 * Brings the artifact of a Bucket up to date.
 * @throws Fault of SourceCode
 * @see source-controller bucket_controller.go (v1.9.1)
 */
export async function reconcileBucket(run: BucketRun): Promise<SourceOutcome> {
  const { draft } = run
  const { spec } = run.object
  draft.remove('StorageOperationFailed')
  await checkStorage(run)
  const have = draft.status.artifact?.revision
  const isSame = spec.ignore === draft.status.observedIgnore
  const fetched = await fetchBucket(run, isSame ? have : undefined)
  draft.remove('FetchFailed')
  const revision = fetched === 'unchanged' ? (have ?? '') : fetched.revision
  if (fetched === 'unchanged' || (have === revision && isSame)) upToDate(run, revision)
  else await takeIn(run, fetched)
  draft.remove('ArtifactOutdated', 'StorageOperationFailed')
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', `stored artifact: revision '${revision}'`)
  const count = fetched === 'unchanged' ? '' : `${fetched.count} `
  const message = `stored artifact with ${count}fetched files from '${spec.bucketName}' bucket`
  return { kind: 'stored', revision, message }
}

async function takeIn(run: BucketRun, fetched: BucketContent): Promise<void> {
  const { draft } = run
  const { spec } = run.object
  const { revision, tree } = fetched
  if (draft.status.artifact?.revision !== revision) {
    const message = `new upstream revision '${revision}'`
    if (draft.status.artifact !== undefined)
      draft.mark('ArtifactOutdated', 'True', 'NewRevision', message)
    draft.progress(`building artifact: ${message}`, true)
  }
  const file = `${revision.split(':').at(-1)}.tar.gz`
  const artifact = await storeArtifact(run, {
    revision,
    file,
    tree,
    isWhole: true,
    isLinked: true,
  })
  Object.assign(draft.status, {
    observedIgnore: spec.ignore,
    url: latestUrl(artifact),
  })
}

async function fetchBucket(
  run: BucketRun,
  have: string | undefined,
): Promise<BucketContent | 'unchanged'> {
  const { spec } = run.object
  const { buckets } = run.context
  if (buckets === undefined) throw new Error('no client of buckets')
  const access = await readAccess(run)
  try {
    return await withTimeout(run, (signal) =>
      buckets.fetch({
        provider: spec.provider ?? 'generic',
        endpoint: spec.endpoint,
        bucket: spec.bucketName,
        insecure: spec.insecure ?? false,
        ...(spec.region === undefined ? {} : { region: spec.region }),
        ...(spec.prefix === undefined ? {} : { prefix: spec.prefix }),
        ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
        ...access,
        ...(have === undefined ? {} : { have }),
        signal,
      }),
    )
  } catch (error) {
    if (run.signal.aborted || !isFault(error)) throw error
    throw halt({
      code: 'SOURCE_FETCH',
      reason: 'BucketOperationFailed',
      message: error.message,
      cause: error,
    })
  }
}

interface BucketAccess {
  readonly credentials?: SecretData
  readonly tls?: SecretData
  readonly proxy?: SecretData
}

async function readAccess(run: BucketRun): Promise<BucketAccess> {
  const { secretRef, certSecretRef, proxySecretRef, sts } = run.object.spec
  if (sts !== undefined) throw refuse(`STS provider '${sts.provider}' is not supported yet`)
  const { namespace = '' } = run.object.metadata
  const found: { -readonly [K in keyof BucketAccess]: BucketAccess[K] } = {}
  const parts = [
    ['credentials', secretRef, 'failed to get secret'],
    ['tls', certSecretRef, 'failed to get TLS config: secret'],
    ['proxy', proxySecretRef, 'failed to get proxy URL: secret'],
  ] as const
  for (const [key, ref, words] of parts) {
    if (ref === undefined) continue
    found[key] = await readSecret(run, ref.name, (message) =>
      refuse(`${words} '${namespace}/${ref.name}': ${message}`),
    )
  }
  return found
}

function refuse(message: string): Fault {
  return halt({ code: 'SOURCE_FETCH', reason: 'AuthenticationFailed', message })
}
