/**
 * What the API server does with its own kinds: defaults, strategy, validation.
 * Invariant: pure; messages are kube-apiserver's.
 */
export { applyBuiltinDefaults } from './defaults.ts'
export type { Cause, Refusal } from './refusal.ts'
