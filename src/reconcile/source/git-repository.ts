import type { Artifact, GitCheckout, GitInclude } from '../../api/index.ts'
import { hasContentChanged, haveIncludesChanged } from './content.ts'
import type { GitRun, SourceOutcome } from './context.ts'
import { checkOut, readAccess } from './git-checkout.ts'
import { verifyCheckout } from './git-verify.ts'
import { halt } from './halt.ts'
import { checkStorage, storeArtifact, upToDate } from './storage.ts'

/**
 * Brings the artifact of a GitRepository up to date: what is stored, what the host has, what is
 * included, then the new artifact where one is due.
 * @throws Fault of SourceCode
 */
export async function reconcileGit(run: GitRun): Promise<SourceOutcome> {
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

function unchanged(run: GitRun, revision: string): SourceOutcome {
  const message = `stored artifact for revision '${revision}'`
  run.draft.mark('ArtifactInStorage', 'True', 'Succeeded', message)
  const told = `stored artifact for commit '${revision}'`
  if (!isSearched(run.object.spec.ref)) return { kind: 'unchanged', revision, message: told }
  upToDate(run, revision)
  return { kind: 'stored', revision, message: told }
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
): Promise<SourceOutcome> {
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
  return { kind: 'stored', revision, message: `stored artifact for commit '${shortened(subject)}'` }
}

async function store(
  run: GitRun,
  checkout: GitCheckout,
  includes: readonly Artifact[],
): Promise<void> {
  const { spec } = run.object
  await storeArtifact(run, {
    revision: checkout.revision,
    file: `${checkout.commit}.tar.gz`,
    tree: checkout.tree,
    ...(run.context.options.keepsCommits ? { metadata: commitOf(checkout) } : {}),
    ...(spec.ignore === undefined ? {} : { ignore: spec.ignore }),
    includes: (spec.include ?? []).flatMap((include, i) => {
      const artifact = includes[i]
      const { name } = include.repository
      const { fromPath = '', toPath } = include
      return artifact === undefined ? [] : [{ name, artifact, fromPath, toPath: toPath || name }]
    }),
  })
  Object.assign(run.draft.status, {
    includedArtifacts: includes.length === 0 ? undefined : includes,
    observedIgnore: spec.ignore,
    observedRecurseSubmodules: spec.recurseSubmodules || undefined,
    observedInclude: spec.include?.map(withoutEmpty),
    observedSparseCheckout: spec.sparseCheckout?.length === 0 ? undefined : spec.sparseCheckout,
  })
}

/** As Go writes it: what is empty is left out. */
function withoutEmpty({ repository, fromPath, toPath }: GitInclude): GitInclude {
  return { repository, ...(fromPath ? { fromPath } : {}), ...(toPath ? { toPath } : {}) }
}

const COMMIT_TEXT_MAX = 200
const SUBJECT_LENGTH_MAX = 50

function shortened(subject: string): string {
  const characters = Array.from(subject)
  if (characters.length <= SUBJECT_LENGTH_MAX) return subject
  return `${characters.slice(0, SUBJECT_LENGTH_MAX).join('')}...`
}

/** Whose commit an artifact is of, for the audit trail of those who apply it. */
function commitOf({ subject, signed }: GitCheckout): Readonly<Record<string, string>> {
  const head = Buffer.from(signed.payload).toString('utf8').split('\n\n', 1)[0] ?? ''
  const author = /^author (.*?) \d+ [+-]\d{4}$/m.exec(head)?.[1] ?? ''
  return {
    'tidegate.dev/commit-author': author.slice(0, COMMIT_TEXT_MAX),
    'tidegate.dev/commit-subject': subject.slice(0, COMMIT_TEXT_MAX),
  }
}
