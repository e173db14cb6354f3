import type { Clock } from '../base/index.ts'

/** A token and when it ends, in milliseconds since the epoch. */
export interface Token<T> {
  readonly value: T
  readonly endsAt: number
}

/** A token is fetched anew this long before it ends. */
const MARGIN_MS = 5 * 60_000
/** Tokens that are kept. */
const MAX_TOKENS = 200

/**
 * Keeps tokens by name until shortly before they end. Two who ask at once get the same; one that
 * could not be had is not kept.
 */
export function tokenCache<T>(
  clock: Clock,
): (name: string, get: () => Promise<Token<T>>) => Promise<T> {
  const held = new Map<string, Promise<Token<T>>>()
  return async (name, get) => {
    const known = await held.get(name)?.catch(() => undefined)
    if (known !== undefined && known.endsAt - MARGIN_MS > clock.now()) return known.value
    if (held.size >= MAX_TOKENS) held.clear()
    const fresh = get()
    held.set(name, fresh)
    fresh.catch(() => held.delete(name))
    return (await fresh).value
  }
}
