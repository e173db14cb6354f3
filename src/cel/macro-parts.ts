/** What macros see of the engine, whose own types do not tell it. */
export interface Context {
  forkWithVariable(name: string, type: unknown): Context
  reuse(parent: Context): Context
  setIterValue(value: unknown, evaluator: unknown): Context
}

/** Knows the types of parts of an expression. */
export interface Checker {
  check(node: unknown, context: Context): { readonly kind: string; readonly valueType?: unknown }
  getType(name: string): unknown
}

/** Works parts of an expression out. */
export interface Evaluator {
  run(node: unknown, context: Context): unknown
}

/** A call as a macro gets it. */
export interface Call {
  readonly args: readonly unknown[]
  readonly receiver: unknown
}
