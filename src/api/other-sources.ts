import type { KubeObject } from '../object/index.ts'
import type { Condition } from './condition.ts'
import type { Artifact } from './source.ts'

interface Ref {
  readonly name: string
}

/** `spec.layerSelector` of an OCIRepository. */
export interface LayerSelector {
  readonly mediaType?: string
  readonly operation?: 'extract' | 'copy'
}

/** `spec` of an OCIRepository. */
export interface OciRepositorySpec {
  readonly url: string
  readonly interval: string
  readonly timeout?: string
  readonly ref?: {
    readonly digest?: string
    readonly semver?: string
    readonly semverFilter?: string
    readonly tag?: string
  }
  readonly layerSelector?: LayerSelector
  readonly provider?: 'generic' | 'aws' | 'azure' | 'gcp'
  readonly secretRef?: Ref
  readonly serviceAccountName?: string
  readonly certSecretRef?: Ref
  readonly proxySecretRef?: Ref
  readonly insecure?: boolean
  readonly verify?: {
    readonly provider: 'cosign' | 'notation'
    readonly secretRef?: Ref
    readonly matchOIDCIdentity?: readonly { readonly issuer: string; readonly subject: string }[]
    readonly trustedRootSecretRef?: Ref
  }
  readonly ignore?: string
  readonly suspend?: boolean
}

/** What the status of every source has. */
export interface SourceStatus {
  readonly observedGeneration?: number
  readonly conditions?: readonly Condition[]
  readonly artifact?: Artifact
  readonly lastHandledReconcileAt?: string
}

/** `status` of an OCIRepository. */
export interface OciRepositoryStatus extends SourceStatus {
  readonly observedIgnore?: string
  readonly observedLayerSelector?: LayerSelector
  readonly url?: string
}

/** `spec` of a Bucket. */
export interface BucketSpec {
  readonly bucketName: string
  readonly endpoint: string
  readonly interval: string
  readonly timeout?: string
  readonly provider?: 'generic' | 'aws' | 'gcp' | 'azure'
  readonly region?: string
  readonly prefix?: string
  readonly insecure?: boolean
  readonly secretRef?: Ref
  readonly certSecretRef?: Ref
  readonly proxySecretRef?: Ref
  readonly serviceAccountName?: string
  readonly sts?: {
    readonly provider: 'aws' | 'ldap'
    readonly endpoint: string
    readonly secretRef?: Ref
    readonly certSecretRef?: Ref
  }
  readonly ignore?: string
  readonly suspend?: boolean
}

/** `status` of a Bucket. */
export interface BucketStatus extends SourceStatus {
  readonly observedIgnore?: string
  readonly url?: string
}

/** `spec` of an ExternalArtifact. */
export interface ExternalArtifactSpec {
  readonly sourceRef?: {
    readonly apiVersion?: string
    readonly kind: string
    readonly name: string
    readonly namespace?: string
  }
}

/** An OCIRepository object. */
export interface OciRepository extends KubeObject {
  readonly spec: OciRepositorySpec
  readonly status?: OciRepositoryStatus
}

/** A Bucket object. */
export interface Bucket extends KubeObject {
  readonly spec: BucketSpec
  readonly status?: BucketStatus
}

/** An ExternalArtifact object. */
export interface ExternalArtifact extends KubeObject {
  readonly spec?: ExternalArtifactSpec
  readonly status?: Pick<SourceStatus, 'artifact' | 'conditions'>
}
