import { Environment as Engine } from '@marcbachmann/cel-js'
import { calledName, isNode, type Node } from './ast.ts'
import { regex } from './extensions.ts'

/** Conversions that cel-go runs when it builds a program, where their argument is constant. */
const CONVERSIONS = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'timestamp', 'uint'])

const engine = new Engine()

/**
 * Tries what cel-go evaluates ahead: conversions of literals and literal patterns.
 * @throws Error in the words of whatever failed
 * @see google/cel-go v0.26.1 interpreter/decorators.go
 */
export function foldConstants(root: unknown): void {
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (isNode(value)) {
      fold(value)
      visit(value.args)
      return
    }
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return
    for (const item of Object.values(value)) visit(item)
  }
  visit(root)
}

function fold(node: Node): void {
  const name = calledName(node)
  if (name === undefined || !Array.isArray(node.args)) return
  const list: unknown = node.op === 'rcall' ? node.args[2] : node.args[1]
  const args: readonly unknown[] = Array.isArray(list) ? list : []
  if (name === 'matches') {
    const pattern = literal(args.at(-1))
    if (typeof pattern === 'string') regex(pattern)
  } else if (node.op === 'call' && CONVERSIONS.has(name) && args.length === 1) {
    const value = literal(args[0])
    if (value !== undefined)
      engine.clone({ unlistedVariablesAreDyn: true }).evaluate(`${name}(x)`, { x: value })
  } else if (node.op === 'call' && name === 'size' && args.length !== 1) {
    throw new Error(`no such overload: size(${args.length === 0 ? '' : 'lhs, rhs'})`)
  }
}

function literal(node: unknown): unknown {
  if (!isNode(node)) return undefined
  if (node.op === 'value') return node.args
  const inner = node.op === '-_' ? literal(node.args) : undefined
  return typeof inner === 'bigint' || typeof inner === 'number' ? -inner : undefined
}
