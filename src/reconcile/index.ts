/**
 * The work queue and the two reconcilers: observe, decide, act, record.
 * Invariant: a reconciler writes to the cluster only by carrying out a plan, and reaches clock, disk
 * and network through ports alone.
 */
export {
  createEvents,
  type EventPayload,
} from './events.ts'
export type { Builder, RemoteClusters } from './kustomization/context.ts'
export { createKustomizationController } from './kustomization/controller.ts'
export {
  DEFAULT_GATES,
  type FeatureGates,
  type KustomizationOptions,
} from './kustomization/options.ts'
export {
  type Work,
  WorkQueue,
} from './queue.ts'
export {
  createReceiverController,
  type ReceiverController,
  type ReceiverDeps,
  type ReceiverOptions,
} from './receiver/index.ts'
export {
  createBucketController,
  createGitRepositoryController,
  createOciRepositoryController,
  type SourceController,
  type SourceController as GitRepositoryController,
  type SourceDeps,
  type SourceOptions as GitRepositoryOptions,
} from './source/index.ts'
export { beginStages, type Stage, type Stages } from './stages.ts'
