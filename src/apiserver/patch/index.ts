/**
 * Patches other than server-side apply.
 * Invariant: pure; what can not be applied is answered as a refusal with the API server's words.
 */
export { jsonPatch, mergePatch, type Patched } from './merge.ts'
export { leftBehind, sortedAlong, sortedWith } from './order.ts'
export { printGo } from './problem.ts'
export { strategicMerge } from './strategic.ts'
