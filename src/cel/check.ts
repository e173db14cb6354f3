import type { Dialect } from './dialect.ts'
import { type Expr, type ExprOf, innerOf } from './expr.ts'
import type { Overload } from './functions.ts'
import type { Problem } from './tokens.ts'
import {
  assigned,
  type Bindings,
  isLessSpecific,
  isSame,
  listOf,
  mapOf,
  optionalOf,
  simple,
  substitute,
  type Type,
  typeText,
  unwrapped,
} from './type.ts'

/** What checking an expression tells. */
export interface Checked {
  readonly problems: readonly Problem[]
  /** The names of variables that it uses. */
  readonly names: ReadonlySet<string>
  readonly type: Type
}

const TYPE_NAMES: Readonly<Record<string, Type>> = {
  bool: simple('bool'),
  bytes: simple('bytes'),
  double: simple('double'),
  int: simple('int'),
  string: simple('string'),
  uint: simple('uint'),
  null_type: simple('null'),
  list: listOf(simple('dyn')),
  map: mapOf(simple('dyn'), simple('dyn')),
  type: { kind: 'type', name: 'type', params: [] },
  optional_type: optionalOf(simple('dyn')),
  'google.protobuf.Timestamp': simple('timestamp'),
  'google.protobuf.Duration': simple('duration'),
}

function namedType(name: string, { types }: Dialect): Type | undefined {
  if (types.has(name)) return { kind: 'opaque', name, params: [] }
  return Object.hasOwn(TYPE_NAMES, name) ? TYPE_NAMES[name] : undefined
}

/** Whether a name is that of a type. */
export function isTypeName(name: string, dialect: Dialect): boolean {
  return namedType(name, dialect) !== undefined
}

/** What expressions may name. */
export interface Names {
  readonly dialect: Dialect
  readonly variables: ReadonlyMap<string, Type>
  /** Types of messages that may be written out; undefined: there is none of the name. */
  readonly message?: (name: string) => Type | undefined
}

/**
 * Checks the types of an expression, and puts them on its parts.
 * @see google/cel-go v0.26.0 checker/checker.go
 */
export function checkTypes(root: Expr, names: Names): Checked {
  const checker = new Checker(names)
  checker.check(root)
  checker.settle(root)
  return {
    problems: checker.problems.toSorted((a, b) => a.at - b.at),
    names: checker.names,
    type: root.type ?? simple('error'),
  }
}

const ERROR = simple('error')
const BOOL = simple('bool')
const DYN = simple('dyn')

class Checker {
  readonly problems: Problem[] = []
  readonly names = new Set<string>()
  readonly #dialect: Dialect
  readonly #message: (name: string) => Type | undefined
  #scopes: ReadonlyMap<string, Type>
  #bound: Bindings = new Map()
  #fresh = 0

  constructor(names: Names) {
    this.#dialect = names.dialect
    this.#scopes = names.variables
    this.#message = names.message ?? (() => undefined)
  }

  /** Parameters of types that nothing is known of are any type. */
  settle(expr: Expr): void {
    if (expr.type !== undefined) expr.type = substitute(this.#bound, expr.type, true)
    for (const inner of innerOf(expr)) this.settle(inner)
  }

  check(expr: Expr): Type {
    const type = this.#typeOf(expr)
    expr.type = type
    return type
  }

  #say(at: number, words: string): Type {
    this.problems.push({ at, words })
    return ERROR
  }

