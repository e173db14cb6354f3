import { uuid } from '../base/index.ts'
import type { Core } from './core.ts'
import type { Kind } from './kind.ts'

/** So that a name of a label's length comes of it. */
const LONGEST_GENERATE = 58

/** The name of an object that came without one. LimitRanges get a name in any case. */
export function drawnName(core: Core, kind: Kind, generateName: string): string {
  if (generateName !== '') return generateName.slice(0, LONGEST_GENERATE) + suffix(core)
  return kind.group === '' && kind.kind === 'LimitRange' ? uuid(core.random) : ''
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Five characters for generateName, from the alphabet that spells no words. */
export function suffix(core: Pick<Core, 'random'>, length = 5): string {
  return Array.from(
    { length },
    () => LETTERS[Math.floor(core.random.next() * LETTERS.length)] ?? 'x',
  ).join('')
}
