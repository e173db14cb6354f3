import {
  fieldAt,
  type Gvk,
  gvkOf,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  sameJson,
} from '../../object/index.ts'
import { builtinType, completed, conform } from '../../schema/index.ts'
import { prepareKindForCreate, prepareKindForUpdate } from './strategy-kinds.ts'
import { podPart } from './strategy-pod.ts'
import { kindStatus, withApproval } from './strategy-status.ts'
import { type KindStrategy, strategies } from './strategy-table.ts'

function strategyOf(kind: Pick<Gvk, 'group' | 'kind'>): KindStrategy {
  return strategies[`${kind.group}/${kind.kind}`] ?? {}
}

/** What the strategy of a kind needs to know beside the object. */
export interface StrategyContext {
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * What creation makes of an object of a built-in kind: the status that it starts with, its
 * generation, and what the kind sets for itself. Name and uid must be set before; what is below
 * metadata and the fields at the top must have its form.
 */
export function prepareCreate(object: KubeObject, context: StrategyContext): KubeObject {
  const strategy = strategyOf(gvkOf(object))
  const starts = strategy.generation !== undefined && strategy.startsAtOne !== false
  // Where nobody counts, what the client gave stays.
  const started = starts ? withGeneration(object, 1) : object
  const isOwn = strategy.status !== undefined && strategy.status !== 'kept-on-create'
  const bare = isOwn ? withStatus(started, undefined) : started
  const prepared = prepareKindForCreate(bare, context)
  return prepared === bare && !isLoose(bare) ? topCompleted(bare) : complete(prepared)
}

/**
 * What an update makes of an object of a built-in kind: the half that it may not set is taken from
 * the old one, and a changed half makes a new generation.
 */
export function prepareUpdate(
  object: KubeObject,
  old: KubeObject,
  subresource = '',
  context: StrategyContext = { now: 0 },
): KubeObject {
  const kind = gvkOf(object)
  const strategy = strategyOf(kind)
  const kept = withGeneration(object, old.metadata.generation)
  if (subresource === 'status')
    return prepareStatus(kindStatus(kept, old, context.now), old, strategy)
  if (subresource === 'approval') return withApproval(kept, old, context.now)
  if (subresource === 'ephemeralcontainers' || subresource === 'resize') {
    const next = podPart(kept, old, subresource)
    const metadata = statusMetadata(next.metadata, old.metadata)
    const generation =
      (old.metadata.generation ?? 0) + (sameJson(specOf(next), specOf(old)) ? 0 : 1)
    return withGeneration({ ...next, metadata }, generation)
  }
  if (subresource !== '' && subresource !== 'scale') return kept
  const bare = strategy.status === undefined ? kept : withStatus(kept, old['status'])
  const next = complete(prepareKindForUpdate(bare, old, context))
  if (strategy.generation === undefined || !hasChanged(next, old, strategy)) return next
  return withGeneration(next, (old.metadata.generation ?? 0) + 1)
}

function hasChanged(next: KubeObject, old: KubeObject, strategy: KindStrategy): boolean {
  const parts = strategy.generation ?? []
  const differs = parts.some((part) =>
    part === 'labels'
      ? !sameJson(fieldAt(next, 'metadata', part), fieldAt(old, 'metadata', part))
      : !sameJson(fieldAt(next, part), fieldAt(old, part)),
  )
  if (differs || strategy.byAnnotations !== true) return differs
  return !sameJson(
    fieldAt(next, 'metadata', 'annotations') ?? {},
    fieldAt(old, 'metadata', 'annotations') ?? {},
  )
}

function prepareStatus(object: KubeObject, old: KubeObject, strategy: KindStrategy): KubeObject {
  const next: KubeObject = old['spec'] === undefined ? object : { ...object, spec: old['spec'] }
  if (strategy.status === 'own-with-metadata')
    return { ...next, metadata: statusMetadata(object.metadata, old.metadata) }
  if (object.kind === 'Deployment') return withMeta(next, 'labels', old.metadata.labels)
  if (object.kind === 'Pod') return withMeta(next, 'ownerReferences', old.metadata.ownerReferences)
  return next
}

function specOf(object: KubeObject): ReturnType<typeof fieldAt> {
  return fieldAt(object, 'spec')
}

/** A status update leaves labels, annotations, finalizers and owners alone. */
function statusMetadata(next: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { labels: _, annotations: __, finalizers: ___, ownerReferences: ____, ...rest } = next
  const { labels, annotations, finalizers, ownerReferences } = old
  return {
    ...rest,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
}

function withMeta(
  object: KubeObject,
  key: 'labels' | 'ownerReferences',
  value: ObjectMeta['labels'] | ObjectMeta['ownerReferences'],
): KubeObject {
  const { [key]: _, ...rest } = object.metadata
  return {
    ...object,
    metadata: (value === undefined ? rest : { ...rest, [key]: value }) as ObjectMeta,
  }
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { status?: unknown }
  return (status === undefined ? rest : { ...rest, status }) as KubeObject
}

function withGeneration(object: KubeObject, generation: number | undefined): KubeObject {
  const { generation: _, ...rest } = object.metadata
  return { ...object, metadata: generation === undefined ? rest : { ...rest, generation } }
}

/** Whether the server wrote into the spec before. */
function isLoose({ kind }: KubeObject): boolean {
  return kind === 'CertificateSigningRequest'
}

/** As {@link complete} where nothing but metadata and the fields at the top were changed. */
function topCompleted(object: KubeObject): KubeObject {
  const { map } = builtinType(gvkOf(object)) ?? {}
  const metadataType = map?.fields.get('metadata')?.type.map
  if (map === undefined || metadataType === undefined) return object
  const metadata = completed(object.metadata as JsonObject, metadataType)
  return completed({ ...object, metadata } as JsonObject, map) as unknown as KubeObject
}

/** Writes out what Go always writes (`status: {}`), as after every change of a typed object. */
export function complete(object: KubeObject): KubeObject {
  const type = builtinType(gvkOf(object))
  if (type === undefined) return object
  return conform(object as unknown as JsonObject, type).object as unknown as KubeObject
}

/**
 * Paths that a request to a kind, or to one of its subresources, does not set, and so nobody owns by
 * it. `custom` kinds say whether they have a status subresource.
 */
export function resetFields(
  kind: Pick<Gvk, 'group' | 'kind'>,
  subresource = '',
  custom?: { readonly hasStatus: boolean },
): readonly (readonly string[])[] {
  if (custom !== undefined) {
    if (subresource === 'status') return [['metadata'], ['spec']]
    return custom.hasStatus ? [['status']] : []
  }
  const strategy = strategyOf(kind)
  if (kind.kind === 'CertificateSigningRequest') return requestFields(subresource)
  if (subresource === '' || subresource === 'finalize')
    return strategy.status === undefined ? [] : [['status']]
  if (subresource !== 'status') return []
  if (strategy.status === 'own-with-metadata') return [['metadata'], ['spec']]
  if (kind.kind === 'Deployment') return [['spec'], ['metadata', 'labels']]
  if (kind.kind === 'Pod' && kind.group === '')
    return [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']]
  return [['spec']]
}

/** What is asked for is not owned, and each part has what the other may not write. */
function requestFields(subresource: string): readonly (readonly string[])[] {
  if (subresource === 'approval') return [['spec'], ['status', 'certificate']]
  return subresource === 'status' ? [['spec'], ['status', 'conditions']] : [['spec'], ['status']]
}
