/** What a reason of a condition or an Event says, and what whoever reads it can do. */
export interface ReasonText {
  /** Kinds whose conditions or Events have it. */
  readonly on: 'Kustomization' | 'sources' | 'Receiver' | 'all'
  readonly means: string
  /** `''`: nothing. */
  readonly todo: string
}

function text(on: ReasonText['on'], means: string, todo = ''): ReasonText {
  return { on, means, todo }
}

/** Every reason that the reconcilers give, as Flux has them. */
export const REASONS: Readonly<Record<string, ReasonText>> = {
  AccessDenied: text(
    'Kustomization',
    'The Kustomization refers to an object of another namespace, or to an ExternalArtifact, and the controller is set up not to allow that.',
    'Move the source into the namespace, or start the controller without `--no-cross-namespace-refs`, or with the gate `ExternalArtifact`.',
  ),
  ArchiveOperationFailed: text(
    'sources',
    'The artifact could not be written to the storage.',
    'Look at the room in the volume of `/data` and at the rights on it.',
  ),
  ArtifactFailed: text(
    'Kustomization',
    'There is no artifact to build from: the source is missing, has not been fetched yet, or its artifact cannot be read.',
    'Look at the source that `spec.sourceRef` names; it has the cause in its own conditions.',
  ),
  ArtifactUpToDate: text('sources', 'The host still has what is published.'),
  ArtifactVerificationFailed: text(
    'sources',
    'The stored artifact is not what was published; it is made anew.',
    'When it happens again, look for who else writes to the volume, and at the disk.',
  ),
  AuthenticationFailed: text(
    'sources',
    'The host refused the credentials, or they cannot be read.',
    'Look at the Secret that `spec.secretRef` names: its keys, and whether what is in them is still valid.',
  ),
  BucketOperationFailed: text(
    'sources',
    'The bucket could not be listed or read.',
    'Look at the name, the region and the endpoint, and at the rights of the credentials.',
  ),
  BuildFailed: text(
    'Kustomization',
    'The manifests could not be built, decrypted or filled with variables.',
    'The message ends with the file and the line. `tidegate build` gives the same on your machine.',
  ),
  CopyFailure: text(
    'sources',
    'What `spec.include` names could not be copied in.',
    'Look at `fromPath`, and whether the included source has an artifact.',
  ),
  DependencyNotReady: text(
    'Kustomization',
    'Something that `spec.dependsOn` names is not ready; this one starts the moment that it is.',
    'Look at the one that the message names. A circle is named whole.',
  ),
  DirectoryCreationFailed: text(
    'sources',
    'The folder of the artifact could not be made.',
    'Look at the volume of `/data`.',
  ),
  EmptyGitRepository: text('sources', 'The repository has no commits.', 'Push one.'),
  Failed: text('sources', 'The reconciliation failed; the message says why.', 'See the message.'),
  FeatureGateDisabled: text(
    'all',
    'A field needs a feature gate that is off.',
    'Start the controller with the gate that the message names in `--feature-gates`.',
  ),
  FetchFailed: text(
    'sources',
    'The condition of this name is True while the host cannot be fetched from.',
    'Its reason says what failed.',
  ),
  FieldManagerConflict: text(
    'Kustomization',
    'Another manager owns a field that is to be applied.',
    'Decide who owns it: take it out of Git, or let the other let go of it.',
  ),
  GarbageCollectionSucceeded: text('sources', 'Old artifacts were removed.'),
  GitOperationFailed: text(
    'sources',
    'The repository could not be fetched.',
    'The message has the words of the host: look at `spec.url`, `spec.ref`, the network, the certificate.',
  ),
  GitOperationSucceeded: text('sources', 'The repository can be fetched again.'),
  HealthCheckCanceled: text(
    'Kustomization',
    'Something new came in while health was waited for; the run begins anew with it.',
  ),
  HealthCheckFailed: text(
    'Kustomization',
    'What was applied did not become ready within `spec.timeout`, or failed.',
    'The message names the objects and, where it is known, the cause at the pod. Give more time by `spec.timeout`, if that is all.',
  ),
  IllegalPath: text(
    'sources',
    'A path leads out of the storage.',
    'Report it: names cannot do that.',
  ),
  IncludeUnavailable: text(
    'sources',
    'The condition of this name is True while something that `spec.include` names has no artifact.',
    'Look at the included source.',
  ),
  InvalidCELExpression: text(
    'all',
    'An expression can not work, whatever happens.',
    'Correct `healthCheckExprs`, `readyExpr` or `resourceFilter`; the message has the place.',
  ),
  InvalidCommitSignature: text(
    'sources',
    'The signature of the commit is none of the keys that are trusted.',
    'Find out who made the commit; add the key to the Secret of `spec.verify` if it is to be trusted.',
  ),
  InvalidGitObject: text(
    'sources',
    'A commit or tag has no signature, or none that can be read.',
    'Sign it.',
  ),
  InvalidProviderConfiguration: text(
    'sources',
    '`spec.provider` and the Secret do not go together.',
    'Give what the provider needs; the message names the field.',
  ),
  InvalidTagSignature: text(
    'sources',
    'The signature of the tag is none of the keys that are trusted.',
    'As with InvalidCommitSignature.',
  ),
  InvalidVerificationMode: text(
    'sources',
    '`spec.verify.mode` does not fit `spec.ref`.',
    'Tags are verified where `spec.ref` names one.',
  ),
  MirrorPrune: text('Kustomization', 'The finalizer of a deletion follows `spec.prune`.'),
  NewArtifact: text('sources', 'A new revision was fetched and published.'),
  NewRevision: text('sources', 'A new revision was found; its artifact is being made.'),
  NoArtifact: text(
    'sources',
    'An included source has no artifact yet.',
    'Look at the included source.',
  ),
  NotFound: text('sources', 'An included source does not exist.', 'Look at `spec.include`.'),
  Progressing: text('all', 'Work is under way.'),
  ProgressingWithRetry: text('all', 'The last try failed; another one follows.', 'Ready says why.'),
  PruneFailed: text(
    'Kustomization',
    'What left Git could not be deleted, or the build became empty and would delete everything.',
    'Look at the message. For an empty build that is meant, annotate with `tidegate.dev/prune-all: enabled`.',
  ),
  ReadOperationFailed: text(
    'sources',
    'A layer could not be read.',
    'Look at `spec.layerSelector` and the artifact.',
  ),
  ReconciliationFailed: text(
    'Kustomization',
    'The cluster refused something: every refusal is in the message, with the file that it came from.',
    'Correct what is in Git, or the rights of the service account that applies.',
  ),
  ReconciliationSucceeded: text(
    'Kustomization',
    'Everything is applied, and healthy where that is asked for.',
  ),
  Succeeded: text('all', 'All is well.'),
  TokenNotFound: text('Receiver', 'The Secret has no token.', 'Give it the key `token`.'),
  ValidationFailed: text('Receiver', 'The spec does not make sense.', 'See the message.'),
  VerificationError: text(
    'sources',
    'The signature could not be verified: there is no key, or none fits.',
    'Look at the Secret of `spec.verify`.',
  ),
  WaitForTermination: text('Kustomization', 'A deletion waits until all objects are gone.'),
}
