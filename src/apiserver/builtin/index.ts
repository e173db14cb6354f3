/**
 * What the API server does with its own kinds: defaults, strategy, validation.
 * Invariant: pure; messages are kube-apiserver's.
 */
export { labelSelector, labels } from './check.ts'
export { annotations, metaCauses } from './check-meta.ts'
export { applyBuiltinDefaults } from './defaults.ts'
export {
  duplicate,
  forbidden,
  invalid,
  invalidMessage,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.ts'
export { goMetadata } from './go-struct.ts'
export { dns1035Label, dnsSubdomain, labelValue, pathSegment, qualifiedName } from './names.ts'
export type { Cause, Refusal } from './refusal.ts'
export { allocateService, allocationsOf, type ServiceAllocator } from './service.ts'
export {
  complete,
  prepareCreate,
  prepareUpdate,
  resetFields,
  type StrategyContext,
} from './strategy.ts'
export { addTolerations } from './strategy-kinds.ts'
export { validateBuiltin, validateMetadata } from './validate.ts'
export { builtinWarnings, finalizerWarnings } from './warnings.ts'
