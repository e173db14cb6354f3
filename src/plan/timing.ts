import type { KustomizationSpec } from '../api/index.ts'
import { parseDuration, type Random } from '../base/index.ts'

const TIMEOUT_MIN_MS = 30_000

/** How long health checks and terminations may take: the spec's timeout, or 30 s less than the interval; never under 30 s. */
export function effectiveTimeoutMs(spec: KustomizationSpec): number {
  const given = spec.timeout === undefined ? undefined : parseDuration(spec.timeout)
  return Math.max(TIMEOUT_MIN_MS, given ?? intervalMs(spec) - TIMEOUT_MIN_MS)
}

/** `spec.interval` in milliseconds. */
export function intervalMs(spec: KustomizationSpec): number {
  return parseDuration(spec.interval) ?? 0
}

/** How long after a failure the next try is made: `retryInterval`, else `interval`. */
export function retryIntervalMs(spec: KustomizationSpec): number {
  const given = spec.retryInterval === undefined ? undefined : parseDuration(spec.retryInterval)
  return given ?? intervalMs(spec)
}

/** The interval, up to `percent` longer or shorter, so that runs do not come in crowds. */
export function jitteredMs(ms: number, percent: number, random: Random): number {
  return ms * (1 + ((random.next() * 2 - 1) * percent) / 100)
}
