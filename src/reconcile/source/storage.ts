import type { Artifact, ArtifactInput, ArtifactOwner } from '../../api/index.ts'
import { isFault, messageOf } from '../../base/index.ts'
import type { AnyRun } from './context.ts'
import { halt } from './halt.ts'
import { emit } from './record.ts'

/** Who an artifact belongs to. */
export function ownerOf(run: Pick<AnyRun, 'object'>): ArtifactOwner {
  const { namespace = '', name = '' } = run.object.metadata
  return { kind: run.object.kind, namespace, name }
}

/** Looks after what is stored: garbage, a file that vanished or was spoilt, the address. */
export async function checkStorage(run: AnyRun): Promise<void> {
  const { draft, context } = run
  const published = draft.status.artifact
  if (published !== undefined) {
    await collectGarbage(run, published)
    const state = await verified(run, published)
    if (state === 'spoilt') {
      const message = `failed to verify integrity of artifact: computed digest doesn't match '${published.digest}'`
      emit(run, { type: 'Warning', reason: 'ArtifactVerificationFailed', message })
      await context.store.discard(published)
    }
    draft.status.artifact = state === 'ok' ? context.store.located(published) : undefined
    locate(draft.status)
  }
  if (draft.status.artifact !== undefined) return
  draft.progress(
    published === undefined ? 'building artifact' : 'building artifact: disappeared from storage',
    true,
  )
  draft.remove('ArtifactInStorage')
}

/** The address that stays goes with the artifact, and to where that is served now. */
function locate(status: { artifact?: Artifact | undefined; url?: string | undefined }): void {
  const { artifact, url } = status
  if (artifact === undefined) status.url = undefined
  else if (url !== undefined && URL.canParse(url) && URL.canParse(artifact.url)) {
    const { pathname } = new URL(url)
    status.url = `${new URL(artifact.url).origin}${pathname === '/' && !url.endsWith('/') ? '' : pathname}`
  }
}

/** Where the store cannot say, the artifact stays published and the condition says so. */
async function verified(run: AnyRun, published: Artifact): Promise<'ok' | 'missing' | 'spoilt'> {
  try {
    return await run.context.store.verify(published)
  } catch (error) {
    throw storageHalt(error)
  }
}

async function collectGarbage(run: AnyRun, published: Artifact): Promise<void> {
  try {
    const removed = await run.context.store.collect(ownerOf(run), published)
    if (removed.length === 0) return
    const message = `garbage collected ${removed.length} artifacts`
    emit(run, { reason: 'GarbageCollectionSucceeded', message, isTrace: true })
  } catch (error) {
    // What could not be removed now is found again by the next run.
    run.log.error('garbage collection of artifacts failed', { error: messageOf(error) })
  }
}

/** Where the newest artifact is served, whatever its revision. */
export function latestUrl(artifact: Artifact | undefined): string | undefined {
  return artifact?.url.replace(/[^/]+$/, 'latest.tar.gz')
}

/** Says that what is published is what the host has. */
export function upToDate(run: AnyRun, revision: string): void {
  const message = `artifact up-to-date with remote revision: '${revision}'`
  emit(run, { reason: 'ArtifactUpToDate', message, isTrace: true })
}

/**
 * Stores an artifact and puts it into the status.
 * @throws Fault SOURCE_STORAGE
 */
export async function storeArtifact(
  run: AnyRun,
  input: Omit<ArtifactInput, 'owner' | 'signal'>,
): Promise<Artifact> {
  run.stages.to('store')
  try {
    const artifact = await run.context.store.put({
      ...input,
      owner: ownerOf(run),
      signal: run.signal,
    })
    run.draft.status.artifact = artifact
    return artifact
  } catch (error) {
    throw storageHalt(error)
  }
}

function storageHalt(error: unknown): unknown {
  if (!isFault(error)) return error
  return halt({
    code: 'SOURCE_STORAGE',
    reason: error.reason ?? 'ArchiveOperationFailed',
    message: error.message,
    cause: error,
  })
}
