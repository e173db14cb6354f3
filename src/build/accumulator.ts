import { EMPTY_CONFIG, type TransformerConfig } from './config/config.ts'
import type { VarSpec } from './load/kustomization.ts'
import type { KustomizationFile } from './load/kustomization-file.ts'
import type { Loader } from './load/loader.ts'
import { ResMap } from './model/res-map.ts'
import type { OpenApi } from './plugin/open-api.ts'
import type { Origin } from './plugin/origin.ts'
import type { TraceLayer, Tracer } from './trace/types.ts'

/** What a kustomization and those below it came to. */
export interface Accumulator {
  readonly map: ResMap
  config: TransformerConfig
  readonly vars: Map<string, VarSpec>
}

/** What one build shares among all its kustomizations. */
export interface BuildState {
  readonly warnings: string[]
  readonly openApi: OpenApi
  /** Told of each step; absent unless somebody asks who wrote what. */
  readonly tracer?: Tracer | undefined
}

/** One kustomization being accumulated. */
export interface Target {
  readonly loader: Loader
  readonly file: KustomizationFile
  readonly state: BuildState
  /** Where it is, when origins are kept. */
  readonly origin: Origin | undefined
  /** Namespace of charts that name none, from the nearest kustomization above. */
  readonly chartNamespace?: string | undefined
}

/** Nothing gathered yet. */
export function emptyAccumulator(state: BuildState): Accumulator {
  return { map: new ResMap(state.openApi.scopes), config: EMPTY_CONFIG, vars: new Map() }
}

/** Where the steps of a kustomization belong. */
export function layerOf({ loader, file }: Pick<Target, 'loader' | 'file'>): TraceLayer {
  return { root: loader.root, fileName: file.name, chain: () => loader.chain() }
}
