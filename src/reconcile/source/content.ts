import type {
  Artifact,
  GitInclude,
  GitRepositorySpec,
  GitRepositoryStatus,
} from '../../api/index.ts'

type Observed =
  | 'observedIgnore'
  | 'observedRecurseSubmodules'
  | 'observedInclude'
  | 'observedSparseCheckout'
  | 'includedArtifacts'
  | 'sourceVerificationMode'

/** What a published artifact was made of. */
export type ObservedContent = { readonly [K in Observed]?: GitRepositoryStatus[K] | undefined }

/**
 * Says whether what makes up an artifact's content, beside the commit, differs from what the
 * published one was made of; a verification that was not made yet counts.
 * @see source-controller gitrepository_controller.go gitContentConfigChanged (v1.9.1)
 */
export function hasContentChanged(
  spec: GitRepositorySpec,
  status: ObservedContent,
  includes: readonly Artifact[],
): boolean {
  const same =
    spec.ignore === status.observedIgnore &&
    (spec.recurseSubmodules ?? false) === (status.observedRecurseSubmodules ?? false) &&
    sameList(spec.sparseCheckout, status.observedSparseCheckout, (a, b) => a === b) &&
    sameList(spec.include, status.observedInclude, sameInclude) &&
    !haveIncludesChanged(includes, status.includedArtifacts)
  return !same || needsVerification(spec, status.sourceVerificationMode)
}

/** Says whether other artifacts are included than last time. */
export function haveIncludesChanged(
  now: readonly Artifact[],
  before: readonly Artifact[] | undefined,
): boolean {
  return !sameList(now, before, (a, b) => a.revision === b.revision && a.digest === b.digest)
}

function sameInclude(a: GitInclude, b: GitInclude): boolean {
  return (
    a.repository.name === b.repository.name &&
    (a.fromPath ?? '') === (b.fromPath ?? '') &&
    (a.toPath ?? '') === (b.toPath ?? '')
  )
}

function sameList<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
  same: (a: T, b: T) => boolean,
): boolean {
  const [left, right] = [a ?? [], b ?? []]
  return left.length === right.length && left.every((item, i) => same(item, right[i] ?? item))
}

/** What `spec.verify` asks for; `head` is an old spelling. */
export function verificationMode(
  spec: GitRepositorySpec,
): 'HEAD' | 'Tag' | 'TagAndHEAD' | undefined {
  if (spec.verify === undefined) return undefined
  const { mode = 'HEAD' } = spec.verify
  return mode === 'head' ? 'HEAD' : mode
}

function needsVerification(spec: GitRepositorySpec, observed: string | undefined): boolean {
  const mode = verificationMode(spec)
  if (mode === undefined) return false
  if (observed === undefined) return true
  return observed !== mode && observed !== 'TagAndHEAD'
}
