import type { Dependency, Kustomization } from '../api/index.ts'
import { compareText } from '../base/index.ts'

/** What a `readyExpr` came to. A terminal fault is one that no retry can mend. */
export type ExprResult =
  | { readonly kind: 'value'; readonly value: boolean }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'terminal'; readonly message: string }

/** What the check of the dependencies needs to know. */
export interface DependencyCheck {
  readonly kustomization: Kustomization
  /** Revision of the source's artifact. */
  readonly revision: string
  readonly find: (namespace: string, name: string) => Kustomization | undefined
  readonly evaluate: (expr: string, dependency: Kustomization) => ExprResult
  /** Gate AdditiveCELDependencyCheck: the built-in check comes after a `readyExpr`, too. */
  readonly isAdditive: boolean
}

/** Why a dependency keeps its dependant waiting. */
export interface DependencyFault {
  readonly message: string
  readonly isTerminal: boolean
  /** `namespace/name` of the dependency. */
  readonly dependency: string
}

/**
 * The first dependency, in the order of the spec, that is not as it must be; undefined when all are.
 * @see kustomize-controller internal/controller/kustomization_controller.go checkDependencies
 */
export function checkDependencies(check: DependencyCheck): DependencyFault | undefined {
  for (const ref of check.kustomization.spec.dependsOn ?? []) {
    const fault = checkOne(ref, check)
    if (fault !== undefined) return fault
  }
  return undefined
}

function checkOne(ref: Dependency, check: DependencyCheck): DependencyFault | undefined {
  const own = check.kustomization.metadata.namespace ?? ''
  const namespace = ref.namespace || own
  const dependency = `${namespace}/${ref.name}`
  const fault = (message: string, isTerminal = false): DependencyFault => ({
    message,
    isTerminal,
    dependency,
  })
  const found = check.find(namespace, ref.name)
  if (found === undefined)
    return fault(
      `dependency '${dependency}' not found: kustomizations.kustomize.toolkit.fluxcd.io "${ref.name}" not found`,
    )
  if (ref.readyExpr !== undefined && ref.readyExpr !== '') {
    const result = check.evaluate(ref.readyExpr, found)
    if (result.kind === 'terminal')
      return fault(
        `terminal error: failed to evaluate dependency ${ref.name}: ${result.message}`,
        true,
      )
    if (result.kind === 'fault') return fault(result.message)
    if (!result.value)
      return fault(`dependency '${dependency}' is not ready according to readyExpr eval`)
    if (!check.isAdditive) return undefined
  }
  if (!isReady(found)) return fault(`dependency '${dependency}' is not ready`)
  if (
    sameSource(check.kustomization, found) &&
    found.status?.lastAppliedRevision !== check.revision
  )
    return fault(`dependency '${dependency}' revision is not up to date`)
  return undefined
}

function isReady(kustomization: Kustomization): boolean {
  const { status, metadata } = kustomization
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return metadata.generation === status?.observedGeneration && ready?.status === 'True'
}

function sameSource(a: Kustomization, b: Kustomization): boolean {
  return sourceKey(a) === sourceKey(b)
}

/** `Kind/namespace/name` of a Kustomization's source. */
export function sourceKey(kustomization: Kustomization): string {
  const { kind, name, namespace } = kustomization.spec.sourceRef
  return `${kind}/${namespace || (kustomization.metadata.namespace ?? '')}/${name}`
}

/** `namespace/name` of each Kustomization that this one depends on. */
export function dependencyKeys(kustomization: Kustomization): readonly string[] {
  return (kustomization.spec.dependsOn ?? []).map(
    ({ namespace, name }) => `${namespace || (kustomization.metadata.namespace ?? '')}/${name}`,
  )
}

/**
 * A cycle of dependencies that leads back to `key`, written out once around from its smallest
 * member; undefined when there is none. `edges` answers what a key depends on.
 */
export function findCycle(
  key: string,
  edges: (key: string) => readonly string[],
): readonly string[] | undefined {
  const seen = new Set<string>()
  const path: string[] = []
  const walk = (at: string): boolean => {
    if (path.length > 0 && at === key) return true
    if (seen.has(at)) return false
    seen.add(at)
    path.push(at)
    if (edges(at).some(walk)) return true
    path.pop()
    return false
  }
  if (!walk(key)) return undefined
  const first = [...path].sort(compareText)[0] ?? key
  const from = path.indexOf(first)
  return [...path.slice(from), ...path.slice(0, from), first]
}

/** Keys in an order in which each comes after what it depends on; members of a cycle as given. */
export function inDependencyOrder(
  keys: readonly string[],
  edges: (key: string) => readonly string[],
): readonly string[] {
  const wanted = new Set(keys)
  const done = new Set<string>()
  const out: string[] = []
  const visit = (key: string): void => {
    if (done.has(key)) return
    done.add(key)
    for (const dependency of edges(key)) visit(dependency)
    if (wanted.has(key)) out.push(key)
  }
  for (const key of keys) visit(key)
  return out
}
