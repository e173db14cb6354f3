import { charge } from '../budget.ts'
import { EvalError, equalValues, noOverload, plainKey } from '../values.ts'
import type { Forms } from './forms.ts'

type List = readonly unknown[]

function joined(list: List, by?: string): string {
  const told = by === undefined ? 'join(list)' : 'join(list, string)'
  const texts = list.filter((item) => typeof item === 'string')
  if (texts.length < list.length) {
    // The first item tells what the list is taken for.
    if (typeof list[0] !== 'string') throw noOverload(told)
    const bad = list.find((item) => typeof item !== 'string')
    throw new EvalError(`join: invalid input: ${plainKey(bad)}`)
  }
  const text = texts.join(by ?? '')
  charge(text.length / 10)
  return text
}

function holdsAll(all: List, some: List): boolean {
  charge(all.length * some.length)
  return some.every((item) => all.some((other) => equalValues(other, item)))
}

/** Sets, and texts that are joined. @see google/cel-go v0.26.0 ext/sets.go, ext/strings.go */
export const collectionFunctions: Forms = {
  'join list': (list: List) => joined(list),
  'join list string': joined,
  'sets.contains list list': holdsAll,
  'sets.equivalent list list': (a: List, b: List) => holdsAll(a, b) && holdsAll(b, a),
  'sets.intersects list list': (a: List, b: List) => {
    charge(a.length * b.length)
    return a.some((item) => b.some((other) => equalValues(other, item)))
  },
}
