/**
 * Kustomize: from a tree of files and a path in it to Kubernetes objects.
 * Invariant: synchronous, never fetches, reads only the tree that it is handed; does not know Flux.
 */
export { build } from './build.ts'
export type { BuildCode } from './fault.ts'
export { parseRemote } from './load/remote.ts'
export type {
  BuildOptions,
  BuildResult,
  Built,
  FileRead,
  KustomizationEdit,
  RemoteBase,
} from './types.ts'
