import type { FileTree } from '../base/index.ts'
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

/** What a Git host gave. */
export interface GitCheckout {
  /** `branch@sha1:<hex>`, `tag@sha1:<hex>`, `sha1:<hex>`. */
  readonly revision: string
  /** 40 hex digits. */
  readonly commit: string
  /** First line of the commit message. */
  readonly subject: string
  /** Content of the commit. Held until `release` is called. */
  readonly tree: FileTree & { readonly executable?: (path: string) => boolean }
  release(): void
}

/** Fetches from Git hosts. */
export interface Fetcher {
  /** Resolves with `unchanged` when the host still has the revision in `have`. */
  git(request: GitRequest): Promise<GitCheckout | 'unchanged'>
}

/** Names the source that an artifact belongs to. */
export interface ArtifactOwner {
  /** `GitRepository`, `OCIRepository` … */
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** What to store. */
export interface ArtifactInput {
  readonly owner: ArtifactOwner
  readonly revision: string
  /** File name without directory, `<commit>.tar.gz`. */
  readonly file: string
  readonly tree: FileTree & { readonly executable?: (path: string) => boolean }
  /** Says which paths go into the artifact; directories end in `/`. */
  readonly includes: (path: string) => boolean
  readonly metadata?: Readonly<Record<string, string>>
}

/** The store of artifacts, and the reader of those that others publish. */
export interface ArtifactStore {
  put(input: ArtifactInput): Promise<Artifact>
  /** Says whether the stored file is there and still has its digest. */
  verify(artifact: Artifact): Promise<'ok' | 'missing' | 'spoilt'>
  /** Removes what retention no longer keeps; answers the removed paths. */
  collect(owner: ArtifactOwner, current: Artifact | undefined): Promise<readonly string[]>
  /** Removes all artifacts of a source that is gone. */
  remove(owner: ArtifactOwner): Promise<void>
}

/** Reads published artifacts as file trees, over HTTP, verified by digest, cached by digest. */
export interface ArtifactReader {
  /** @throws Fault ARTIFACT_NOT_FOUND on 404, ARTIFACT_DIGEST on a mismatch, ARTIFACT_FETCH else */
  open(artifact: Artifact, signal: AbortSignal): Promise<FileTree>
}
