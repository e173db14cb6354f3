import type { FileTree } from '../base/index.ts'
import type { CloudCredentials } from './keys.ts'
import type { BucketSpec, LayerSelector, OciRepositorySpec } from './other-sources.ts'
import type { Artifact, GitRef } from './source.ts'

/** What to fetch from a Git host. */
export interface GitRequest {
  readonly url: string
  readonly ref: GitRef
  /** Data of `spec.secretRef`, decoded. */
  readonly credentials?: Readonly<Record<string, Uint8Array>>
  /** Data of `spec.proxySecretRef`, decoded. */
  readonly proxy?: Readonly<Record<string, Uint8Array>>
  readonly provider?: string
  readonly recurseSubmodules?: boolean
  readonly sparseCheckout?: readonly string[]
  /** Revision already held; when the host still has it, nothing is transferred. */
  readonly have?: string
  readonly signal: AbortSignal
}

/** A file tree that also knows which of its files may be executed. */
export interface SourceTree extends FileTree {
  /** Trees with the same one have the same content; absent where nobody can tell. */
  readonly identity?: string
  executable?(path: string): boolean
  /** A file in pieces, where it may be too large for the memory. */
  pieces?(path: string): FilePieces | undefined
}

/** A file that is read bit by bit. */
export interface FilePieces {
  /** Bytes of all pieces together. */
  readonly length: number
  readonly pieces: Iterable<Uint8Array>
}

/** Bytes that somebody signed, and the signature. */
export interface Signed {
  readonly payload: Uint8Array
  /** Armored; `''` when unsigned. */
  readonly signature: string
}

/** What a Git host gave. */
export interface GitCheckout {
  /** `branch@sha1:<hex>`, `tag@sha1:<hex>`, `sha1:<hex>`. */
  readonly revision: string
  /** 40 hex digits. */
  readonly commit: string
  /** First line of the commit message. */
  readonly subject: string
  /** The signature of the commit. */
  readonly signed: Signed
  /** The tag that led to the commit, where one was asked for. */
  readonly tag?: GitTag
  /** Content of the commit. Held until `release` is called. */
  readonly tree: SourceTree
  release(): void
}

/** A tag that led to a commit. */
export interface GitTag {
  readonly name: string
  /** The name of the tag object; of the commit, for a lightweight tag. */
  readonly oid: string
  /** Absent for a lightweight tag. */
  readonly signed?: Signed
}

/**
 * Fetches from Git hosts. What fails is a Fault whose `reason` is the condition's: GitOperationFailed,
 * AuthenticationFailed, EmptyGitRepository, URLInvalid (retry `stalled`).
 */
export interface Fetcher {
  /** Resolves with `unchanged` when the host still has the revision in `have`. */
  git(request: GitRequest): Promise<GitCheckout | 'unchanged'>
}

/** A user of a registry. */
export interface RegistryUser {
  readonly user: string
  readonly password: string
}

/** What to find in a registry. */
export interface OciRequest {
  /** `oci://<host>/<repository>`. */
  readonly url: string
  readonly ref?: OciRepositorySpec['ref']
  readonly layer?: LayerSelector
  /** Plain HTTP, or any certificate. */
  readonly insecure?: boolean
  /** Docker configurations (`.dockerconfigjson`), the first that names the registry counts. */
  readonly dockerConfigs?: readonly Uint8Array[]
  /** Asks a cloud as whom `host/repository` is pulled, where no configuration says it. */
  readonly login?: (repository: string) => Promise<RegistryUser>
  /** Data of `spec.certSecretRef`, decoded. */
  readonly tls?: Readonly<Record<string, Uint8Array>>
  /** Data of `spec.proxySecretRef`, decoded. */
  readonly proxy?: Readonly<Record<string, Uint8Array>>
  readonly signal: AbortSignal
}

/** Who must have signed an artifact. */
export type OciPolicy =
  | {
      readonly kind: 'cosign-keys'
      /** PEM; one of them suffices. */
      readonly keys: readonly string[]
    }
  | {
      readonly kind: 'cosign-keyless'
      /** Regular expressions, one pair of which must match; none: anybody. */
      readonly identities: readonly { readonly issuer: string; readonly subject: string }[]
      /** A Sigstore trusted root (JSON); that of Sigstore's public instance unless given. */
      readonly trustedRoot?: Uint8Array
    }
  | {
      readonly kind: 'notation'
      /** `trustpolicy.json`. */
      readonly trustPolicy: Uint8Array
      /** PEM. */
      readonly certificates: readonly Uint8Array[]
    }

/** An artifact that a registry has. */
export interface OciArtifact {
  /** `<tag>@sha256:<hex>`, or `sha256:<hex>` where a digest was asked for. */
  readonly revision: string
  /** `host/repository:tag` or `host/repository@sha256:<hex>`. */
  readonly reference: string
  /**
   * Answers whether it counts as verified: a policy may say to skip that.
   * @throws Fault OCI_VERIFY unless it is signed as the policy demands
   */
  verify(policy: OciPolicy): Promise<boolean>
  pull(): Promise<OciPull>
}

/** What a registry gave. */
export interface OciPull {
  /** Annotations of the manifest. */
  readonly annotations: Readonly<Record<string, string>>
  /** The layer unpacked, or as it is. Held until `release` is called. */
  readonly content: { readonly tree: SourceTree } | { readonly blob: FilePieces }
  release(): void
}

/**
 * Finds and pulls artifacts in OCI registries. What fails is a Fault with the code OCI_URL, OCI_AUTH,
 * OCI_TAG, OCI_DIGEST, OCI_VERIFY, OCI_PULL or OCI_LAYER.
 */
