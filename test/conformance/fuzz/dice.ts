import type { Random } from '../../../src/base/index.ts'

/** Files by path. */
export type Tree = Record<string, string>

/** Draws from a seeded stream. */
export class Dice {
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random.next() * list.length)] as T
  }

  some<T>(list: readonly T[], most: number): T[] {
    const count = 1 + Math.floor(this.random.next() * most)
    return Array.from({ length: count }, () => this.pick(list))
  }

  chance(share: number): boolean {
    return this.random.next() < share
  }

  below(limit: number): number {
    return Math.floor(this.random.next() * limit)
  }

  times<T>(least: number, most: number, make: (i: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, i) => make(i))
  }
}
