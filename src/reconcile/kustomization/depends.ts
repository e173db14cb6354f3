import type { Kustomization } from '../../api/index.ts'
import { formatDuration } from '../../base/index.ts'
import {
  checkDependencies,
  type DependencyFault,
  dependencyKeys,
  findCycle,
} from '../../plan/index.ts'
import { keyOf } from '../informer.ts'
import type { Context, Run } from './context.ts'
import { RunEnd } from './ending.ts'
import { evaluateReadyExpr } from './ready-expr.ts'

/**
 * What keeps a Kustomization waiting for another one now; undefined when nothing does. A cycle that
 * it is a member of is named whole.
 */
export function dependencyFault(
  context: Context,
  object: Kustomization,
  revision: string,
): DependencyFault | undefined {
  const fault = checkDependencies({
    kustomization: object,
    revision,
    find: (namespace, name) => context.store.get(namespace, name),
    evaluate: (expr, dependency) =>
      evaluateReadyExpr(expr, object, {
        dependency,
        isCurtained: context.options.noCrossNamespaceRefs,
      }),
    isAdditive: context.options.gates.AdditiveCELDependencyCheck,
  })
  if (fault === undefined || fault.isTerminal) return fault
  return { ...fault, message: `${fault.message}${cycleText(context, keyOf(object))}` }
}

/**
 * Goes on when all dependencies are ready.
 * @throws RunEnd DependencyNotReady; InvalidCELExpression for an expression that can not work;
 *   AccessDenied for one in another namespace, under lock-down
 */
export function awaitDependencies(run: Run, revision: string): void {
  const { context, object } = run
  refuseForeign(run)
  const fault = dependencyFault(context, object, revision)
  if (fault === undefined) {
    if ((object.spec.dependsOn ?? []).length > 0)
      run.log.info('All dependencies are ready, proceeding with reconciliation')
    return
  }
  if (fault.isTerminal) throw invalidExpression(fault.message)
  const afterMs = context.options.requeueDependencyMs
  const text = `Dependencies do not meet ready condition, retrying in ${formatDuration(afterMs)}`
  context.blocked.set(run.key, { dependency: fault.dependency, message: fault.message })
  throw new RunEnd({
    kind: 'waiting',
    reason: 'DependencyNotReady',
    message: fault.message,
    log: text,
    event: text,
    afterMs,
  })
}

/** What a dependency says of itself may be quoted here, so it has to be of the same tenant. */
function refuseForeign({ context, object }: Run): void {
  if (!context.options.noCrossNamespaceRefs) return
  const own = object.metadata.namespace
  const foreign = object.spec.dependsOn?.find(({ namespace }) => (namespace || own) !== own)
  if (foreign === undefined) return
  throw new RunEnd({
    kind: 'stalled',
    reason: 'AccessDenied',
    message: `can't access 'Kustomization/${foreign.namespace}/${foreign.name}', cross-namespace references have been blocked`,
    isObserved: false,
  })
}

/** The cycle that a Kustomization is a member of, whole. */
function cycleText(context: Context, from: string): string {
  const cycle = findCycle(from, (key) => {
    const [namespace = '', name = ''] = key.split('/')
    const member = context.store.get(namespace, name)
    return member === undefined ? [] : dependencyKeys(member)
  })
  return cycle === undefined ? '' : `: circular dependency: ${cycle.join(' -> ')}`
}

/** The ending of a run whose expressions can not work, whatever happens. */
export function invalidExpression(message: string): RunEnd {
  return new RunEnd({
    kind: 'stalled',
    reason: 'InvalidCELExpression',
    message: `Reconciliation failed terminally due to configuration error: ${message}`,
    isObserved: true,
  })
}
