/**
 * OpenAPI documents: those of the built-in kinds as a real server wrote them, those of custom kinds
 * made from their CRDs.
 * Invariant: the large data is loaded and unpacked by the first request that needs it, not before.
 */
export { openApi } from './serve.ts'
