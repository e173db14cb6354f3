/** The least and the most of something: of a cost, or of a size. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** The most that Go's numbers hold. */
export const MOST: number = 2 ** 64

export const NONE: Range = { min: 0, max: 0 }
export const ONE: Range = { min: 1, max: 1 }
/** Anything, for all that is known. */
export const UNKNOWN: Range = { min: 0, max: MOST }

/** Exactly so much. */
export function fixed(value: number): Range {
  return { min: value, max: value }
}

/** Both together. */
export function plus(...ranges: readonly Range[]): Range {
  return ranges.reduce(
    (sum, each) => ({
      min: Math.min(MOST, sum.min + each.min),
      max: Math.min(MOST, sum.max + each.max),
    }),
    NONE,
  )
}

/** One for each of the other. */
export function product(a: Range, b: Range): Range {
  return { min: Math.min(MOST, a.min * b.min), max: Math.min(MOST, a.max * b.max) }
}

/** So many times, rounded up. */
export function scaled(range: Range, factor: number): Range {
  const one = (value: number): number => Math.min(MOST, Math.ceil(value * factor))
  return { min: one(range.min), max: one(range.max) }
}

/** Either of both. */
export function either(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}
