import type { KubeObject } from '../object/index.ts'
import type { Condition } from './condition.ts'

/** `kustomize.toolkit.fluxcd.io`. */
export const KUSTOMIZE_GROUP = 'kustomize.toolkit.fluxcd.io'

/** Which objects a patch or an ignore rule is for: kustomize's selector, all parts are regexes. */
export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly annotationSelector?: string
  readonly labelSelector?: string
}

/** `spec.dependsOn[]`. */
export interface Dependency {
  readonly name: string
  readonly namespace?: string
  readonly readyExpr?: string
}

/** `spec.sourceRef`. */
export interface SourceRef {
  readonly apiVersion?: string
  readonly kind: 'OCIRepository' | 'GitRepository' | 'Bucket' | 'ExternalArtifact'
  readonly name: string
  readonly namespace?: string
}

/** `spec.postBuild.substituteFrom[]`. */
export interface SubstituteReference {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly name: string
  readonly optional?: boolean
}

/** `spec.healthChecks[]`. */
export interface HealthCheckRef {
  readonly apiVersion?: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** `spec.healthCheckExprs[]`. */
export interface HealthCheckExpr {
  readonly apiVersion: string
  readonly kind?: string
  readonly current: string
  readonly inProgress?: string
  readonly failed?: string
}

/** `spec` of a Kustomization. Durations are Go duration strings. */
export interface KustomizationSpec {
  readonly commonMetadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly dependsOn?: readonly Dependency[]
  readonly decryption?: {
    readonly provider: 'sops'
    readonly serviceAccountName?: string
    readonly secretRef?: { readonly name: string }
  }
  readonly interval: string
  readonly retryInterval?: string
  readonly kubeConfig?: {
    readonly secretRef?: { readonly name: string; readonly key?: string }
    readonly configMapRef?: { readonly name: string }
  }
  readonly path?: string
  readonly postBuild?: {
    readonly substitute?: Readonly<Record<string, string>>
    readonly substituteFrom?: readonly SubstituteReference[]
    readonly substituteStrategy?: 'WithVariables' | 'Always'
  }
  readonly prune: boolean
  readonly deletionPolicy?: 'MirrorPrune' | 'Delete' | 'WaitForTermination' | 'Orphan'
  readonly healthChecks?: readonly HealthCheckRef[]
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly patches?: readonly { readonly patch: string; readonly target?: Selector }[]
  readonly images?: readonly {
    readonly name: string
    readonly newName?: string
    readonly newTag?: string
    readonly digest?: string
  }[]
  readonly serviceAccountName?: string
  readonly sourceRef: SourceRef
  readonly suspend?: boolean
  readonly targetNamespace?: string
  readonly timeout?: string
  readonly force?: boolean
  readonly wait?: boolean
  readonly components?: readonly string[]
  readonly ignoreMissingComponents?: boolean
  readonly healthCheckExprs?: readonly HealthCheckExpr[]
  readonly buildMetadata?: readonly ('originAnnotations' | 'transformerAnnotations')[]
  readonly ignore?: readonly { readonly paths: readonly string[]; readonly target?: Selector }[]
}

/** One entry of `status.inventory.entries`. */
export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`. */
  readonly id: string
  /** API version without its group. */
  readonly v: string
}

/** One entry of `status.history`. */
export interface HistoryEntry {
  readonly digest: string
  readonly firstReconciled: string
  readonly lastReconciled: string
  readonly lastReconciledDuration: string
  readonly lastReconciledStatus: string
  readonly totalReconciliations: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** `status` of a Kustomization. */
export interface KustomizationStatus {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly lastAppliedRevision?: string
  readonly lastAppliedOriginRevision?: string
  readonly lastAttemptedRevision?: string
  readonly lastHandledReconcileAt?: string
  readonly inventory?: { readonly entries: readonly InventoryEntry[] }
  readonly history?: readonly HistoryEntry[]
}

/** A Kustomization object of Flux. */
export interface Kustomization extends KubeObject {
  readonly spec: KustomizationSpec
  readonly status?: KustomizationStatus
}
