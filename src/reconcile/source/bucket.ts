import type { BucketContent, SourceTree } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { readBucketAccess } from './bucket-access.ts'
import type { BucketRun, SourceOutcome } from './context.ts'
import { withTimeout } from './git-checkout.ts'
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
  const fetched = await fetchBucket(run, have)
  draft.remove('FetchFailed')
  const { revision, count, tree } = fetched
  try {
    if (tree === undefined || have === revision) upToDate(run, revision)
    else await takeIn(run, revision, tree)
  } finally {
    fetched.release?.()
  }
  draft.remove('ArtifactOutdated', 'StorageOperationFailed')
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', `stored artifact: revision '${revision}'`)
  const message = `stored artifact with ${count} fetched files from '${spec.bucketName}' bucket`
  return { kind: 'stored', revision, message }
}

async function takeIn(run: BucketRun, revision: string, tree: SourceTree): Promise<void> {
  const { draft } = run
  const { spec } = run.object
  const message = `new upstream revision '${revision}'`
  if (draft.status.artifact !== undefined)
    draft.mark('ArtifactOutdated', 'True', 'NewRevision', message)
  draft.progress(`building artifact: ${message}`, true)
  const file = `${revision.split(':').at(-1)}.tar.gz`
  const whole = { isWhole: true, isLinked: true }
  const artifact = await storeArtifact(run, { revision, file, tree, ...whole })
  Object.assign(draft.status, { observedIgnore: spec.ignore, url: latestUrl(artifact) })
}

async function fetchBucket(run: BucketRun, have: string | undefined): Promise<BucketContent> {
  const { spec } = run.object
  const { buckets } = run.context
  if (buckets === undefined) throw new Error('no client of buckets')
  const access = await readBucketAccess(run)
  try {
    const fetch = (signal: AbortSignal): Promise<BucketContent> =>
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
      })
    const late = {
      reason: 'BucketOperationFailed',
      words: `failed to read '${spec.bucketName}' bucket`,
    }
    return await withTimeout(run, fetch, late)
  } catch (error) {
    if (run.signal.aborted || !isFault(error) || error.code.startsWith('SOURCE_')) throw error
    const isAuth = error.code !== 'BUCKET'
    throw halt({
      code: 'SOURCE_FETCH',
      reason: isAuth ? 'AuthenticationFailed' : 'BucketOperationFailed',
      message: error.message,
      cause: error,
    })
  }
}
