import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ApiResponse } from '../../object/index.ts'
import { routeOf, verbOf } from '../route.ts'
import { type Servable, whole } from './answer.ts'
import { overOne } from './exchange.ts'
import { peerOf } from './peer.ts'
import { accepting, closeFrame, listen, messageFrame } from './websocket.ts'

/** A request that would turn its connection into something else. */
export interface Upgrading {
  readonly incoming: IncomingMessage
  readonly socket: Duplex
  /** What came after the request already. */
  readonly first: Buffer
}

/**
 * Watches become WebSockets. Whatever else is asked for is answered as if nobody had asked to
 * upgrade: by a server that knows nothing of it.
 */
export async function upgrade(
  servable: Servable,
  calm: Server,
  { incoming, socket, first }: Upgrading,
): Promise<void> {
  if (!isWatch(incoming)) {
    replay(calm, incoming, socket, first)
    return
  }
  const gone = new AbortController()
  listen(socket, first, () => gone.abort())
  const headers = incoming.headers as Record<string, string | string[]>
  const request = { method: 'GET' as const, path: incoming.url ?? '/', headers, body: '' }
  const peer = peerOf(socket as Socket)
  const response = await servable.request({ ...request, signal: gone.signal }, peer)
  if (response.headers['transfer-encoding'] === 'chunked') await tell(response, incoming, socket)
  else await refuse(response, incoming, socket as Socket)
}

function isWatch(incoming: IncomingMessage): boolean {
  const { method, headers, url = '/' } = incoming
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false
  const route = routeOf({ path: url })
  return route.resource !== undefined && verbOf('GET', route) === 'watch'
}

/** Hands a connection on as it was before its request was read. */
function replay(to: Server, incoming: IncomingMessage, socket: Duplex, first: Buffer): void {
  const { method, url, rawHeaders, httpVersion } = incoming
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`)
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), first]))
  to.emit('connection', socket)
}

async function tell(
  response: ApiResponse,
  { headers }: IncomingMessage,
  socket: Duplex,
): Promise<void> {
  socket.write(accepting(headers['sec-websocket-key'] ?? '', undefined))
  for await (const piece of response.frames?.() ?? response.lines()) {
    if (socket.destroyed) return
    const message = typeof piece === 'string' ? `${piece}\n` : piece
    if (!socket.write(messageFrame(message)))
      await new Promise((resolve) => {
        socket.once('drain', resolve)
        socket.once('close', resolve)
      })
  }
  socket.end(closeFrame())
}

async function refuse(
  response: ApiResponse,
  incoming: IncomingMessage,
  socket: Socket,
): Promise<void> {
  const outgoing = new ServerResponse(incoming)
  outgoing.assignSocket(socket)
  outgoing.shouldKeepAlive = false
  outgoing.on('finish', () => socket.end())
  await whole(response, overOne(incoming, outgoing))
}
