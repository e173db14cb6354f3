import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { ApiRequest, ApiResponse, Transport } from '../../src/object/index.ts'

type Ask = (
  url: string,
  options: RequestOptions,
  answer: (incoming: IncomingMessage) => void,
) => ReturnType<typeof httpRequest>

/** A plain transport to one server, without pooling or retries: for comparing servers. */
export function plainTransport(
  url: string,
  options: {
    readonly ask?: Ask
    readonly agent?: Agent
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Transport {
  const ask: Ask = options.ask ?? httpRequest
  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        const headers = { ...options.headers, ...headersOf(request) }
        const { method, signal, body } = request
        const call = ask(
          url + request.path,
          {
            method,
            headers,
            rejectUnauthorized: false,
            ...(options.agent === undefined ? {} : { agent: options.agent }),
            ...(signal === undefined ? {} : { signal }),
          },
          (incoming) => resolve(responseOf(incoming)),
        )
        call.on('error', reject)
        call.end(body)
      }),
  }
}

function headersOf(request: ApiRequest): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name] = typeof value === 'string' ? value : [...value]
  // Node writes no length for DELETE by itself.
  if (request.body !== undefined)
    headers['content-length'] = String(Buffer.byteLength(request.body))
  return headers
}

function responseOf(incoming: IncomingMessage): ApiResponse {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return {
    status: incoming.statusCode ?? 0,
    headers,
    text: async () => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      return Buffer.concat(chunks).toString('utf8')
    },
    lines: () => linesOf(incoming),
  }
}

async function* linesOf(incoming: IncomingMessage): AsyncIterable<string> {
  let rest = ''
  // A chunk may end within a character.
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines.filter((line) => line !== '')
  }
}
