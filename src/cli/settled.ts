import type { Condition } from '../api/index.ts'
import { fieldAt, isArray, isObject, type KubeObject } from '../object/index.ts'

/** Where one Kustomization or source stands. */
export interface Standing {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly state: 'ready' | 'failed' | 'waiting' | 'running' | 'suspended'
  readonly reason: string
  readonly message: string
  /** `lastAppliedRevision`, or the revision of a source's artifact. */
  readonly revision: string
}

/** Reads where an object stands from its status, as `kubectl wait` and `flux get` do. */
export function standingOf(object: KubeObject): Standing {
  const ready = conditionOf(object, 'Ready')
  const revision = fieldAt(object, 'status', 'lastAppliedRevision')
  const artifact = fieldAt(object, 'status', 'artifact', 'revision')
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    state: stateOf(object, ready),
    reason: ready?.reason ?? '',
    message: ready?.message ?? 'waiting to be reconciled',
    revision:
      typeof revision === 'string' ? revision : typeof artifact === 'string' ? artifact : '',
  }
}

function stateOf(object: KubeObject, ready: Condition | undefined): Standing['state'] {
  if (fieldAt(object, 'spec', 'suspend') === true) return 'suspended'
  if (ready === undefined || ready.status === 'Unknown') return 'running'
  const current = (ready.observedGeneration ?? 0) >= (object.metadata.generation ?? 0)
  if (!current) return 'running'
  if (ready.status === 'True') return 'ready'
  return ready.reason === 'DependencyNotReady' ? 'waiting' : 'failed'
}

/** A condition of an object by its type. */
export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  const conditions = fieldAt(object, 'status', 'conditions')
  if (!isArray(conditions)) return undefined
  const found = conditions.find((each) => isObject(each) && each['type'] === type)
  return found as unknown as Condition | undefined
}

/** What all standings together say. */
export type Verdict = 'ready' | 'failed' | 'running'

/**
 * Decides whether anything can still change by itself: `ready` when all are ready at the revision
 * that their source has, `failed` when some are not and nothing runs that could help them, else
 * `running`. A Kustomization that applied an older revision than its source published is running.
 */
export function verdict(
  kustomizations: readonly KubeObject[],
  sources: readonly KubeObject[],
): Verdict {
  const published = new Map<string, string>()
  for (const source of sources) {
    const { namespace, name, revision } = standingOf(source)
    if (revision !== '') published.set(`${source.kind}/${namespace}/${name}`, revision)
  }
  const all = kustomizations.map((object) => ({ standing: standingOf(object), object }))
  const states = [
    ...sources.map((source) => standingOf(source).state),
    ...all.map(({ standing, object }) =>
      standing.state === 'ready' && isBehind(object, standing, published)
        ? 'running'
        : standing.state,
    ),
  ].filter((state) => state !== 'suspended')
  if (kustomizations.length === 0 || states.includes('running')) return 'running'
  return states.every((state) => state === 'ready') ? 'ready' : 'failed'
}

function isBehind(
  object: KubeObject,
  standing: Standing,
  published: ReadonlyMap<string, string>,
): boolean {
  const kind = fieldAt(object, 'spec', 'sourceRef', 'kind')
  const name = fieldAt(object, 'spec', 'sourceRef', 'name')
  const namespace = fieldAt(object, 'spec', 'sourceRef', 'namespace') ?? standing.namespace
  const newest = published.get(`${String(kind)}/${String(namespace)}/${String(name)}`)
  return newest !== undefined && newest !== standing.revision
}