  #typeOf(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return simple(expr.literal)
      case 'ident':
        return this.#ident(expr)
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return listOf(this.#joined(expr.items, expr.optional))
      case 'map':
        return mapOf(
          this.#joined(expr.entries.map(([key]) => key)),
          this.#joined(
            expr.entries.map(([, value]) => value),
            expr.optional,
          ),
        )
      case 'struct':
        return this.#struct(expr)
      case 'loop':
        return this.#loop(expr)
    }
  }

  #ident(expr: ExprOf<'ident'>): Type {
    const name = expr.name.replace(/^\./, '')
    const type = this.#scopes.get(name)
    if (type !== undefined) {
      this.names.add(name)
      return type
    }
    const named = namedType(name, this.#dialect)
    if (named !== undefined) return { kind: 'type', name: 'type', params: [named] }
    return this.#say(expr.at, undeclared(expr.name))
  }

  #select(expr: ExprOf<'select'>): Type {
    const qualified = expr.how === 'value' ? qualifiedName(expr) : undefined
    const whole = qualified === undefined ? undefined : this.#whole(qualified)
    if (whole !== undefined) {
      expr.resolved = qualified ?? ''
      return whole
    }
    const operand = substitute(this.#bound, this.check(expr.operand), false)
    const { type: target, isOptional } = unwrapped(operand)
    const found = this.#field(expr, target)
    if (expr.how === 'test') return BOOL
    return isOptional || expr.how === 'optional' ? optionalOf(found) : found
  }

  /** A name with dots that is the name of one thing. */
  #whole(name: string): Type | undefined {
    const type = this.#scopes.get(name)
    if (type !== undefined) return type
    const named = namedType(name, this.#dialect)
    return named === undefined ? undefined : { kind: 'type', name: 'type', params: [named] }
  }

  #field(expr: ExprOf<'select'>, target: Type): Type {
    switch (target.kind) {
      case 'map':
        return target.params[1] ?? DYN
      case 'struct':
        if (target.fields === undefined) return DYN
        return (
          target.fields.get(expr.field) ?? this.#say(expr.at, `undefined field '${expr.field}'`)
        )
      case 'param':
      case 'dyn':
      case 'error':
        return DYN
      default:
        this.#say(expr.at, `type '${typeText(target)}' does not support field selection`)
        return DYN
    }
  }

  #call(expr: ExprOf<'call'>): Type {
    for (const arg of expr.args) this.check(arg)
    const { target } = expr
    const prefix = target === undefined ? undefined : qualifiedName(target)
    const whole = prefix === undefined ? undefined : `${prefix}.${expr.name}`
    if (whole !== undefined && this.#dialect.functions.has(whole)) {
      expr.name = whole
      expr.target = undefined
      return this.#resolved(expr, [])
    }
    const types = target === undefined ? [] : [this.check(target)]
    if (!this.#dialect.functions.has(expr.name)) return this.#say(expr.at, undeclared(expr.name))
    return this.#resolved(expr, types)
  }

  #resolved(expr: ExprOf<'call'>, targets: readonly Type[]): Type {
    const types = [...targets, ...expr.args.map((arg) => arg.type ?? ERROR)]
    if (expr.name === '_&&_' || expr.name === '_||_') return this.#logical(expr)
    const isMember = targets.length > 0
    let result: Type | undefined
    const ids: string[] = []
    for (const overload of this.#dialect.functions.get(expr.name) ?? []) {
      if (overload.isMember !== isMember) continue
      const { args, result: given } = this.#instance(overload)
      const bound = assigned(this.#bound, types, args)
      if (bound === undefined) continue
      this.#bound = bound
      ids.push(overload.id)
      const next = substitute(this.#bound, given, false)
      if (result === undefined) result = next
      else if (result.kind !== 'dyn' && !isSame(next, result)) result = DYN
    }
    expr.overloads = ids
    if (result !== undefined) return result
    const texts = types.map((each) => typeText(substitute(this.#bound, each, true)))
    const before = isMember ? `${texts.shift() ?? ''}.` : ''
    const applied = `'${before}(${texts.join(', ')})'`
    return this.#say(expr.at, `found no matching overload for '${expr.name}' applied to ${applied}`)
  }

  #logical(expr: ExprOf<'call'>): Type {
    expr.overloads = ['logical']
    let isRight = true
    for (const arg of expr.args) isRight = this.#must(arg, BOOL) && isRight
    return isRight ? BOOL : ERROR
  }

  #must(expr: Expr, wanted: Type): boolean {
    const type = expr.type ?? ERROR
    const bound = assigned(this.#bound, [type], [wanted])
    if (bound !== undefined) {
      this.#bound = bound
      return true
    }
    const found = typeText(substitute(this.#bound, type, false))
    this.#say(expr.at, `expected type '${typeText(wanted)}' but found '${found}'`)
    return false
  }

  #instance({ args, result }: Overload): Pick<Overload, 'args' | 'result'> {
    const fresh = new Map(['A', 'B'].map((name) => [name, this.#param()] as const))
    return {
      args: args.map((each) => substitute(fresh, each, false)),
      result: substitute(fresh, result, false),
    }
  }

  #param(): Type {
    this.#fresh += 1
    return { kind: 'param', name: `_var${this.#fresh}`, params: [] }
  }

  /** The type of the items of a literal; any, where they are not alike. */
  #joined(items: readonly Expr[], optional: ReadonlySet<number> = new Set()): Type {
    let joined: Type | undefined
    for (const [i, item] of items.entries()) {
      let type = this.check(item)
      if (optional.has(i)) type = this.#given(item, type)
      if (joined === undefined) {
        joined = type
        continue
      }
      const bound = assigned(this.#bound, [joined], [type])
      if (bound === undefined) joined = DYN
      else {
        this.#bound = bound
        joined = isLessSpecific(joined, type) ? joined : type
      }
    }
    return joined ?? this.#param()
  }

  /** What an optional item or field holds. */
  #given(item: Expr, type: Type): Type {
    const { type: inner, isOptional } = unwrapped(type)
    if (!isOptional && inner.kind !== 'dyn')
      this.#say(
        item.at,
        `expected type '${typeText(optionalOf(inner))}' but found '${typeText(inner)}'`,
      )
    return inner
  }

  #struct(expr: ExprOf<'struct'>): Type {
    const name = expr.name.replace(/^\./, '')
    const type = this.#message(name)
    if (type === undefined) return this.#say(expr.at, undeclared(expr.name))
    for (const { at, name: field, value, isOptional } of expr.fields) {
      let given = this.check(value)
      const wanted = type.fields?.get(field)
      if (wanted === undefined && type.fields !== undefined)
        this.#say(at, `undefined field '${field}'`)
      if (isOptional) given = this.#given(value, given)
      const bound = assigned(this.#bound, [wanted ?? DYN], [given])
      if (bound !== undefined) this.#bound = bound
      else
        this.#say(
          at,
          `expected type of field '${field}' is '${typeText(wanted ?? DYN)}' but provided type is '${typeText(given)}'`,
        )
    }
    return type
  }

  #loop(expr: ExprOf<'loop'>): Type {
    this.check(expr.range)
    const accu = this.check(expr.start)
    const range = substitute(this.#bound, expr.range.type ?? ERROR, false)
    const outer = this.#scopes
    const types = this.#rangeTypes(expr, range)
    this.#scopes = new Map([
      ...outer,
      [expr.accu, accu],
      ...expr.names.map((name, i): [string, Type] => [name, types[i] ?? DYN]),
    ])
    this.check(expr.condition)
    this.#must(expr.condition, BOOL)
    this.check(expr.step)
    this.#must(expr.step, accu)
    this.#scopes = new Map([...outer, [expr.accu, accu]])
    const result = this.check(expr.result)
    this.#scopes = outer
    return substitute(this.#bound, result, false)
  }

  #rangeTypes(expr: ExprOf<'loop'>, range: Type): readonly Type[] {
    const isPair = expr.names.length > 1
    const [first = DYN, second = DYN] = range.params
    if (range.kind === 'list') return isPair ? [simple('int'), first] : [first]
    if (range.kind === 'map') return [first, second]
    if (['dyn', 'error', 'param'].includes(range.kind)) return [DYN, DYN]
    const type = typeText(range)
    this.#say(
      expr.range.at,
      `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    )
    return [ERROR, ERROR]
  }
}

/** `a.b.c` of names alone. */
function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name.replace(/^\./, '')
  if (expr.kind !== 'select' || expr.how !== 'value') return undefined
  const before = qualifiedName(expr.operand)
  return before === undefined ? undefined : `${before}.${expr.field}`
}

function undeclared(name: string): string {
  return `undeclared reference to '${name}' (in container '')`
}
