/**
 * Protobuf bodies of built-in kinds, as client-go sends them.
 * Invariant: only read, never written; what is read equals the JSON form of the same object.
 */
export { decodeProtobuf, PROTOBUF } from './envelope.ts'
export { inJson, type TextRequest } from './in-json.ts'
export { WireError } from './wire.ts'
