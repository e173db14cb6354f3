import { isNode, type Node } from '../ast.ts'
import type { Type } from './type.ts'

/** An expression without macros, as cel-go checks it; its type is put there when it is checked. */
export type Expr = {
  /** Where messages point at. */
  readonly at: number
  type: Type | undefined
  overloads: readonly string[]
} & (
  | { readonly kind: 'literal'; readonly value: unknown; readonly literal: Type['kind'] }
  | { readonly kind: 'ident'; readonly name: string }
  | {
      readonly kind: 'select'
      readonly operand: Expr
      readonly field: string
      readonly how: 'value' | 'test' | 'optional'
    }
  | {
      readonly kind: 'call'
      name: string
      target: Expr | undefined
      readonly args: readonly Expr[]
    }
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Expr, Expr])[] }
  | Comprehension
)

interface Comprehension {
  readonly kind: 'loop'
  readonly range: Expr
  /** One name: of items or keys; two: of indexes or keys, and of values. */
  readonly names: readonly string[]
  readonly accu: string
  readonly start: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

/** An expression of a kind. */
export type ExprOf<K extends Expr['kind']> = Extract<Expr, { kind: K }>

const ACCU = '@result'

type Bare<T> = T extends unknown ? Omit<T, 'at' | 'type' | 'overloads'> : never

function make(at: number, expr: Bare<Expr>): Expr {
  return { ...expr, at, type: undefined, overloads: [] } as Expr
}

/** What is to be lowered, and its text. */
interface Source {
  readonly expression: string
}

/** A parsed expression without its macros; undefined for what has no such form here. */
export function lowered(root: unknown, expression: string): Expr | undefined {
  try {
    return lower(root, { expression })
  } catch (error) {
    if (error instanceof NotLowered) return undefined
    throw error
  }
}

class NotLowered extends Error {}

function lower(value: unknown, source: Source): Expr {
  if (!isNode(value)) throw new NotLowered()
  const args: readonly unknown[] = Array.isArray(value.args) ? value.args : [value.args]
  switch (value.op) {
    case 'value':
      return literal(value)
    case 'id':
      return make(value.start, { kind: 'ident', name: String(value.args) })
    case '.':
    case '.?': {
      const operand = lower(args[0], source)
      const from = isNode(args[0]) ? args[0].end : value.start
      const at = source.expression.indexOf('.', from)
      const how = value.op === '.' ? 'value' : 'optional'
      return make(at, { kind: 'select', operand, field: String(args[1]), how })
    }
    case 'list':
      return make(value.start, { kind: 'list', items: args.map((each) => lower(each, source)) })
    case 'map':
      return make(value.start, {
        kind: 'map',
        entries: args.map((each): [Expr, Expr] => {
          const [key, item] = Array.isArray(each) ? (each as unknown[]) : []
          return [lower(key, source), lower(item, source)]
        }),
      })
    case 'call':
      return called(value, args, source)
    case 'rcall':
      return member(value, args, source)
    default:
      return operation(value, args, source)
  }
}

function literal(node: Node): Expr {
  const { args: value } = node
  const kinds: Readonly<Record<string, Type['kind']>> = {
    bigint: 'int',
    number: 'double',
    string: 'string',
    boolean: 'bool',
  }
  const literal =
    value === null
      ? 'null'
      : value instanceof Uint8Array
        ? 'bytes'
        : (kinds[typeof value] ?? 'uint')
  return make(node.start, { kind: 'literal', value, literal })
}

const UNARY: Readonly<Record<string, string>> = { '!_': '!_', '-_': '-_' }
const OTHERS: Readonly<Record<string, string>> = {
  '?:': '_?_:_',
  '[]': '_[_]',
  '[?]': '_[?_]',
  in: '@in',
}
const MARKS: Readonly<Record<string, string>> = { '?:': '?', '[]': '[', '[?]': '[' }

function operation(node: Node, args: readonly unknown[], source: Source): Expr {
  const unary = UNARY[node.op]
  const [first] = args
  if (
    unary === '-_' &&
    isNode(first) &&
    first.op === 'value' &&
    /^(?:bigint|number)$/.test(typeof first.args)
  )
    return { ...literal(first), at: node.start }
  const inner = args.map((each) => lower(each, source))
  if (unary !== undefined) return call(node.start, unary, inner)
  const name = OTHERS[node.op] ?? `_${node.op}_`
  const from = isNode(first) ? first.end : node.start
  const at = source.expression.indexOf(MARKS[node.op] ?? node.op, from)
  return call(at < 0 ? node.start : at, name, inner)
}

function call(at: number, name: string, args: readonly Expr[], target?: Expr): Expr {
  return make(at, { kind: 'call', name, args, target })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

/** Functions that the engine calls by a name of ours. */
function nameOf(value: unknown): string {
  return String(value).replace(/_$/, '')
}

function called(node: Node, [name, given]: readonly unknown[], source: Source): Expr {
  const at = source.expression.indexOf('(', node.start)
  const list = listOf(given)
  if (name === 'has' && list.length === 1) {
    const inner = lower(list[0], source)
    if (inner.kind !== 'select') throw new NotLowered()
    return make(at, { kind: 'select', operand: inner.operand, field: inner.field, how: 'test' })
  }
  return call(
    at,
    nameOf(name),
    list.map((each) => lower(each, source)),
  )
}

const LOOPS = ['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']

function member(node: Node, [name, receiver, given]: readonly unknown[], source: Source): Expr {
  const list = listOf(given)
  const from = isNode(receiver) ? receiver.end : node.start
  const at = source.expression.indexOf('(', from)
  const target = lower(receiver, source)
  const called = nameOf(name)
  const [first] = list
  const isMacro = isNode(first) && first.op === 'id' && list.length > 1
  if (LOOPS.includes(called) && isMacro) return loop(called, { at, target, list, source })
  if ((called === 'optMap' || called === 'optFlatMap') && isMacro) throw new NotLowered()
  return call(
    at,
    called,
    list.map((each) => lower(each, source)),
    target,
  )
}

interface Macro {
  readonly at: number
  readonly target: Expr
  readonly list: readonly unknown[]
  readonly source: Source
}

/** @see google/cel-go v0.26.0 parser/macro.go, ext/comprehensions.go */
function loop(name: string, { at, target, list, source }: Macro): Expr {
  const isPair = name !== 'map' && name !== 'filter' && list.length === 3
  const names = list.slice(0, isPair ? 2 : 1).map((each) => (isNode(each) ? String(each.args) : ''))
  const parts = list.slice(names.length).map((each) => lower(each, source))
  const [predicate = literalOf(at, true), transform] = parts
  const accu = make(at, { kind: 'ident', name: ACCU })
  const built = (more: Partial<Comprehension>): Expr =>
    make(at, {
      kind: 'loop',
      range: target,
      names,
      accu: ACCU,
      start: make(at, { kind: 'list', items: [] }),
      condition: literalOf(at, true),
      step: accu,
      result: make(at, { kind: 'ident', name: ACCU }),
      ...more,
    })
  const op = (called: string, ...args: readonly Expr[]): Expr => call(at, called, args)
  const accuAgain = (): Expr => make(at, { kind: 'ident', name: ACCU })
  if (name === 'all')
    return built({
      start: literalOf(at, true),
      condition: op('@not_strictly_false', accuAgain()),
      step: op('_&&_', accu, predicate),
    })
  if (name === 'exists')
    return built({
      start: literalOf(at, false),
      condition: op('@not_strictly_false', op('!_', accuAgain())),
      step: op('_||_', accu, predicate),
    })
  if (name === 'exists_one' || name === 'existsOne')
    return built({
      start: literalOf(at, 0n),
      step: op('_?_:_', predicate, op('_+_', accu, literalOf(at, 1n)), accuAgain()),
      result: op('_==_', accuAgain(), literalOf(at, 1n)),
    })
  const item = make(at, { kind: 'ident', name: names[0] ?? '' })
  const kept = name === 'filter' ? item : (transform ?? predicate)
  const added = op('_+_', accu, make(at, { kind: 'list', items: [kept] }))
  const isFiltered = name === 'filter' || transform !== undefined
  return built({ step: isFiltered ? op('_?_:_', predicate, added, accuAgain()) : added })
}

function literalOf(at: number, value: boolean | bigint): Expr {
  const literal = typeof value === 'boolean' ? 'bool' : 'int'
  return make(at, { kind: 'literal', value, literal })
}
