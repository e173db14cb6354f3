/**
 * Server-side apply and managed fields, as structured-merge-diff and the API server do them.
 * Invariant: pure; objects go in as they are stored and come out to be defaulted and stored.
 */
export { type ApplyRequest, type ApplyResult, applyPatch } from './apply.ts'
export { type FieldSet, setOf } from './field-set.ts'
export { decodeFields, encodeFields } from './fields-v1.ts'
export { withInternedFields } from './interned.ts'
export type { FieldsRequest } from './request.ts'
export { entriesOfParent, entriesOfScale, type ReplicasIn, SCALE_VERSION } from './scale-entries.ts'
export { sameButTimestamps, type TrackRequest, trackUpdate } from './track.ts'
