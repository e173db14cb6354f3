import type { Json, JsonObject } from '../object/index.ts'
import { encodeProtobuf, lengthField } from './protobuf/index.ts'
import type { Format } from './wire/media.ts'
import { jsonText } from './wire/texts.ts'

/** What a watch tells of. */
export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/**
 * One event of a watch, as JSON on a line, or as a frame of protobuf; the bytes of a frame are the
 * characters of the text.
 * @see k8s.io/apimachinery pkg/runtime/serializer/protobuf LengthDelimitedFramer (v0.36.3)
 */
export function eventText(format: Format, type: EventType, object: Json): string {
  if (format !== 'protobuf') return `{"type":${JSON.stringify(type)},"object":${jsonText(object)}}`
  const raw = encodeProtobuf(object as JsonObject) ?? new Uint8Array()
  const event = Buffer.concat([
    lengthField(1, Buffer.from(type)),
    lengthField(2, lengthField(1, raw)),
  ])
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(event.length)
  return Buffer.concat([length, event]).toString('latin1')
}

const LENGTH_BYTES = 4
