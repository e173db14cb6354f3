import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import {
  builtinType,
  conform,
  definition,
  objectMetaType,
  type SchemaType,
} from '../../schema/index.ts'
import { decodeMessage } from './decode.ts'
import { discoveryMessage } from './discovery.ts'
import { encodeMessage } from './encode.ts'
import { lengthField } from './frame.ts'
import { messageOf } from './messages.ts'
import { delimited, fieldsOf, text, WireError } from './wire.ts'
import { Writer } from './writer.ts'

/** The media type of Kubernetes' protobuf bodies. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** `k8s` and a zero: what every such body begins with. */
const PREFIX = [0x6b, 0x38, 0x73, 0x00]
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/**
 * Writes an object in the JSON form of a built-in kind as a protobuf body; undefined for kinds that
 * have no protobuf: custom ones, tables.
 */
export function encodeProtobuf(object: JsonObject): Uint8Array | undefined {
  const apiVersion = String(object['apiVersion'] ?? 'v1')
  const kind = String(object['kind'] ?? '')
  const to = new Writer()
  const write = writerOf(to, object, { apiVersion, kind })
  if (write === undefined) return discoveryBody(object)
  to.text(4, '')
  to.text(3, '')
  to.delimited(2, write)
  to.delimited(1, () => {
    to.text(2, kind)
    to.text(1, apiVersion)
  })
  to.bytes(Uint8Array.from(PREFIX))
  return to.result()
}

/** Discovery in an envelope; some of its kinds have no version. */
function discoveryBody(object: JsonObject): Uint8Array | undefined {
  const message = discoveryMessage(object)
  if (message === undefined) return undefined
  const text = (key: string): Uint8Array => Buffer.from(String(object[key] ?? ''))
  const type = Buffer.concat([lengthField(1, text('apiVersion')), lengthField(2, text('kind'))])
  return Buffer.concat([Buffer.from(PREFIX), lengthField(1, type), lengthField(2, message)])
}

interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

/**
 * Reads a protobuf body (the envelope `runtime.Unknown`, and in it a message of a built-in kind) as
 * the object that Go would write as JSON.
 * @throws WireError for bytes that are none, and for kinds that have no protobuf
 * @see k8s.io/apimachinery pkg/runtime/serializer/protobuf (v0.36.3)
 */
export function decodeProtobuf(body: Uint8Array): JsonObject {
  const { apiVersion, kind, raw } = openEnvelope(body)
  const type = typeOf(apiVersion, kind)
  if (type === undefined)
    throw new WireError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
  const message = decodeMessage(raw, type)
  const object = { kind, apiVersion, ...message }
  return conform(object as never, type).object as JsonObject & Json
}

function openEnvelope(body: Uint8Array): Envelope {
  if (PREFIX.some((byte, i) => body[i] !== byte))
    throw new WireError(
      `provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`,
    )
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  for (const { number, value } of fieldsOf(body.subarray(PREFIX.length))) {
    if (number === 2) raw = delimited(value)
    if (number !== 1) continue
    for (const field of fieldsOf(delimited(value))) {
      if (field.number === 1) apiVersion = text(field.value)
      if (field.number === 2) kind = text(field.value)
    }
  }
  return { apiVersion, kind, raw }
}

/** What writes the message of an object; undefined where it has none. */
function writerOf(
  to: Writer,
  object: JsonObject,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): (() => void) | undefined {
  if (kind === 'PartialObjectMetadata') return () => partial(to, object)
  if (kind === 'PartialObjectMetadataList') return () => partials(to, object)
  const type = typeOf(apiVersion, kind)
  if (type === undefined || messageOf(type.name ?? '') === undefined) return undefined
  return () => encodeMessage(to, object, type)
}

function partial(to: Writer, object: Json): void {
  const metadata = isObject(object) ? object['metadata'] : undefined
  if (isObject(metadata)) to.delimited(1, () => encodeMessage(to, metadata, objectMetaType()))
}

function partials(to: Writer, { items, metadata }: JsonObject): void {
  for (const item of isArray(items) ? [...items].reverse() : [])
    to.delimited(2, () => partial(to, item))
  const type = definition(`${META}ListMeta`)
  if (isObject(metadata) && type !== undefined)
    to.delimited(1, () => encodeMessage(to, metadata, type))
}

/** Options (`DeleteOptions`) are spoken in the version of the kind that they are for. */
function typeOf(apiVersion: string, kind: string): SchemaType | undefined {
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const type = builtinType({ group, version: apiVersion.slice(slash + 1), kind })
  return type ?? (/Options$|^Status$/.test(kind) ? definition(`${META}${kind}`) : undefined)
}
