import type { Artifact, ArtifactOwner, GitCheckout } from '../../api/index.ts'
import { isFault, messageOf } from '../../base/index.ts'
import { hasContentChanged, haveIncludesChanged } from './content.ts'
import type { GitRun } from './context.ts'
import { checkOut, readAccess } from './git-checkout.ts'
import { verifyCheckout } from './git-verify.ts'
import { halt } from './halt.ts'
import { emit } from './record.ts'

/** How a run of a GitRepository ended well. */
export interface GitOutcome {
  /** `unchanged`: the host still has what is published, nothing was looked at. */
  readonly kind: 'stored' | 'unchanged'
  readonly revision: string
  /** First line of the commit message; absent when the commit was not looked at. */
  readonly subject?: string
}

/** Who an artifact belongs to. */
export function ownerOf(run: Pick<GitRun, 'object'>): ArtifactOwner {
  const { namespace = '', name = '' } = run.object.metadata
  return { kind: run.object.kind, namespace, name }
}

/**
 * Brings the artifact of a GitRepository up to date: what is stored, what the host has, what is
 * included, then the new artifact where one is due.
 * @throws Fault of SourceCode
 */
export async function reconcileGit(run: GitRun): Promise<GitOutcome> {
  const { draft } = run
  draft.remove('StorageOperationFailed')
  await checkStorage(run)
  if (draft.is('SourceVerified', 'False')) draft.remove('SourceVerified')
  const access = await readAccess(run)
  const includes = includedArtifacts(run)
  draft.remove('IncludeUnavailable')
  if (haveIncludesChanged(includes, draft.status.includedArtifacts)) {
    const message = 'included artifacts differ from last observed includes'
    draft.progress(`building artifact: ${message}`, true)
  }
  draft.remove('ArtifactOutdated')
  const published = draft.status.artifact
  const isSame = !hasContentChanged(run.object.spec, draft.status, includes)
  const have =
    published !== undefined && isSame && draft.is('ArtifactInStorage', 'True') && mayShorten(run)
      ? published
      : undefined
  const checkout = await checkOut(run, access, have)
  draft.remove('FetchFailed')
  if (checkout === 'unchanged') return unchanged(run, have?.revision ?? '')
  try {
    return await takeIn(run, checkout, includes)
  } finally {
    checkout.release()
  }
}

/**
 * A commit or a version that is looked for again is verified again, as Flux does; for the others
 * the name of the commit is proof enough.
 */
function mayShorten(run: GitRun): boolean {
  const { ref, verify } = run.object.spec
  return verify === undefined || !isSearched(ref)
}

/** Says whether Flux clones for this kind of ref each time, and so speaks of it in other words. */
function isSearched(ref: GitRun['object']['spec']['ref']): boolean {
  return Boolean(ref?.commit) || (!ref?.name && !ref?.tag && Boolean(ref?.semver))
}

function unchanged(run: GitRun, revision: string): GitOutcome {
  const message = `stored artifact for revision '${revision}'`
  run.draft.mark('ArtifactInStorage', 'True', 'Succeeded', message)
  if (!isSearched(run.object.spec.ref)) return { kind: 'unchanged', revision }
  upToDate(run, revision)
  return { kind: 'stored', revision }
}

function upToDate(run: GitRun, revision: string): void {
  const message = `artifact up-to-date with remote revision: '${revision}'`
  emit(run, { reason: 'ArtifactUpToDate', message, isTrace: true })
}

/** Looks after what is stored: garbage, a file that vanished or was spoilt, the address. */
async function checkStorage(run: GitRun): Promise<void> {
  const { draft, context } = run
  const published = draft.status.artifact
  if (published !== undefined) {
    await collectGarbage(run, published)
    const state = await context.store.verify(published)
    if (state === 'spoilt') {
      const message = `failed to verify integrity of artifact: computed digest doesn't match '${published.digest}'`
      emit(run, { type: 'Warning', reason: 'ArtifactVerificationFailed', message })
      await context.store.discard(published)
    }
    draft.status.artifact = state === 'ok' ? context.store.located(published) : undefined
  }
  if (draft.status.artifact !== undefined) return
  draft.progress(
    published === undefined ? 'building artifact' : 'building artifact: disappeared from storage',
    true,
  )
  draft.remove('ArtifactInStorage')
}

async function collectGarbage(run: GitRun, published: Artifact): Promise<void> {
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

/** The artifacts of the included objects, in the order of the spec. */
function includedArtifacts(run: GitRun): readonly Artifact[] {
  const { namespace = '' } = run.object.metadata
  return (run.object.spec.include ?? []).map(({ repository: { name } }) => {
    const included = run.objects.get(namespace, name)
    const artifact = included?.status?.artifact
    if (artifact !== undefined) return artifact
    const ms = run.context.options.requeueDependencyMs
    const gone = `could not get resource for include '${name}': GitRepository.source.toolkit.fluxcd.io "${name}" not found`
    throw halt({
      code: 'SOURCE_INCLUDE',
      reason: included === undefined ? 'NotFound' : 'NoArtifact',
      message: included === undefined ? gone : `no artifact available for include '${name}'`,
      retry: { kind: 'after', ms },
    })
  })
}

async function takeIn(
  run: GitRun,
  checkout: GitCheckout,
  includes: readonly Artifact[],
): Promise<GitOutcome> {
  const { draft } = run
  const { revision, subject } = checkout
  await verifyCheckout(run, checkout)
  const published = draft.status.artifact
  if (published?.revision !== revision) {
    const message = `new upstream revision '${revision}'`
    if (published !== undefined) draft.mark('ArtifactOutdated', 'True', 'NewRevision', message)
    draft.progress(`building artifact: ${message}`, true)
  }
  if (
    published?.revision === revision &&
    !hasContentChanged(run.object.spec, draft.status, includes)
  )
    upToDate(run, revision)
  else await store(run, checkout, includes)
  draft.remove('ArtifactOutdated', 'StorageOperationFailed')
  const message = `stored artifact for revision '${revision}'`
  draft.mark('ArtifactInStorage', 'True', 'Succeeded', message)
  return { kind: 'stored', revision, subject }
}

async function store(
  run: GitRun,
  checkout: GitCheckout,
  includes: readonly Artifact[],
): Promise<void> {
  const { spec } = run.object
  try {
    run.draft.status.artifact = await run.context.store.put({
      owner: ownerOf(run),
      revision: checkout.revision,
      file: `${checkout.commit}.tar.gz`,
      tree: checkout.tree,
      signal: run.signal,
      ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
      includes: (spec.include ?? []).flatMap((include, i) => {
        const artifact = includes[i]
        const { name } = include.repository
        const { fromPath = '', toPath } = include
        return artifact === undefined ? [] : [{ name, artifact, fromPath, toPath: toPath || name }]
      }),
    })
  } catch (error) {
    if (!isFault(error)) throw error
    throw halt({
      code: 'SOURCE_STORAGE',
      reason: error.reason ?? 'ArchiveOperationFailed',
      message: error.message,
      cause: error,
    })
  }
  Object.assign(run.draft.status, {
    includedArtifacts: includes.length === 0 ? undefined : includes,
    observedIgnore: spec.ignore,
    observedRecurseSubmodules: spec.recurseSubmodules || undefined,
    observedInclude: spec.include,
    observedSparseCheckout: spec.sparseCheckout,
  })
}
