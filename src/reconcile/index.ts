/**
 * The work queue and the two reconcilers: observe, decide, act, record.
 * Invariant: a reconciler writes to the cluster only by carrying out a plan, and reaches clock, disk
 * and network through ports alone.
 */
export {
  createEvents,
  type EventPayload,
  type EventRecord,
  type Events,
  type EventsDeps,
} from './events.ts'
export type {
  Builder,
  KustomizationDeps,
  RemoteClusters,
} from './kustomization/context.ts'
export { type Controller, createKustomizationController } from './kustomization/controller.ts'
export {
  DEFAULT_GATES,
  DEFAULT_OPTIONS,
  type FeatureGates,
  type KustomizationOptions,
  parseGates,
} from './kustomization/options.ts'
export { RECONCILE_DURATION } from './metrics.ts'
export {
  type Outcome,
  type QueueDeps,
  type QueueOptions,
  type Turn,
  type Work,
  WorkQueue,
} from './queue.ts'
export {
  createBucketController,
  createGitRepositoryController,
  createOciRepositoryController,
  type SourceController,
  type SourceController as GitRepositoryController,
  type SourceDeps,
  type SourceOptions as GitRepositoryOptions,
} from './source/index.ts'
