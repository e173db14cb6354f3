/** Feature gates of Flux's kustomize-controller, by name. */
export interface FeatureGates {
  readonly CacheSecretsAndConfigMaps: boolean
  readonly DisableStatusPollerCache: boolean
  readonly DisableFailFastBehavior: boolean
  readonly StrictPostBuildSubstitutions: boolean
  readonly GroupChangeLog: boolean
  readonly AdditiveCELDependencyCheck: boolean
  readonly ExternalArtifact: boolean
  readonly CancelHealthCheckOnNewRevision: boolean
  readonly DisableConfigWatchers: boolean
  readonly DirectSourceFetch: boolean
  readonly MigrateAPIVersion: boolean
  readonly ObjectLevelWorkloadIdentity: boolean
}

/** The gates as Flux 2.9.4 has them when nothing is said. */
export const DEFAULT_GATES: FeatureGates = {
  CacheSecretsAndConfigMaps: false,
  DisableStatusPollerCache: true,
  DisableFailFastBehavior: false,
  StrictPostBuildSubstitutions: true,
  GroupChangeLog: false,
  AdditiveCELDependencyCheck: false,
  ExternalArtifact: false,
  CancelHealthCheckOnNewRevision: false,
  DisableConfigWatchers: false,
  DirectSourceFetch: false,
  MigrateAPIVersion: false,
  ObjectLevelWorkloadIdentity: false,
}

/** How the reconciler of Kustomizations behaves; names and defaults are those of Flux's flags. */
export interface KustomizationOptions {
  readonly concurrent: number
  readonly concurrentSsa: number
  readonly requeueDependencyMs: number
  readonly minRetryMs: number
  readonly maxRetryMs: number
  readonly intervalJitterPercent: number
  /** Selects the Kustomizations that are seen; `''` selects all. */
  readonly watchLabelSelector: string
  readonly watchConfigsLabelSelector: string
  /** Absent: all namespaces. */
  readonly watchNamespace?: string
  readonly noCrossNamespaceRefs: boolean
  readonly noRemoteBases: boolean
  /** `host[:port]` that artifacts are read from (`host:*` any port, `*` any host); absent: any. */
  readonly artifactHosts?: readonly string[]
  readonly defaultServiceAccount: string
  /** For `spec.decryption` that names none. */
  readonly defaultDecryptionServiceAccount: string
  /** For `spec.kubeConfig.configMapRef` whose ConfigMap names none. */
  readonly defaultKubeconfigServiceAccount: string
  /** `--sops-vault-configmap`: the Vault servers that service accounts may log in to. */
  readonly sopsVaultConfigMap?: { readonly namespace: string; readonly name: string }
  readonly overrideManagers: readonly string[]
  /** Comma list of `group/Kind`. */
  readonly customApplyStageKinds: string
  readonly gates: FeatureGates
  /** `--sops-age-secret`: age keys for those that name no Secret of their own. */
  readonly sopsAgeSecret?: { readonly namespace: string; readonly name: string }
  /** No wake-ups beyond Flux's, and an Event on every run. */
  readonly fluxTiming: boolean
  /**
   * The directory that messages place an artifact's files in (Flux unpacks each into a folder of its
   * temporary directory and quotes paths there); nothing is ever written to it.
   */
  readonly tempDir: string
}

/** What Flux does when no flag is given. */
export const DEFAULT_OPTIONS: KustomizationOptions = {
  concurrent: 4,
  concurrentSsa: 4,
  requeueDependencyMs: 30_000,
  minRetryMs: 750,
  maxRetryMs: 900_000,
  intervalJitterPercent: 5,
  watchLabelSelector: '',
  watchConfigsLabelSelector: 'reconcile.fluxcd.io/watch=Enabled',
  noCrossNamespaceRefs: false,
  noRemoteBases: false,
  defaultServiceAccount: '',
  defaultDecryptionServiceAccount: '',
  defaultKubeconfigServiceAccount: '',
  overrideManagers: [],
  customApplyStageKinds: '',
  gates: DEFAULT_GATES,
  fluxTiming: false,
  tempDir: '/tmp',
}
