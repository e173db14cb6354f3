import { compareText } from '../../base/index.ts'
import { type Json, type JsonObject, type KubeObject, sameJson } from '../../object/index.ts'
import { goJson } from '../wire/go-json.ts'
import { childrenOf } from './adoption.ts'
import { type Hands, numberIn, specOf, statusOf } from './hands.ts'
import { controllerRef } from './owners.ts'
import { templateHash, textHash } from './template-hash.ts'

/** The label of pods and ControllerRevisions that names the revision of their template. */
export const REVISION = 'controller-revision-hash'

/** The revisions of a workload's pod template. */
export interface History {
  /** Oldest first. */
  readonly all: readonly KubeObject[]
  /** That of the template as it is now. */
  readonly update: KubeObject
  /** How often a name was taken by another template. */
  readonly collisions: number
}

function dataOf(template: JsonObject): JsonObject {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

/** The pod template that a revision keeps. */
export function templateIn(revision: KubeObject): JsonObject {
  const { spec } = (revision['data'] ?? {}) as {
    readonly spec?: { readonly template?: JsonObject }
  }
  const { $patch: _, ...template } = spec?.template ?? {}
  return template
}

/** The hash in the name of a revision. */
export function hashIn(revision: KubeObject, label: string): string {
  return revision.metadata.labels?.[label] ?? ''
}

/**
 * The revisions of a workload, with that of its template as it is now: it is created when it is
 * missing, and counted up to the last one when the template came back. `label` says its hash, under a
 * name that DaemonSets and StatefulSets have differently.
 * @see kubernetes pkg/controller/history (v1.36.3)
 */
export function historyOf(hands: Hands, owner: KubeObject, label: string): History {
  const kind = hands.kind('apps', 'ControllerRevision')
  const all = childrenOf(hands, kind, owner).sort(byRevision)
  const last = all.at(-1)
  const next = numberIn((last ?? {}) as JsonObject, 'revision', 0) + 1
  const template = (specOf(owner)['template'] ?? {}) as JsonObject
  const data = dataOf(template)
  const collisions = numberIn(statusOf(owner), 'collisionCount', 0)
  const equal = all.filter((each) => sameJson(each['data'] as Json, data)).at(-1)
  if (equal !== undefined && equal === last) return { all, update: equal, collisions }
  if (equal !== undefined) {
    const update = hands.update(kind, equal, { ...equal, revision: next })
    return { all: [...all.filter((each) => each !== equal), update], update, collisions }
  }
  const made = create(hands, owner, { label, template, next, collisions })
  return { all: [...all, made.update], ...made }
}

function byRevision(a: KubeObject, b: KubeObject): number {
  return (
    numberIn(a as unknown as JsonObject, 'revision', 0) -
      numberIn(b as unknown as JsonObject, 'revision', 0) ||
    compareText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compareText(a.metadata.name ?? '', b.metadata.name ?? '')
  )
}

function hashOf(owner: KubeObject, template: JsonObject, collisions: number): string {
  return owner.kind === 'DaemonSet'
    ? templateHash(
        template,
        statusOf(owner)['collisionCount'] === undefined ? undefined : collisions,
      )
    : textHash(`${goJson(dataOf(template))}${collisions}`)
}

function create(
  hands: Hands,
  owner: KubeObject,
  at: {
    readonly label: string
    readonly template: JsonObject
    readonly next: number
    readonly collisions: number
  },
): { readonly update: KubeObject; readonly collisions: number } {
  const { label, template, next, collisions } = at
  const kind = hands.kind('apps', 'ControllerRevision')
  const { namespace = '', name: ownerName = '', annotations } = owner.metadata
  const hash = hashOf(owner, template, collisions)
  const name = `${ownerName}-${hash}`
  const had = hands.get(kind, namespace, name)
  if (had !== undefined && sameJson(had['data'] as Json, dataOf(template)))
    return { update: had, collisions }
  if (had !== undefined) return create(hands, owner, { ...at, collisions: collisions + 1 })
  const own = (template['metadata'] ?? {}) as JsonObject
  const update = hands.create(kind, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      labels: { ...((own['labels'] ?? {}) as Record<string, string>), [label]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerRef(owner)],
    },
    data: dataOf(template),
    revision: next,
  })
  return { update, collisions }
}

/** Deletes revisions beyond the limit of the history that are of use to nobody any more. */
export function truncate(
  hands: Hands,
  owner: KubeObject,
  { all, live }: { readonly all: readonly KubeObject[]; readonly live: ReadonlySet<KubeObject> },
): void {
  const limit = numberIn(specOf(owner), 'revisionHistoryLimit', 10)
  const idle = all.filter((each) => !live.has(each))
  for (const each of idle.slice(0, Math.max(0, idle.length - limit)))
    if (each.metadata.deletionTimestamp === undefined)
      hands.remove(hands.kind('apps', 'ControllerRevision'), each)
}

/** The hash of a workload's pod template: of a DaemonSet's own, of a StatefulSet's revision. */
export function revisionHash(owner: KubeObject): string {
  const collisions = numberIn(statusOf(owner), 'collisionCount', 0)
  return hashOf(owner, (specOf(owner)['template'] ?? {}) as JsonObject, collisions)
}
