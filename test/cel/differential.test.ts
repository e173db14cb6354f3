import { type CelInput, isCelError, run } from '@bufbuild/cel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile, fluxEnvironment } from '../../src/cel/index.ts'

/** What expressions are about. Nothing in it is of two kinds, so that both engines see the same. */
const OBJECT = {
  n: 3,
  zero: 0,
  big: 9007199254740991,
  ratio: 0.5,
  text: 'Ready',
  empty: '',
  yes: true,
  no: false,
  list: [1, 2, 3],
  names: ['a', 'b'],
  nothing: [] as number[],
  map: { a: 'x', b: 'y' },
  conditions: [
    { type: 'Ready', status: 'True', count: 1 },
    { type: 'Stalled', status: 'False', count: 2 },
  ],
}

const pick = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)

const { bool } = fc.letrec<{ int: string; string: string; bool: string; list: string }>((tie) => {
  const int = fc.oneof(
    { maxDepth: 3 },
    pick('o.n', 'o.zero', 'o.list[0]', 'o.list[7]', '0', '1', '-2', '3', 'o.conditions[1].count'),
    fc.tuple(tie('int'), pick('+', '-', '*', '/', '%'), tie('int')).map(binary),
    tie('list').map((list) => `size(${list})`),
    tie('string').map((text) => `${text}.size()`),
    fc.tuple(tie('bool'), tie('int'), tie('int')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    tie('int').map((value) => `int(string(${value}))`),
  )
  const string = fc.oneof(
    { maxDepth: 3 },
    pick('o.text', 'o.empty', "'Rea'", "'x'", 'o.map.a', "o.map['b']", "o.map['no']", 'o.missing'),
    fc.tuple(tie('string'), fc.constant('+'), tie('string')).map(binary),
    fc.tuple(tie('bool'), tie('string'), tie('string')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    tie('int').map((value) => `string(${value})`),
  )
  const list = fc.oneof(
    { maxDepth: 2 },
    pick('o.list', 'o.nothing', '[1, 2]', '[3]'),
    fc.tuple(tie('list'), tie('int')).map(([l, v]) => `${l}.filter(x, x > ${v})`),
    fc.tuple(tie('list'), tie('int')).map(([l, v]) => `${l}.map(x, x * ${v})`),
    fc.tuple(tie('list'), fc.constant('+'), tie('list')).map(binary),
  )
  const compare = pick('==', '!=', '<', '<=', '>', '>=')
  const bool = fc.oneof(
    { maxDepth: 4 },
    pick(
      'true',
      'false',
      'o.yes',
      'o.no',
      'has(o.text)',
      'has(o.missing)',
      'has(o.map.a)',
      'o.gone.x',
    ),
    fc.tuple(tie('int'), compare, tie('int')).map(binary),
    fc.tuple(tie('string'), compare, tie('string')).map(binary),
    fc.tuple(tie('list'), pick('==', '!='), tie('list')).map(binary),
    fc.tuple(tie('bool'), pick('&&', '||', '==', '!='), tie('bool')).map(binary),
    tie('bool').map((value) => `!${value.startsWith('(') ? value : `(${value})`}`),
    fc.tuple(tie('int'), fc.constant('in'), tie('list')).map(binary),
    pick("'a' in o.map", "'no' in o.map", "'a' in o.names", '2 in o.list'),
    fc
      .tuple(tie('list'), pick('all', 'exists', 'exists_one'), compare, tie('int'))
      .map(([l, macro, op, v]) => `${l}.${macro}(x, x ${op} ${v})`),
    fc
      .tuple(tie('list'), pick('all', 'exists'), tie('bool'))
      .map(([l, m, b]) => `${l}.${m}(x, ${b})`),
    fc
      .tuple(tie('string'), pick('startsWith', 'endsWith', 'contains'), tie('string'))
      .map(([a, f, b]) => `${a}.${f}(${b})`),
    fc
      .tuple(tie('string'), pick("'^R.*y$'", "'a+'", "'[xy]'", "'(?i)ready'"))
      .map(([a, p]) => `${a}.matches(${p})`),
    pick("o.conditions.exists(c, c.type == 'Ready' && c.status == 'True')"),
    pick(
      "o.conditions.all(c, c.status == 'True')",
      'o.conditions.filter(c, c.count > 1).size() == 1',
    ),
  )
  return { int, string, bool, list }
})

function binary([a, op, b]: readonly [string, string, string]): string {
  return `(${a} ${op} ${b})`
}

/** The object with whole numbers as the judge wants them. */
function input(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(input)
  if (typeof value !== 'object' || value === null) return value as CelInput
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, input(item)]))
}

const INPUT = { o: input(OBJECT) }

function theirs(expression: string): unknown {
  try {
    const value: unknown = run(expression, INPUT)
    return isCelError(value) ? 'fault' : value
  } catch {
    return 'fault'
  }
}

function ours(expression: string): unknown {
  try {
    return compile(expression, fluxEnvironment()).evaluate({ o: OBJECT })
  } catch (error) {
    return error instanceof Error && Reflect.get(error, 'code') !== undefined ? 'fault' : error
  }
}

test('another engine makes the same of any expression', () => {
  fc.assert(
    fc.property(bool, (expression) => {
      expect({ expression, value: ours(expression) }).toEqual({
        expression,
        value: theirs(expression),
      })
    }),
    { numRuns: 600 },
  )
})
