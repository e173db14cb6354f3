import type { ApiRequest } from '../../object/index.ts'
import { badRequest } from '../status.ts'
import { excerpt } from '../wire/excerpt.ts'
import { decodeProtobuf, PROTOBUF } from './envelope.ts'
import { WireError } from './wire.ts'

/** No patch is written in protobuf: as text it is refused for its media type. */
export function asText({ body, ...rest }: ApiRequest): TextRequest {
  if (body === undefined) return rest
  return { ...rest, body: typeof body === 'string' ? body : decoder.decode(body) }
}

/** A request whose body is text. */
export interface TextRequest extends ApiRequest {
  readonly body?: string
}

/**
 * A request with its body as text: a protobuf body becomes the same object in JSON, so that nothing
 * behind this knows of protobuf. The kind is what the body should be of: errors name it.
 * @throws StatusFault 400 for a body that can not be read
 */
export function inJson(request: ApiRequest, kind: string): TextRequest {
  const { body, ...rest } = request
  if (body === undefined) return rest
  if (typeof body === 'string') {
    if (!isProtobuf(request)) return { ...rest, body }
    return inJson({ ...rest, body: Buffer.from(body) }, kind)
  }
  const isDelete = request.method === 'DELETE'
  if (!isProtobuf(request) || (isDelete && body.length === 0))
    return { ...rest, body: decoder.decode(body) }
  const headers = { ...request.headers, 'content-type': 'application/json' }
  return { ...rest, headers, body: JSON.stringify(decoded(body, isDelete ? '' : kind)) }
}

const decoder = new TextDecoder()

function isProtobuf(request: ApiRequest): boolean {
  const header = request.headers?.['content-type']
  const type = typeof header === 'string' ? header : header?.[0]
  return type?.split(';')[0]?.trim().toLowerCase() === PROTOBUF
}

/** What a body holds; without a kind it is options, whose errors name none. */
function decoded(body: Uint8Array, kind: string): unknown {
  try {
    if (body.length === 0) throw new WireError('empty data')
    return decodeProtobuf(body)
  } catch (error) {
    if (!(error instanceof WireError) && !(error instanceof SyntaxError)) throw error
    if (kind === '') throw badRequest(error.message)
    const quoted = excerpt(body)
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${error.message} (${quoted})`,
    )
  }
}
