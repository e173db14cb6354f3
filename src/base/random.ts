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
  const [a, b, c, d] = [word(random), word(random), word(random), word(random)]
  const variant = VARIANTS[Math.floor(random.next() * VARIANTS.length)] ?? ''
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

/** Eight digits. */
function word(random: Random): string {
  return Math.floor(random.next() * 2 ** 32)
    .toString(16)
    .padStart(8, '0')
}

const VARIANTS = '89ab'
