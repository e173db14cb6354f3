import type { Kustomization } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { compile, type Program, readyEnvironment } from '../../cel/index.ts'
import type { Json } from '../../object/index.ts'
import type { ExprResult } from '../../plan/index.ts'

/** What a `readyExpr` looks at, beside the Kustomization that it stands in. */
export interface ReadyExprScope {
  readonly dependency: Kustomization
  /** Under lock-down no more of it is seen than its metadata and status. */
  readonly isCurtained: boolean
}

/** Evaluates a `readyExpr` over a Kustomization and its dependency. */
export function evaluateReadyExpr(
  expr: string,
  self: Kustomization,
  { dependency, isCurtained }: ReadyExprScope,
): ExprResult {
  let program: Program
  try {
    program = compile(expr, readyEnvironment())
  } catch (error) {
    if (isFault(error)) return { kind: 'terminal', message: error.message }
    throw error
  }
  try {
    const dep = isCurtained ? visiblePart(dependency) : dependency
    const variables = { self: self as unknown as Json, dep: dep as unknown as Json }
    return { kind: 'value', value: program.evaluateBool(variables) }
  } catch (error) {
    if (isFault(error)) return { kind: 'fault', message: error.message }
    throw error
  }
}

function visiblePart({
  apiVersion,
  kind,
  metadata,
  status,
}: Kustomization): Partial<Kustomization> {
  return { apiVersion, kind, metadata, ...(status === undefined ? {} : { status }) }
}
