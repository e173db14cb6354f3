import type { Kustomization } from '../../api/index.ts'
import type { KubeObject } from '../../object/index.ts'
import { Informer, type InformerDeps, keyOf } from '../informer.ts'
import type { KustomizationOptions } from './options.ts'

/** Data of a ConfigMap, or of a Secret decoded. */
export type ConfigData = Readonly<Record<string, string>>

/** What a change of a ConfigMap or Secret calls. */
export type ConfigListener = (kind: string, namespace: string, name: string) => void

const KINDS = ['ConfigMap', 'Secret'] as const
/** Data kept of ConfigMaps and Secrets that are referred to. */
const REMEMBERED_MAX = 2000

/**
 * Knows of changes of ConfigMaps and Secrets, by watches of their metadata: of those that carry
 * Flux's label, or of all. Their data is read when a run wants it and kept while the watch says that
 * it is still the same.
 */
export class Configs {
  readonly #informers: ReadonlyMap<string, Informer<KubeObject>>
  readonly #data = new Map<string, { readonly version: string; readonly data: ConfigData }>()

  constructor(deps: InformerDeps, options: KustomizationOptions, onChange: ConfigListener) {
    const labelSelector = options.fluxTiming ? options.watchConfigsLabelSelector : ''
    const kinds = options.gates.DisableConfigWatchers ? [] : KINDS
    const scope = options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }
    this.#informers = new Map(
      kinds.map((kind) => [
        kind,
        new Informer<KubeObject>(deps, {
          kind: { group: '', version: 'v1', kind },
          metadataOnly: true,
          keep: identityOf,
          ...scope,
          ...(labelSelector === '' ? {} : { labelSelector }),
        }),
      ]),
    )
    for (const [kind, informer] of this.#informers)
      informer.onChange(({ object, previous, type }) => {
        const { namespace = '', name = '', resourceVersion } = object.metadata
        if (!informer.isSynced) return
        if (type === 'upsert' && previous?.metadata.resourceVersion === resourceVersion) return
        onChange(kind, namespace, name)
      })
  }

  /** Watches until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.run(signal)))
  }

  /** The data read before, where the watch says that it has not changed since. */
  known(kind: string, namespace: string, name: string): ConfigData | undefined {
    const seen = this.#informers.get(kind)?.get(namespace, name)
    const kept = this.#data.get(`${kind}/${namespace}/${name}`)
    return kept?.version === seen?.metadata.resourceVersion ? kept?.data : undefined
  }

  remember(kind: string, object: KubeObject, data: ConfigData): void {
    const { resourceVersion } = object.metadata
    if (resourceVersion === undefined) return
    const key = `${kind}/${keyOf(object)}`
    this.#data.delete(key)
    this.#data.set(key, { version: resourceVersion, data })
    const oldest = this.#data.keys().next().value
    if (this.#data.size > REMEMBERED_MAX && oldest !== undefined) this.#data.delete(oldest)
  }
}

/** Says whether a Kustomization refers to a ConfigMap or Secret of its namespace. */
export function refersTo(object: Kustomization, kind: string, name: string): boolean {
  const { postBuild, kubeConfig, decryption } = object.spec
  if ((postBuild?.substituteFrom ?? []).some((ref) => ref.kind === kind && ref.name === name))
    return true
  if (kind === 'ConfigMap') return kubeConfig?.configMapRef?.name === name
  return kubeConfig?.secretRef?.name === name || decryption?.secretRef?.name === name
}

function identityOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  }
}
