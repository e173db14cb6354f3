import type { Dice, Tree } from './dice.ts'
import { knownTree } from './mutate-cases.ts'

/** What every JavaScript object has without being asked, and what Go's never has. */
const INHERITED = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  'isPrototypeOf',
]

/** One of the cases that we have, with some of its words made names that objects inherit. */
export function hostileTree(dice: Dice): Tree {
  let tree = knownTree(dice)
  for (const _ of dice.times(1, 3, () => 0)) {
    const words = Object.values(tree)
      .join('\n')
      .match(/[A-Za-z_][\w-]*/g) ?? ['x']
    const word = dice.pick(words)
    const name = dice.pick(INHERITED)
    const pattern = new RegExp(`(?<![\\w./-])${word}(?![\\w/-])`, dice.chance(0.7) ? 'g' : '')
    tree = Object.fromEntries(
      Object.entries(tree).map(([path, text]) => [path, text.replace(pattern, name)]),
    )
  }
  return tree
}
