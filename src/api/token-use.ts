import type { MetricDefinition } from '../base/index.ts'

/** For which object, and for what of its reconciliation, a token is asked for. */
export type TokenUse = Readonly<Record<'kind' | 'namespace' | 'name' | 'operation', string>>

/** Counts by object how often a token was there, and how often not. */
export const TOKEN_CACHE_EVENTS: MetricDefinition = {
  name: 'gotk_token_cache_events_total',
  help: 'Total number of cache retrieval events for a Gitops Toolkit resource reconciliation.',
  type: 'counter',
  labels: ['event_type', 'kind', 'name', 'namespace', 'operation'],
}

/** The values of `event_type`. */
export const TOKEN_CACHE_EVENT_TYPES: readonly string[] = ['cache_hit', 'cache_miss']
