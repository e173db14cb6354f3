/**
 * Protobuf bodies of built-in kinds, as client-go sends them.
 * Invariant: only read, never written; what is read equals the JSON form of the same object.
 */
export { decodeProtobuf } from './envelope.ts'
export { inJson } from './in-json.ts'
export { WireError } from './wire.ts'
