/**
 * Kustomize: from a tree of files and a path in it to Kubernetes objects.
 * Invariant: synchronous, never fetches, reads only the tree that it is handed; does not know Flux.
 */
export { build } from './build.ts'
export type { BuildCode } from './fault.ts'
export { parseRemote } from './load/remote.ts'
export { listOf, readShape, type Shape, shape, text, textMap, texts } from './load/shape.ts'
export { namespaceOf } from './model/ids.ts'
export {
  answersAlike,
  type BuildAnswer,
  type BuildRequest,
  buildMounted,
  type Questions,
  type TreeDigests,
} from './mounted.ts'
export { createParseCache, type ParseCache } from './parse-cache.ts'
export { type FieldTrace, type TracedBuild, traceBuild } from './trace/trace.ts'
export type { Change } from './trace/types.ts'
export {
  type BuildOptions,
  type BuildResult,
  BuildTooBig,
  type Built,
  type EditIgnores,
  type FileRead,
  type KustomizationEdit,
  type RemoteBase,
} from './types.ts'
