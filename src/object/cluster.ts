import { Fault } from '../base/index.ts'
import type { Json, JsonObject } from './json.ts'
import type { GroupKind, KubeObject, ObjectId } from './object.ts'

/** Where the objects of a kind live in the API. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The plural name in the URL. */
  readonly plural: string
  readonly namespaced: boolean
}

/** A list as the API answers it. */
export interface KubeList {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
}

/** Options of list and watch. */
export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Answer only metadata (PartialObjectMetadata). */
  readonly metadataOnly?: boolean
  readonly signal?: AbortSignal
}

/** What a watch tells, in order. `synced` says once that everything that existed has been told. */
export type WatchEvent =
  | { readonly type: 'upsert'; readonly object: KubeObject }
  | { readonly type: 'delete'; readonly object: KubeObject }
  | { readonly type: 'synced' }

/** Common to all writes. */
export interface WriteOptions {
  readonly fieldManager?: string
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

/** A patch, by its kind. */
export type PatchBody =
  | { readonly type: 'apply'; readonly value: KubeObject; readonly force?: boolean }
  | { readonly type: 'merge' | 'strategic'; readonly value: JsonObject }
  | { readonly type: 'json'; readonly value: readonly Json[] }

/** Names one object, and where it matters the version to speak with. */
export interface ObjectRef extends ObjectId {
  readonly version?: string
}

/** Options of delete. */
export interface DeleteOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
  readonly uid?: string
  readonly resourceVersion?: string
  readonly dryRun?: boolean
  readonly signal?: AbortSignal
}

/** Who asks. */
export interface Impersonation {
  readonly user: string
  readonly groups?: readonly string[]
}

/**
 * A Kubernetes API server, as the rooms above see it. Whatever it refuses is an {@link ApiFault}.
 * A kind that the server does not serve is an ApiFault with code NO_MATCH, from every verb.
 */
export interface Cluster {
  /** Finds where a kind lives; discovery is cached and asked again before a kind is given up. */
  resource(kind: GroupKind & { readonly version?: string }): Promise<Resource>
  get(
    ref: ObjectRef,
    options?: { readonly signal?: AbortSignal; readonly metadataOnly?: boolean },
  ): Promise<KubeObject>
  list(kind: GroupKind & { readonly version?: string }, options?: ListOptions): Promise<KubeList>
  /**
   * Tells what exists, then what changes, until the signal ends it. Lost connections, 410 Gone and
   * watches that died silently are healed inside; the objects that vanished meanwhile are told as
   * `delete`. Rejects only when the signal aborts, or the kind may not be watched (FORBIDDEN) or
   * does not exist (NO_MATCH).
   */
  watch(
    kind: GroupKind & { readonly version?: string },
    options: ListOptions & { readonly signal: AbortSignal },
  ): AsyncIterable<WatchEvent>
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  update(
    object: KubeObject,
    options?: WriteOptions & { readonly subresource?: string },
  ): Promise<KubeObject>
  patch(
    ref: ObjectRef,
    body: PatchBody,
    options?: WriteOptions & { readonly subresource?: string },
  ): Promise<KubeObject>
  /** Resolves when the server has taken the request in, not when the object is gone. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<void>
  /** A short-lived token of a service account, for one audience or the server's own. */
  serviceAccountToken(
    account: { readonly namespace: string; readonly name: string },
    audiences: readonly string[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<string>
  /** The same cluster, asked as somebody else. */
  as(who: Impersonation): Cluster
  /** Forgets what discovery said. */
  forgetDiscovery(): void
}

/** Codes of {@link ApiFault}, by the reason of the server's Status. */
export type ApiCode =
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'INVALID'
  | 'BAD_REQUEST'
  | 'FORBIDDEN'
  | 'UNAUTHORIZED'
  | 'EXPIRED'
  | 'TOO_MANY_REQUESTS'
  | 'UNSUPPORTED'
  | 'SERVER_ERROR'
  | 'NO_MATCH'
  | 'UNREACHABLE'

/** A refusal of the API server, or of the way to it. */
export class ApiFault extends Fault<ApiCode> {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** `reason` of the Status body (`Invalid`, `Conflict` …); `''` when it had none. */
  readonly apiReason: string
  /** `details` of the Status body. */
  readonly details: JsonObject | undefined
  /** What the server asked to wait before the next try. */
  readonly retryAfterMs: number | undefined

  constructor(init: {
    readonly code: ApiCode
    readonly message: string
    readonly status: number
    readonly apiReason?: string
    readonly details?: JsonObject
    readonly retryAfterMs?: number
    readonly cause?: unknown
  }) {
    super({ code: init.code, message: init.message, cause: init.cause })
    this.status = init.status
    this.apiReason = init.apiReason ?? ''
    this.details = init.details
    this.retryAfterMs = init.retryAfterMs
  }
}

/** Says whether a thrown value is a refusal of the API server with one of the codes given. */
export function isApiFault(error: unknown, ...codes: readonly ApiCode[]): error is ApiFault {
  return error instanceof ApiFault && (codes.length === 0 || codes.includes(error.code))
}
