/**
 * Structural schemas of CRDs: types to merge by, validation, defaults, pruning.
 * Invariant: pure; a schema is read once and then used for many objects.
 */
export { approvalOf } from './definition/approval.ts'
export { validateCrd, validateCrdStatus } from './definition/definition.ts'
export { compileStructural, type StructuralSchema } from './structural.ts'