export interface Registry {
  find(request: OciRequest): Promise<OciArtifact>
}

/** What to write into a registry. */
export interface OciPushRequest extends Pick<OciRequest, 'insecure' | 'dockerConfigs' | 'login'> {
  /** `oci://<host>/<repository>`. */
  readonly url: string
  readonly tag: string
  readonly tree: SourceTree
  /** Rules in the form of .gitignore for what is left out. */
  readonly ignore: string
  /** RFC 3339; goes into the configuration of the artifact. */
  readonly created: string
  readonly annotations: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Where an artifact lies now. */
export interface OciPushed {
  /** `host/repository`. */
  readonly repository: string
  /** Of the manifest. */
  readonly digest: string
}

/** Writes artifacts into OCI registries. What fails is a Fault, OCI_PUSH for one. */
export interface RegistryWriter {
  push(request: OciPushRequest): Promise<OciPushed>
}

/** Logs in to the cloud that a bucket is in. */
export interface BucketLogin {
  aws(): Promise<NonNullable<CloudCredentials['aws']>>
  /** An access token for a resource. */
  azure(resource: string): Promise<string>
  /** An access token. */
  google(): Promise<string>
}

/** What to fetch from a bucket. */
export interface BucketRequest {
  readonly provider?: BucketSpec['provider']
  /** `host[:port]`; a whole address for Azure. */
  readonly endpoint: string
  readonly bucket: string
  readonly region?: string
  readonly prefix?: string
  /** Plain HTTP. */
  readonly insecure?: boolean
  /** `spec.ignore`. */
  readonly ignore?: string
  /** Data of `spec.secretRef`, decoded. */
  readonly credentials?: Readonly<Record<string, Uint8Array>>
  /** Name of that Secret, for messages. */
  readonly secretName?: string
  /** Logs in to the provider where no Secret says as whom. */
  readonly login?: BucketLogin
  /** `spec.sts` of the provider `generic`: where a directory's users get keys. */
  readonly sts?: {
    readonly endpoint: string
    readonly credentials?: Readonly<Record<string, Uint8Array>>
    readonly tls?: Readonly<Record<string, Uint8Array>>
  }
  /** Data of `spec.certSecretRef`, decoded. */
  readonly tls?: Readonly<Record<string, Uint8Array>>
  /** Data of `spec.proxySecretRef`, decoded. */
  readonly proxy?: Readonly<Record<string, Uint8Array>>
  /** Revision already held; when the bucket still has it, no object is fetched. */
  readonly have?: string
  readonly signal: AbortSignal
}

/** What a bucket holds. */
export interface BucketContent {
  /** `sha256:<hex>` over the keys and etags. */
  readonly revision: string
  /** How many objects. */
  readonly count: number
  /** Absent when the revision is the one that is held. Held until `release` is called. */
  readonly tree?: SourceTree
  release?(): void
}

/** Fetches from buckets. What fails is a Fault with the code BUCKET, or BUCKET_AUTH. */
export interface Buckets {
  /** Fetches no object when the bucket still has the revision in `have`. */
  fetch(request: BucketRequest): Promise<BucketContent>
}

/** Names the source that an artifact belongs to. */
export interface ArtifactOwner {
  /** `GitRepository`, `OCIRepository` … */
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Content of another artifact that goes into this one. */
export interface ArtifactInclude {
  /** The name of the included object, for messages. */
  readonly name: string
  readonly artifact: Artifact
  /** In the included artifact; `''` for all of it. */
  readonly fromPath: string
  /** In this artifact; nothing may be there yet. */
  readonly toPath: string
}

/** What to store. */
export interface ArtifactInput {
  readonly owner: ArtifactOwner
  readonly revision: string
  /** File name without directory, `<commit>.tar.gz`. */
  readonly file: string
  readonly tree: SourceTree
  /** Stored as it is, in place of the tree. */
  readonly blob?: FilePieces
  /** Stored whole: what goes in was chosen before. */
  readonly isWhole?: boolean
  /** Also served as `latest.tar.gz`. */
  readonly isLinked?: boolean
  /** `spec.ignore`; what the tree's own ignore files say acts in any case. */
  readonly ignore?: string
  readonly includes?: readonly ArtifactInclude[]
  readonly metadata?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The store of the artifacts that we publish. Paths are confined to it. */
export interface ArtifactStore {
  /**
   * Writes an artifact; a reader sees the old file or the new one, whole. What fails is a Fault whose
   * `reason` is the condition's.
   */
  put(input: ArtifactInput): Promise<Artifact>
  /** Says whether the stored file is there and still has its digest. */
  verify(artifact: Artifact): Promise<'ok' | 'missing' | 'spoilt'>
  /** The artifact with the address that it has now. */
  located(artifact: Artifact): Artifact
  /** Removes one stored file. */
  discard(artifact: Artifact): Promise<void>
  /** Removes what retention no longer keeps; answers the removed paths. */
  collect(owner: ArtifactOwner, current: Artifact): Promise<readonly string[]>
  /** Removes all artifacts of a source that is gone; says whether there were any. */
  remove(owner: ArtifactOwner): Promise<boolean>
}

/** Reads published artifacts as file trees, over HTTP, verified by digest, cached by digest. */
export interface ArtifactReader {
  /** @throws Fault ARTIFACT_NOT_FOUND on 404, ARTIFACT_DIGEST on a mismatch, ARTIFACT_FETCH else */
  open(artifact: Artifact, signal: AbortSignal): Promise<SourceTree>
}
