/** The reconcilers of sources: what a host has becomes an artifact, or a condition says why not. */
export {
  type SourceDeps,
  type SourceOptions,
} from './context.ts'
export {
  createBucketController,
  createGitRepositoryController,
  createOciRepositoryController,
  type SourceController,
} from './controller.ts'
export type { SourceCode } from './halt.ts'
