/**
 * Kustomize: from a tree of files and a path in it to Kubernetes objects.
 * Invariant: synchronous, never fetches, reads only the tree that it is handed; does not know Flux.
 */
export { type BuildCode, type BuildOptions, type BuildResult, type Built, build } from './build.ts'
export type { FileRead, KustomizationEdit, RemoteBase } from './types.ts'
