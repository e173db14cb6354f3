import type { KubeObject } from '../../object/index.ts'
import { Informer, type InformerDeps, keyOf } from '../informer.ts'

/** What was missing is of use a moment after it has been told. */
export const SERVED_AFTER_MS: number = 150

/**
 * Knows when a kind or a namespace appears, for the sake of runs that failed for the want of one.
 */
export class Appearances {
  readonly #informers: readonly Informer<KubeObject>[]

  /** Calls `onAppear` after each new or changed definition and each new namespace. */
  constructor(deps: InformerDeps, onAppear: (afterMs: number) => void) {
    const kinds = [
      { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' },
      { group: '', version: 'v1', kind: 'Namespace' },
    ]
    this.#informers = kinds.map(
      (kind) =>
        new Informer<KubeObject>(deps, {
          kind,
          metadataOnly: true,
          keep: ({ apiVersion, kind: name, metadata }) => ({
            apiVersion,
            kind: name,
            metadata: { name: metadata.name ?? '', uid: metadata.uid ?? '' },
          }),
        }),
    )
    for (const informer of this.#informers)
      informer.onChange(({ type, object, previous }) => {
        if (type !== 'upsert' || !informer.isSynced) return
        const isNew = previous?.metadata.uid !== object.metadata.uid
        if (isNew || keyOf(object).includes('.')) onAppear(SERVED_AFTER_MS)
      })
  }

  /** Watches until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.run(signal)))
  }
}
