/**
 * When a Lease was renewed last, in memory that two threads share: the one that renews writes it, the
 * one that asks whether it may write to the cluster reads it, however late its own events are.
 */
export interface LeaseStamp {
  readonly memory: SharedArrayBuffer
}

const NANOSECONDS_A_MS = 1e6

/** A stamp that says: never. */
export function createStamp(): LeaseStamp {
  return { memory: new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT) }
}

/** Notes a renewal that was begun so long ago. */
export function stampRenewal(stamp: LeaseStamp, ageMs: number): void {
  const view = new BigInt64Array(stamp.memory)
  const ageNs = BigInt(Math.ceil(ageMs * NANOSECONDS_A_MS))
  Atomics.store(view, 0, process.hrtime.bigint() - ageNs)
  Atomics.store(view, 1, BigInt(Math.floor(Date.now() - ageMs)))
}

/**
 * How long ago the last renewal was begun: by the clock that nobody sets, and by that of the wall,
 * which goes on while a machine sleeps; the greater counts. Infinite without a renewal.
 */
export function stampAgeMs(stamp: LeaseStamp): number {
  const view = new BigInt64Array(stamp.memory)
  const renewed = Atomics.load(view, 0)
  if (renewed === 0n) return Number.POSITIVE_INFINITY
  const steady = Number(process.hrtime.bigint() - renewed) / NANOSECONDS_A_MS
  const wall = Date.now() - Number(Atomics.load(view, 1))
  return Math.max(steady, wall)
}
