import {
  type Comprehension,
  callOf,
  type Expr,
  identOf,
  listExpr,
  literalOf,
  makeExpr,
} from './expr.ts'
import { BAD } from './reader.ts'
import type { Problem } from './tokens.ts'

const ACCU = '@result'
const OLD_ACCU = '__result__'

/** A call that may be a macro. */
export interface MacroCall {
  readonly at: number
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
}

/**
 * What a macro stands for; undefined: the call is none.
 * @see google/cel-go v0.26.0 parser/macro.go, ext/comprehensions.go, ext/lists.go, cel/library.go
 */
export function expanded(call: MacroCall, hasPairs: boolean): Expr | Problem | undefined {
  const { name, target, args } = call
  if (target === undefined)
    return name === 'has' && args.length === 1 && args[0] !== undefined
      ? hasOf(call.at, args[0])
      : undefined
  const { length } = args
  if (length === 2 && SINGLES.includes(name)) return loopOf(call, target, 1)
  if (length === 3 && name === 'map') return loopOf(call, target, 1)
  if (length === 2 && (name === 'optMap' || name === 'optFlatMap')) return optional(call, target)
  if (!hasPairs) return undefined
  if (length === 3 && PAIRS.includes(name)) return loopOf(call, target, 2)
  if (length === 4 && PAIRS.includes(name) && name.startsWith('transform'))
    return loopOf(call, target, 2)
  if (length === 2 && name === 'sortBy') return sorted(call, target)
  return undefined
}

const SINGLES = ['all', 'exists', 'exists_one', 'filter', 'map']

const PAIRS = [
  'all',
  'exists',
  'existsOne',
  'exists_one',
  'transformList',
  'transformMap',
  'transformMapEntry',
]

function hasOf(at: number, arg: Expr): Expr | Problem {
  if (arg.kind !== 'select' || arg.how === 'optional')
    return { at: arg === BAD ? at + 1 : arg.at, words: 'invalid argument to has() macro' }
  return makeExpr(at, { kind: 'select', operand: arg.operand, field: arg.field, how: 'test' })
}

function isProblem(found: readonly string[] | Problem): found is Problem {
  return 'words' in found
}

function namesOf(args: readonly Expr[], count: number, isSimple: boolean): string[] | Problem {
  const names: string[] = []
  const simple = isSimple ? 'argument must be a simple name' : 'argument is not an identifier'
  for (const arg of args.slice(0, count)) {
    if (arg.kind !== 'ident') return { at: arg.at, words: simple }
    if (names.includes(arg.name))
      return { at: arg.at, words: `duplicate variable name: ${arg.name}` }
    names.push(arg.name)
  }
  for (const [i, name] of names.entries())
    if (name === ACCU || name === OLD_ACCU)
      return { at: args[i]?.at ?? 0, words: 'iteration variable overwrites accumulator variable' }
  return names
}

interface Body {
  readonly at: number
  readonly names: readonly string[]
  readonly parts: readonly Expr[]
}

function loopOf({ at, name, args }: MacroCall, range: Expr, count: number): Expr | Problem {
  const isSimple = count === 2 || (name !== 'map' && name !== 'filter')
  const names = namesOf(args, count, isSimple)
  if (isProblem(names)) return names
  const body = { at, names, parts: args.slice(count) }
  const more = SHAPES[name]?.(body)
  return makeExpr(at, {
    kind: 'loop',
    range,
    names,
    accu: ACCU,
    start: listExpr(at, []),
    condition: literalOf(at, true),
    step: identOf(at, ACCU),
    result: identOf(at, ACCU),
    ...more,
  })
}

type Shape = (body: Body) => Partial<Comprehension>

const one: Shape = ({ at, parts: [predicate = literalOf(at, true)] }) => {
  const accu = (): Expr => identOf(at, ACCU)
  const more = callOf(at, '_+_', [accu(), literalOf(at, 1n)])
  return {
    start: literalOf(at, 0n),
    step: callOf(at, '_?_:_', [predicate, more, accu()]),
    result: callOf(at, '_==_', [accu(), literalOf(at, 1n)]),
  }
}

