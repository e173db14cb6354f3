import { isNode, type Node } from './ast.ts'
import type { SchemaHint } from './value.ts'

/** A field that an expression names and that its schema does not have. */
export interface UndefinedField {
  /** Where the dot stands. */
  readonly at: number
  readonly words: string
}

type Scope = ReadonlyMap<string, SchemaHint | undefined>

const MACROS = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])
const SCALARS: Readonly<Record<string, string>> = {
  boolean: 'bool',
  integer: 'int',
  number: 'double',
  string: 'string',
}

/**
 * Fields that a parsed expression selects and that the schemas of its variables do not declare.
 * What no schema tells is taken to be there.
 */
export function undefinedFields(
  root: unknown,
  expression: string,
  variables: Readonly<Record<string, SchemaHint>>,
): UndefinedField[] {
  const found: UndefinedField[] = []

  const select = (node: Node, scope: Scope, args: readonly unknown[]): SchemaHint | undefined => {
    const base = visit(args[0], scope)
    const name = String(args[1])
    if (base?.type === undefined) return undefined
    const at = expression.lastIndexOf('.', Math.max(0, positionOf(node) - 1))
    const scalar = base.format === undefined ? SCALARS[base.type] : undefined
    if (scalar !== undefined)
      found.push({ at, words: `type '${scalar}' does not support field selection` })
    if (base.type !== 'object') return undefined
    const known = base.properties?.[name]
    if (known !== undefined) return known
    const { additionalProperties: more } = base
    if (more !== undefined && more !== false) return typeof more === 'object' ? more : undefined
    found.push({ at, words: `undefined field '${name}'` })
    return undefined
  }

  const called = (scope: Scope, args: readonly unknown[]): SchemaHint | undefined => {
    const [name, target, given] = args
    const base = visit(target, scope)
    const list = Array.isArray(given) ? (given as unknown[]) : []
    const [first] = list
    const isMacro = MACROS.has(String(name)) && isNode(first) && first.op === 'id'
    if (!isMacro) {
      for (const each of list) visit(each, scope)
      return undefined
    }
    const item = base?.type === 'array' ? base.items : undefined
    const inner = new Map([...scope, [String(first.args), item] as const])
    for (const each of list.slice(1)) visit(each, inner)
    return name === 'filter' ? base : undefined
  }

  const visit = (value: unknown, scope: Scope): SchemaHint | undefined => {
    if (Array.isArray(value)) {
      for (const each of value as unknown[]) visit(each, scope)
      return undefined
    }
    if (!isNode(value)) return undefined
    const args = Array.isArray(value.args) ? (value.args as unknown[]) : []
    if (value.op === 'id') return scope.get(String(value.args))
    if (value.op === '.') return select(value, scope, args)
    if (value.op === 'rcall') return called(scope, args)
    if (value.op === '[]') {
      const base = visit(args[0], scope)
      visit(args[1], scope)
      if (base?.type === 'array') return base.items
      const more = base?.additionalProperties
      return typeof more === 'object' ? more : undefined
    }
    for (const each of args) visit(each, scope)
    return undefined
  }

  visit(root, new Map(Object.entries(variables)))
  return found.sort((a, b) => a.at - b.at)
}

function positionOf(node: Node): number {
  const { pos } = node as Node & { readonly pos?: unknown }
  return typeof pos === 'number' ? pos : node.end
}
