import type { Kustomization } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { compile, type Program, readyEnvironment } from '../../cel/index.ts'
import type { Json } from '../../object/index.ts'
import type { ExprResult } from '../../plan/index.ts'

/** Evaluates a `readyExpr` over a Kustomization and its dependency. */
export function evaluateReadyExpr(
  expr: string,
  self: Kustomization,
  dep: Kustomization,
): ExprResult {
  let program: Program
  try {
    program = compile(expr, readyEnvironment())
  } catch (error) {
    if (isFault(error)) return { kind: 'terminal', message: error.message }
    throw error
  }
  try {
    const variables = { self: self as unknown as Json, dep: dep as unknown as Json }
    return { kind: 'value', value: program.evaluateBool(variables) }
  } catch (error) {
    if (isFault(error)) return { kind: 'fault', message: error.message }
    throw error
  }
}
