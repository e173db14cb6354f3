/** Randomness, as the rooms see it. */
export interface Random {
  /** In [0, 1). */
  next(): number
}

/** A repeatable generator (mulberry32) for tests and simulation. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0
      let t = state
      t = Math.imul(t ^ (t >>> 15), t | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    },
  }
}

/** A version 4 UUID drawn from the given randomness. */
export function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16))
  hex[12] = 4
  hex[16] = 8 + ((hex[16] ?? 0) % 4)
  const text = hex.map((digit) => digit.toString(16)).join('')
  return [8, 12, 16, 20, 32]
    .map((end, i, ends) => text.slice(i === 0 ? 0 : ends[i - 1], end))
    .join('-')
}
