/**
 * Protobuf bodies of built-in kinds, as client-go sends and accepts them.
 * Invariant: what is read, or was written and is read again, equals the JSON form of the object.
 */
export { decodeProtobuf, encodeProtobuf, PROTOBUF } from './envelope.ts'
export { lengthField } from './frame.ts'
export { asText, inJson } from './in-json.ts'
export { WireError } from './wire.ts'
