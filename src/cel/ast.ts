import { hasMacro } from './has.ts'

/** Steps that the running evaluation has left. */
export interface Budget {
  steps: number
}

/** A node of the engine's syntax tree, as far as we reach into it. */
export interface Node {
  readonly op: string
  args: unknown
  readonly start: number
  readonly end: number
  readonly checkedType?: { readonly name: string }
  readonly meta: { readonly alternate?: unknown }
  evaluate: (evaluator: unknown, node: unknown, context: unknown) => unknown
  setMeta(key: string, value: unknown): unknown
}

/** Thrown when the budget is used up; neither `||` nor a quantifier may swallow it. */
export class CostExceeded extends Error {}

/** Functions of the engine that differ from Go's; calls to them go to ours, named with a `_`. */
const REPLACED = new Set([
  'matches',
  'lowerAscii',
  'upperAscii',
  'substring',
  'indexOf',
  'lastIndexOf',
  'split',
  'join',
])

/** What an absorbed fault costs: making one is dear. */
const ERROR_STEPS = 100

/** Values this long cost one more step. */
const LENGTH_A_STEP = 10

let running: Budget | undefined

/** Makes `budget` the one that is charged, and refills it. */
export function refill(budget: Budget, steps: number): void {
  budget.steps = steps
  running = budget
}

/** Charges the running evaluation for work done outside the tree. */
export function charge(steps: number): void {
  if (running === undefined) return
  running.steps -= Math.ceil(steps)
  if (running.steps < 0) throw new CostExceeded('actual cost limit exceeded')
}

/**
 * Readies a parsed expression: calls of replaced functions are redirected, `has` becomes ours, and
 * each node is made to count its evaluations against the budget. Answers the parent of each node.
 */
export function prepare(root: unknown, budget: Budget): ReadonlyMap<Node, Node> {
  const parents = new Map<Node, Node>()
  const seen = new Set<unknown>()
  const visit = (value: unknown, parent: Node | undefined): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (isNode(value)) {
      if (parent !== undefined) parents.set(value, parent)
      redirect(value)
      count(value, budget)
      visit(value.args, value)
      visit(value.meta.alternate, value)
      return
    }
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return
    for (const item of Object.values(value)) visit(item, parent)
  }
  visit(root, undefined)
  return parents
}

/** Says whether a value is a node. */
export function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    'op' in value &&
    'args' in value &&
    'evaluate' in value &&
    'meta' in value
  )
}

/** The name that a call calls, as the user wrote it; undefined for what is no call. */
export function calledName(node: Node): string | undefined {
  if ((node.op !== 'rcall' && node.op !== 'call') || !Array.isArray(node.args)) return undefined
  const name: unknown = node.args[0]
  return typeof name === 'string' ? name.replace(/_$/, '') : undefined
}

function redirect(node: Node): void {
  const name = calledName(node)
  if (name === undefined || !Array.isArray(node.args)) return
  if (node.op === 'call' && name === 'has') node.setMeta('macro', hasMacro(node.args[1]))
  else if (REPLACED.has(name)) node.args = [`${name}_`, ...node.args.slice(1)]
}

/** The engine swaps `evaluate` on first use, so the count sits in front of whatever is there. */
function count(node: Node, budget: Budget): void {
  let inner = node.evaluate
  const isLogical = node.op === '&&' || node.op === '||'
  const counted: Node['evaluate'] = (evaluator, self, context) => {
    letCostThrough(evaluator)
    budget.steps -= 1
    if (budget.steps < 0) throw new CostExceeded('actual cost limit exceeded')
    const known = isLogical ? logical(node, evaluator as Evaluator, context) : undefined
    if (known !== undefined) return known
    const value = inner.call(node, evaluator, self, context)
    if (node.op === '+') budget.steps -= Math.floor(lengthOf(value) / LENGTH_A_STEP)
    return value
  }
  Object.defineProperty(node, 'evaluate', {
    get: () => counted,
    set: (next: Node['evaluate']) => {
      inner = next
    },
  })
}

interface Evaluator {
  run(node: unknown, context: unknown): unknown
  tryEval(node: unknown, context: unknown): unknown
}

/**
 * `&&` and `||`: where neither side decides, the fault of the left one is told, as cel-go does.
 * Undefined for what the engine has its own words for.
 */
function logical(node: Node, evaluator: Evaluator, context: unknown): boolean | undefined {
  const decides = node.op === '||'
  const [first, second] = node.args as readonly [unknown, unknown]
  const left = evaluator.tryEval(first, context)
  if (left === decides) return decides
  if (left instanceof Error) {
    if (evaluator.tryEval(second, context) === decides) return decides
    throw left
  }
  if (left !== !decides) return undefined
  const right = evaluator.run(second, context)
  return typeof right === 'boolean' ? right : undefined
}

const opened = new WeakSet<object>()

/** The engine turns errors into values to absorb them; the one about cost must end everything. */
function letCostThrough(evaluator: unknown): void {
  if (typeof evaluator !== 'object' || evaluator === null || opened.has(evaluator)) return
  opened.add(evaluator)
  const run: unknown = Reflect.get(evaluator, 'run')
  if (typeof run !== 'function') return
  Reflect.set(evaluator, 'tryEval', (node: unknown, context: unknown): unknown => {
    try {
      return run.call(evaluator, node, context)
    } catch (error) {
      if (error instanceof CostExceeded) throw error
      charge(ERROR_STEPS)
      return error
    }
  })
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}
