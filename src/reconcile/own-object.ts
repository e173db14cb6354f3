import {
  type Cluster,
  gvkOf,
  isApiFault,
  type JsonObject,
  type KubeObject,
  type ObjectRef,
} from '../object/index.ts'

/** Put on every object of ours whose deletion leaves something to be done. */
/** Holds our objects until what belongs to them is gone. */
export const FINALIZER = 'finalizers.fluxcd.io'

/** An object of ours while it is reconciled: who writes to it, and where what is known of it is kept. */
export interface OwnObject<T extends KubeObject = KubeObject> {
  readonly cluster: Cluster
  /** Field manager of everything that is written to the object itself. */
  readonly manager: string
  /** The object as the run began with it. */
  readonly object: T
  readonly store: {
    get(namespace: string, name: string): T | undefined
    put(object: KubeObject): void
  }
}

/** The newest state of the object that is known; undefined when it is gone. */
export function newestOf<T extends KubeObject>({ object, store }: OwnObject<T>): T | undefined {
  const { namespace = '', name = '', uid } = object.metadata
  const known = store.get(namespace, name)
  return known?.metadata.uid === uid ? known : undefined
}

/** Names the object for the API. */
export function refTo(object: KubeObject): Required<ObjectRef> {
  const { namespace = '', name = '' } = object.metadata
  return { ...gvkOf(object), namespace, name }
}

/** Writes what the draft has changed; nothing when nothing differs or the object is gone. */
export async function patchStatus(
  own: OwnObject,
  draft: { patchFrom(previous: KubeObject): JsonObject | undefined },
): Promise<void> {
  const current = newestOf(own)
  const status = current === undefined ? undefined : draft.patchFrom(current)
  if (status !== undefined) await merge(own, { status }, 'status')
}

/** Puts on or takes off the finalizer. */
export async function patchFinalizer(own: OwnObject, isWanted: boolean): Promise<void> {
  const { finalizers = [], resourceVersion } = (newestOf(own) ?? own.object).metadata
  if (finalizers.includes(FINALIZER) === isWanted) return
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER)
  const version = resourceVersion === undefined ? {} : { resourceVersion }
  const metadata = { finalizers: isWanted ? [...others, FINALIZER] : others, ...version }
  await merge(own, { metadata })
}

async function merge(own: OwnObject, value: JsonObject, subresource?: 'status'): Promise<void> {
  const where = subresource === undefined ? {} : { subresource }
  try {
    const answer = await own.cluster.patch(
      refTo(own.object),
      { type: 'merge', value },
      { fieldManager: own.manager, ...where },
    )
    own.store.put(answer)
  } catch (error) {
    // Deleted meanwhile: there is nobody left to be told.
    if (!isApiFault(error, 'NOT_FOUND')) throw error
  }
}
