import { type ApiResponse, isObject, type Json } from '../../object/index.ts'
import { encodeProtobuf } from '../protobuf/index.ts'
import { contentType, type Format, writeBody } from './media.ts'

/** An answer before it becomes an {@link ApiResponse}. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The whole body, or a stream of lines. */
  readonly body: string | AsyncIterable<string>
  /** Set where the characters of what is streamed are bytes. */
  readonly isBinary?: true
  /** The body where it is no text; then `body` is empty. */
  readonly bytes?: Uint8Array
}

/** An answer with a JSON value, in the format that was accepted. What has no protobuf is JSON. */
export function answerJson(
  status: number,
  value: Json,
  options: { readonly format?: Format; readonly warnings?: readonly string[] } = {},
): Answer {
  const { format = 'json', warnings = [] } = options
  if (format === 'protobuf') {
    const bytes = isObject(value) ? encodeProtobuf(value) : undefined
    if (bytes === undefined) return answerJson(status, value, { warnings })
    const headers = { 'content-type': contentType(format), ...warningHeader(warnings) }
    return { status, headers, body: '', bytes }
  }
  return {
    status,
    headers: { 'content-type': contentType(format), ...warningHeader(warnings) },
    body: writeBody(value, format),
  }
}

/** An answer with plain text. */
export function answerText(status: number, body: string): Answer {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  }
  return { status, headers, body }
}

/** `Warning` headers joined as one: RFC 7234 code 299, agent unknown. */
export function warningHeader(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {}
  const texts = [...new Set(warnings)].map((text) => `299 - ${quote(text)}`)
  return { warning: texts.join(', ') }
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, '\\$&')}"`
}

/** The port's form of an answer. */
export function toResponse(answer: Answer): ApiResponse {
  const { body } = answer
  return {
    status: answer.status,
    headers: answer.headers,
    ...(answer.bytes === undefined ? {} : { bytes: answer.bytes }),
    text: async () => {
      if (typeof body === 'string') return body
      let text = ''
      for await (const line of body) text += `${line}\n`
      return text
    },
    lines: () => (typeof body === 'string' ? linesOf(body) : body),
    ...(answer.isBinary && typeof body !== 'string' ? { frames: () => framesOf(body) } : {}),
  }
}

async function* framesOf(body: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  for await (const frame of body) yield Buffer.from(frame, 'latin1')
}

async function* linesOf(body: string): AsyncIterable<string> {
  for (const line of body.split('\n')) if (line !== '') yield line
}