/** A step that is taken for what the first of two parts says, or for all where there is one. */
function stepped({ at, parts }: Body, step: (value: Expr) => Expr): Expr {
  const value = parts.at(-1) ?? literalOf(at, true)
  const [filter] = parts
  const taken = step(value)
  if (parts.length < 2 || filter === undefined) return taken
  return callOf(at, '_?_:_', [filter, taken, identOf(at, ACCU)])
}

function added(at: number, value: Expr): Expr {
  return callOf(at, '_+_', [identOf(at, ACCU), listExpr(at, [value])])
}

const emptyMap = (at: number): Expr =>
  makeExpr(at, { kind: 'map', entries: [], optional: new Set() })

const SHAPES: Readonly<Record<string, Shape>> = {
  all: ({ at, parts: [predicate = literalOf(at, true)] }) => ({
    start: literalOf(at, true),
    condition: callOf(at, '@not_strictly_false', [identOf(at, ACCU)]),
    step: callOf(at, '_&&_', [identOf(at, ACCU), predicate]),
  }),
  exists: ({ at, parts: [predicate = literalOf(at, true)] }) => ({
    start: literalOf(at, false),
    condition: callOf(at, '@not_strictly_false', [callOf(at, '!_', [identOf(at, ACCU)])]),
    step: callOf(at, '_||_', [identOf(at, ACCU), predicate]),
  }),
  exists_one: one,
  existsOne: one,
  map: (body) => ({ step: stepped(body, (value) => added(body.at, value)) }),
  filter: ({ at, names, parts: [predicate = literalOf(at, true)] }) => ({
    step: callOf(at, '_?_:_', [
      predicate,
      added(at, identOf(at, names[0] ?? '')),
      identOf(at, ACCU),
    ]),
  }),
  transformList: (body) => ({ step: stepped(body, (value) => added(body.at, value)) }),
  transformMap: (body) => {
    const key = (): Expr => identOf(body.at, body.names[0] ?? '')
    const put = (value: Expr): Expr =>
      callOf(body.at, 'cel.@mapInsert', [identOf(body.at, ACCU), key(), value])
    return { start: emptyMap(body.at), step: stepped(body, put) }
  },
  transformMapEntry: (body) => {
    const put = (value: Expr): Expr =>
      callOf(body.at, 'cel.@mapInsert', [identOf(body.at, ACCU), value])
    return { start: emptyMap(body.at), step: stepped(body, put) }
  },
}

/** A value under a name, for one expression. */
function bound(at: number, name: string, { value, inner }: { value: Expr; inner: Expr }): Expr {
  return makeExpr(at, {
    kind: 'loop',
    range: listExpr(at, []),
    names: ['#unused'],
    accu: name,
    start: value,
    condition: literalOf(at, false),
    step: identOf(at, name),
    result: inner,
  })
}

function optional({ at, name, args }: MacroCall, target: Expr): Expr | Problem {
  const [variable, inner] = args
  if (variable?.kind !== 'ident' || inner === undefined)
    return { at: variable?.at ?? at, words: `${name}() variable name must be a simple identifier` }
  const value = callOf(at, 'value', [], target)
  const made = bound(at, variable.name, { value, inner })
  return callOf(at, '_?_:_', [
    callOf(at, 'hasValue', [], target),
    name === 'optMap' ? callOf(at, 'optional.of', [made]) : made,
    callOf(at, 'optional.none', []),
  ])
}

const SORTABLE = ['list', 'select', 'ident', 'loop', 'call']
const SORTED = '@__sortBy_input__'

function sorted({ at, args }: MacroCall, target: Expr): Expr | Problem {
  if (!SORTABLE.includes(target.kind))
    return {
      at: target.at,
      words:
        'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
    }
  const keys = loopOf({ at, name: 'map', target, args }, identOf(at, SORTED), 1)
  if (!('kind' in keys)) return keys
  const inner = callOf(at, '@sortByAssociatedKeys', [keys], identOf(at, SORTED))
  return bound(at, SORTED, { value: target, inner })
}
