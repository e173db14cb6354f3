/**
 * Structural schemas of CRDs: types to merge by, validation, defaults, pruning.
 * Invariant: pure; a schema is read once and then used for many objects.
 */
export { celName } from './cel-names.ts'
export { approvalOf } from './definition/approval.ts'
export { declare } from './definition/declare.ts'
export { validateCrd, validateCrdStatus } from './definition/definition.ts'
export { compileStructural, type StructuralSchema } from './structural.ts'
