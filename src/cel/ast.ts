/** Steps that the running evaluation has left. */
export interface Budget {
  steps: number
}

/** Functions of the engine that differ from Go's; calls to them go to ours. */
export const REPLACED: Readonly<Record<string, string>> = {
  matches: 'goMatches',
}

interface Node {
  readonly op: string
  args: unknown
  readonly meta: { readonly alternate?: unknown }
  evaluate: (evaluator: unknown, node: unknown, context: unknown) => unknown
}

/** Values this long cost one more step. */
const LENGTH_A_STEP = 10

/**
 * Readies a parsed expression: calls of replaced functions are redirected, and each node is made to
 * count its evaluations against the budget.
 */
export function prepare(root: unknown, budget: Budget): void {
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (isNode(value)) {
      redirect(value)
      count(value, budget)
      visit(value.args)
      visit(value.meta.alternate)
      return
    }
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return
    for (const item of Object.values(value)) visit(item)
  }
  visit(root)
}

function isNode(value: object): value is Node {
  return 'op' in value && 'args' in value && 'evaluate' in value && 'meta' in value
}

function redirect(node: Node): void {
  if ((node.op !== 'rcall' && node.op !== 'call') || !Array.isArray(node.args)) return
  const name: unknown = node.args[0]
  if (typeof name === 'string' && Object.hasOwn(REPLACED, name))
    node.args = [REPLACED[name], ...node.args.slice(1)]
}

/** The engine swaps `evaluate` on first use, so the count sits in front of whatever is there. */
function count(node: Node, budget: Budget): void {
  let inner = node.evaluate
  const counted: Node['evaluate'] = (evaluator, self, context) => {
    budget.steps -= 1
    if (budget.steps < 0) throw new Error('actual cost limit exceeded')
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

function lengthOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0
}
