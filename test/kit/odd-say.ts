import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers a request: a status, headers and a body. */
export function say(
  response: ServerResponse,
  status: number,
  {
    headers = {},
    body = '',
  }: { headers?: Record<string, string | string[] | number>; body?: string | Buffer } = {},
): true {
  response.writeHead(status, headers)
  response.end(body)
  return true
}

/** An error in the form of the specification. */
export function refuse(
  response: ServerResponse,
  status: number,
  error: { readonly code: string; readonly message: string; readonly detail?: unknown },
): true {
  const headers = { 'content-type': 'application/json' }
  return say(response, status, { headers, body: JSON.stringify({ errors: [error] }) })
}

/** Reads what was sent. */
export async function sent(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
