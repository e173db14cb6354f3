import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

/** One request as a test server saw it. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** What a test server answers to a request. */
export type Answer = (
  seen: Seen,
) => { readonly status?: number; readonly body: unknown } | undefined

/** A test server that stands in for the API of a cloud. */
export interface TestServer {
  readonly url: string
  readonly host: string
  readonly seen: Seen[]
  close(): Promise<void>
}

/** Starts a test server on a free port; it answers 404 where `answer` has nothing. */
async function startServer(answer: Answer): Promise<TestServer> {
  const seen: Seen[] = []
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one: Seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      }
      seen.push(one)
      const { status = 200, body } = answer(one) ?? { status: 404, body: 'hunter2' }
      response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  return {
    url: `http://${host}`,
    host,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Starts test servers for the tests of a file; each is gone when its test is over. */
export function testServers(): (answer: Answer) => Promise<TestServer> {
  const servers: TestServer[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
  })
  return async (answer) => {
    const server = await startServer(answer)
    servers.push(server)
    return server
  }
}
