import type { ApiResponse, Json } from '../../object/index.ts'
import { contentType, writeBody } from './media.ts'

/** An answer before it becomes an {@link ApiResponse}. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The whole body, or a stream of lines. */
  readonly body: string | AsyncIterable<string>
  /** The body where it is no text; then `body` is empty. */
  readonly bytes?: Uint8Array
}

/** An answer with a JSON value. */
export function answerJson(
  status: number,
  value: Json,
  options: { readonly format?: 'json' | 'yaml'; readonly warnings?: readonly string[] } = {},
): Answer {
  const format = options.format ?? 'json'
  return {
    status,
    headers: { 'content-type': contentType(format), ...warningHeader(options.warnings ?? []) },
    body: writeBody(value, format),
  }
}

/** An answer with plain text. */
export function answerText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
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
  }
}

async function* linesOf(body: string): AsyncIterable<string> {
  for (const line of body.split('\n')) if (line !== '') yield line
}
