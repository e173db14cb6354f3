import { Fault, isFault } from '../base/index.ts'
import { compile, fluxEnvironment, type Program } from '../cel/index.ts'
import { gvkOf, type KubeObject, parseApiVersion } from '../object/index.ts'
import { unseenGeneration } from './generic.ts'
import type { Health, HealthStatus } from './status.ts'

/** Codes of faults in `spec.healthCheckExprs`. All of them are terminal. */
export type HealthCode =
  /** Two entries are for the same group and kind. */
  | 'HEALTH_RULE_DUPLICATE'
  /** An expression is absent or cannot be read. */
  | 'HEALTH_RULE_SYNTAX'

/** One entry of `spec.healthCheckExprs`. Without a kind it is for the whole group. */
export interface HealthExpr {
  readonly apiVersion: string
  readonly kind?: string
  readonly current: string
  readonly inProgress?: string
  readonly failed?: string
}

/** Compiled rules of the user. */
export interface HealthRules {
  /** Undefined when no rule is for this kind. `Unknown` when an expression failed. */
  evaluate(object: KubeObject): Health | undefined
}

interface Compiled {
  readonly expressions: readonly (readonly [HealthStatus, Program])[]
}

/**
 * Compiles the user's health rules. They are parsed and not type-checked, as in Flux.
 * @throws Fault HEALTH_RULE_DUPLICATE, HEALTH_RULE_SYNTAX, to be retried only when the spec changes
 * @see fluxcd/pkg runtime v0.110.1 cel/status_reader.go
 */
export function compileHealthExprs(exprs: readonly HealthExpr[]): HealthRules {
  const rules = new Map<string, Compiled>()
  for (const [i, expr] of exprs.entries()) {
    const { group } = parseApiVersion(expr.apiVersion)
    const kind = expr.kind ?? ''
    const key = `${group}/${kind}`
    if (rules.has(key))
      throw terminal(
        'HEALTH_RULE_DUPLICATE',
        `duplicate custom health check for GroupKind ${groupKindText(group, kind)} at healthchecks[${i}]`,
      )
    rules.set(key, compileOne(expr, i))
  }
  return {
    evaluate: (object) => {
      const { group, kind } = gvkOf(object)
      const rule = rules.get(`${group}/${kind}`) ?? rules.get(`${group}/`)
      return rule === undefined ? undefined : evaluate(rule, object)
    },
  }
}

/** As Go's GroupKind prints: the kind, a dot and the group; the kind alone in the core group. */
function groupKindText(group: string, kind: string): string {
  return group === '' ? kind : `${kind}.${group}`
}

function compileOne(expr: HealthExpr, index: number): Compiled {
  const expressions: [HealthStatus, Program][] = []
  const prefix = `failed to create custom status evaluator for healthchecks[${index}]: `
  if (expr.current === '')
    throw terminal('HEALTH_RULE_SYNTAX', `${prefix}expression Current not specified`)
  // Parsed in Flux's order, so that the same one of several faults is named.
  const sources = [
    ['Current', expr.current],
    ['Failed', expr.failed],
    ['InProgress', expr.inProgress],
  ] as const
  for (const [status, source] of sources) {
    if (source === undefined || source === '') continue
    try {
      expressions.push([status, compile(source, fluxEnvironment())])
    } catch (error) {
      if (!isFault(error)) throw error
      throw terminal(
        'HEALTH_RULE_SYNTAX',
        `${prefix}failed to parse the expression ${status}: ${error.message}`,
        error,
      )
    }
  }
  return { expressions: expressions.reverse() }
}

function evaluate(rule: Compiled, object: KubeObject): Health {
  const unseen = unseenGeneration(object)
  if (unseen !== undefined) return { status: 'InProgress', message: unseen.message }
  for (const [status, program] of rule.expressions) {
    try {
      if (program.evaluateBool(object))
        return { status, message: `healthCheckExprs: ${program.expression}` }
    } catch (error) {
      if (!isFault(error)) throw error
      return { status: 'Unknown', message: error.message }
    }
  }
  return { status: 'InProgress', message: 'none of the healthCheckExprs holds' }
}

function terminal(code: HealthCode, message: string, cause?: unknown): Fault<HealthCode> {
  return new Fault<HealthCode>({
    code,
    message,
    reason: 'InvalidCELExpression',
    retry: { kind: 'stalled' },
    cause,
  })
}
