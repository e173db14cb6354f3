import { createHash } from 'node:crypto'
import { TOKEN_CACHE_EVENTS, type TokenUse } from '../api/index.ts'
import { type Clock, type MetricDefinition, type Metrics, noMetrics } from '../base/index.ts'

/** A token and when it ends, in milliseconds since the epoch. */
export interface Token<T> {
  readonly value: T
  readonly endsAt: number
}

/** How many tokens are kept, and for how long at most. */
export interface TokenCacheOptions {
  readonly clock: Clock
  readonly metrics?: Metrics
  /** 0: none is kept. */
  readonly sizeMax?: number
  readonly durationMaxMs?: number
}

/** Gives the token of that name, asking for it when none is kept. */
export type Kept<T> = (name: string, get: () => Promise<Token<T>>, use?: TokenUse) => Promise<T>

/** Tokens of all kinds. */
export interface TokenCache {
  /** Those of one kind; each kind is asked for with one type alone. */
  of<T>(kind: string): Kept<T>
}

/** A token is used for this part of its life, as the kubelet does. */
const USED_PART = 0.8
const SIZE_MAX = 200
const DURATION_MAX_MS = 60 * 60_000

const ITEMS: MetricDefinition = {
  name: 'gotk_token_cached_items',
  help: 'Total number of items in the cache.',
  type: 'gauge',
  labels: [],
}
const REQUESTS: MetricDefinition = {
  name: 'gotk_token_cache_requests_total',
  help: 'Total number of cache requests partioned by success or failure.',
  type: 'counter',
  labels: ['status'],
}
const EVICTIONS: MetricDefinition = {
  name: 'gotk_token_cache_evictions_total',
  help: 'Total number of cache evictions.',
  type: 'counter',
  labels: [],
}

interface Entry {
  readonly value: Promise<unknown>
  untilMs: number
}

/**
 * Keeps tokens by name until shortly before they end. Two who ask at once get the same; one that
 * could not be had is not kept. A name has to hold all that decides whose token it is.
 * @see fluxcd/pkg cache v0.14 token.go
 */
export function createTokenCache(options: TokenCacheOptions): TokenCache {
  const { clock, metrics = noMetrics, sizeMax = SIZE_MAX } = options
  const longestMs = Math.min(options.durationMaxMs ?? DURATION_MAX_MS, DURATION_MAX_MS)
  const held = new Map<string, Entry>()
  const count = (): void => metrics.set(ITEMS, {}, held.size)
  metrics.add(EVICTIONS, {}, 0)
  count()
  const keep = (name: string, entry: Entry): void => {
    held.delete(name)
    held.set(name, entry)
    const [oldest] = held.keys()
    if (held.size > sizeMax && oldest !== undefined) {
      held.delete(oldest)
      metrics.add(EVICTIONS, {})
    }
    count()
  }
  const ask = (name: string, get: () => Promise<Token<unknown>>): Promise<unknown> => {
    const fresh = get()
    const entry: Entry = { value: fresh.then(({ value }) => value), untilMs: Infinity }
    if (sizeMax > 0) keep(name, entry)
    fresh.then(
      ({ endsAt }) => {
        const now = clock.now()
        entry.untilMs = now + Math.min((endsAt - now) * USED_PART, longestMs)
        metrics.add(REQUESTS, { status: 'success' })
      },
      () => {
        if (held.get(name) === entry) held.delete(name)
        metrics.add(REQUESTS, { status: 'failure' })
        count()
      },
    )
    return entry.value
  }
  return {
    of:
      <T>(kind: string): Kept<T> =>
      (given, get, use) => {
        const name = `${kind} ${given}`
        const known = held.get(name)
        const isGood = known !== undefined && known.untilMs > clock.now()
        if (use !== undefined)
          metrics.add(TOKEN_CACHE_EVENTS, {
            ...use,
            event_type: isGood ? 'cache_hit' : 'cache_miss',
          })
        if (!isGood) return ask(name, get) as Promise<T>
        keep(name, known)
        return known.value as Promise<T>
      },
  }
}

/** One text for many, which tells none of them: secrets are part of what a token is kept by. */
export function digestOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The tokens of a kind among those that are shared; else ones of its own. */
export function keptTokens<T>(
  options: { readonly clock: Clock; readonly tokens?: TokenCache },
  kind: string,
): Kept<T> {
  return (options.tokens ?? createTokenCache(options)).of<T>(kind)
}
