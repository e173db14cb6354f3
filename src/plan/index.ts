/**
 * Decisions: stages, drift, inventory, prune set, dependencies, conditions, the next wake.
 * Invariant: pure and synchronous; equal input gives an equal plan, whatever the order of the input.
 */
export {
  conditionOf,
  cutText,
  removeConditions,
  setCondition,
} from './conditions.ts'
export {
  checkDependencies,
  type DependencyFault,
  dependencyKeys,
  type ExprResult,
  findCycle,
  inDependencyOrder,
  sourceKey,
} from './dependencies.ts'
export { comparedParts, hasDrifted } from './drift.ts'
export { recordRun } from './history.ts'
export {
  compileIgnore,
  type IgnoreRules,
  keepIgnored,
  withoutPointers,
} from './ignore.ts'
export {
  entryOf,
  inDeletionOrder,
  inventoryId,
  keepSurvivors,
  parseEntry,
  staleObjects,
  type TrackedObject,
  trackedObjects,
  widenInventory,
} from './inventory.ts'
export {
  cleanupPatch,
  FIELD_MANAGER,
  isCleanedManager,
  isRequestOnly,
  migrationPatch,
} from './managers.ts'
export {
  isApplySkipped,
  isForced,
  isOwnedBy,
  isPruneDisabled,
  keepsManagers,
  mayBeSkipped,
  ownerLabels,
} from './markers.ts'
export { compareApplyOrder, parseStageKinds, type Stage, stagesOf } from './order.ts'
export { expandLists, prepareObjects, withCommonMetadata, withoutOthers } from './prepare.ts'
export { effectiveTimeoutMs, intervalMs, jitteredMs, retryIntervalMs } from './timing.ts'
