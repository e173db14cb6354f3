import type { Clock, Log, Random } from '../base/index.ts'
import type { KubeObject } from '../object/index.ts'
import type { Registry } from './registry.ts'
import type { Store } from './store/store.ts'

/** Who asks. */
export interface User {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What every part of the server works with. */
export interface Core {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly store: Store
  readonly registry: Registry
  readonly admit: Admission
}

/**
 * A mutating admission step in this process: after defaults and field tracking, before validation,
 * for dry runs too, as mutating webhooks are. To refuse it throws a StatusFault.
 */
export type Admission = (
  object: KubeObject,
  request: { readonly operation: 'CREATE' | 'UPDATE'; readonly dryRun: boolean },
) => KubeObject

/** The identity that the server itself acts with. */
export const SYSTEM_USER: User = { name: 'system:apiserver', groups: ['system:masters'] }
