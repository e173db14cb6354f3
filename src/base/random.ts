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
  let text = ''
  for (let i = 0; i < 32; i += 1) {
    const digit = Math.floor(random.next() * 16)
    if (i === 8 || i === 12 || i === 16 || i === 20) text += '-'
    text += HEX[i === 12 ? 4 : i === 16 ? 8 + (digit % 4) : digit] ?? ''
  }
  return text
}

const HEX = '0123456789abcdef'
