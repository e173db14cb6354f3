import type { KubeObject } from '../object/index.ts'
import type { Condition } from './condition.ts'

/** `source.toolkit.fluxcd.io`. */
export const SOURCE_GROUP = 'source.toolkit.fluxcd.io'

/** A published artifact, as `status.artifact` of a source. */
export interface Artifact {
  /** `<kind>/<namespace>/<name>/<file>`. */
  readonly path: string
  readonly url: string
  /** `main@sha1:<hex>` and its kin. */
  readonly revision: string
  /** `sha256:<hex>` of the compressed file. */
  readonly digest?: string
  readonly lastUpdateTime: string
  readonly size?: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** `spec.ref` of a GitRepository. Precedence: commit, name, tag, semver, branch. */
export interface GitRef {
  readonly branch?: string
  readonly tag?: string
  readonly semver?: string
  readonly name?: string
  readonly commit?: string
}

/** `spec.include[]` of a GitRepository. */
export interface GitInclude {
  readonly repository: { readonly name: string }
  readonly fromPath?: string
  readonly toPath?: string
}

/** `spec` of a GitRepository. */
export interface GitRepositorySpec {
  readonly url: string
  readonly interval: string
  readonly timeout?: string
  readonly ref?: GitRef
  readonly secretRef?: { readonly name: string }
  readonly provider?: 'generic' | 'aws' | 'azure' | 'github'
  readonly serviceAccountName?: string
  readonly verify?: {
    readonly mode?: 'HEAD' | 'head' | 'Tag' | 'TagAndHEAD'
    readonly secretRef: { readonly name: string }
  }
  readonly proxySecretRef?: { readonly name: string }
  readonly ignore?: string
  readonly suspend?: boolean
  readonly recurseSubmodules?: boolean
  readonly include?: readonly GitInclude[]
  readonly sparseCheckout?: readonly string[]
}

/** `status` of a GitRepository. */
export interface GitRepositoryStatus {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly artifact?: Artifact
  readonly includedArtifacts?: readonly Artifact[]
  readonly observedIgnore?: string
  readonly observedRecurseSubmodules?: boolean
  readonly observedInclude?: readonly GitInclude[]
  readonly observedSparseCheckout?: readonly string[]
  readonly sourceVerificationMode?: string
  readonly lastHandledReconcileAt?: string
}

/** A GitRepository object. */
export interface GitRepository extends KubeObject {
  readonly spec: GitRepositorySpec
  readonly status?: GitRepositoryStatus
}
