import type { Json, JsonObject } from '../../object/index.ts'

/**
 * What becomes of objects by themselves: who is meant, after what time, and what is then written.
 *
 * ```yaml
 * name: certificate-ready
 * kind: cert-manager.io/Certificate        # Pod, apps/Deployment; `*`: every stand-in kind
 * match:                                   # all must hold; paths as in printer columns
 *   metadata.deletionTimestamp: null       # null: absent; a list: one of them
 *   status.observedGeneration: { not: '${metadata.generation}' }
 * delayMs: 500                             # absent: the delay that the server was given
 * conditions:                              # put into status.conditions by type
 *   - { type: Ready, status: 'True', reason: Ready, message: Certificate is up to date }
 * status:                                  # merged into status (RFC 7396)
 *   observedGeneration: '${metadata.generation}'
 * ```
 *
 * Texts may hold `${path}`; a text that is nothing else becomes the value itself. `${now}` is the
 * time, `${podIP}` an address of its own. `{ forEach: path, value: … }` makes a list; in its value
 * `${each.path}` reads the item.
 */
export interface Lifecycle {
  readonly name: string
  /** Kind, with its group before a slash; `*` for all kinds whose CRD says that it is a stand-in. */
  readonly kind: string
  readonly match?: Readonly<Record<string, Wanted>>
  readonly delayMs?: number
  readonly status?: JsonObject
  readonly conditions?: readonly LifecycleCondition[]
  /** Takes the object away, whatever its grace period. */
  readonly remove?: boolean
  readonly event?: {
    readonly type: 'Normal' | 'Warning'
    readonly reason: string
    readonly message: string
  }
}

/** What a field must be: a value, absent (null), one of several, or not a value (`not: null`: there). */
export type Wanted = Json | { readonly not: Json }

/** A condition that a lifecycle sets. */
export interface LifecycleCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  /** Only where objects of the kind carry it. */
  readonly observedGeneration?: string
}
