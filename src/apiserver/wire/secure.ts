import type { Server as HttpServer } from 'node:http'
import {
  createServer as createTwo,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import type { KeyPair } from '../tls/index.ts'
import { type Exchange, overTwo } from './exchange.ts'

/** What TLS needs. */
export interface SecureOptions {
  /** Certificate and key of the server. */
  readonly certificate: KeyPair
  /** Whose client certificates are believed, as PEM. */
  readonly clientAuthority: string
  /** Whether plain HTTP is spoken on the same port. Default: no. */
  readonly alsoPlain?: boolean
  /** How long a connection may say nothing at first, in milliseconds. Default: 30,000. */
  readonly firstByteMs?: number
}

/** As Go's server allows. */
const STREAMS_MAX = 250
const HEADERS_MAX_BYTES = 1024 * 1024
/** So that a body of some size comes in one go. */
const WINDOW_BYTES = 1024 * 1024

/** What a connection begins with that is to become TLS. */
const HANDSHAKE = 0x16

const FIRST_BYTE_MS = 30_000

const PLAIN_REFUSED =
  'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'

/**
 * One port for TLS, with HTTP/2 where the client knows it, and where that is wanted for plain HTTP
 * too: the first byte of a connection tells which.
 */
export function secured(
  plain: HttpServer,
  options: SecureOptions,
  answer: (exchange: Exchange, socket: Socket) => void,
): Server {
  const two = httpTwo(answer)
  const secure = createTls(
    {
      cert: options.certificate.certificate,
      key: options.certificate.key,
      ca: options.clientAuthority,
      requestCert: true,
      // Who shows a certificate that is not believed is told so in an answer.
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
    },
    (socket) => {
      const server = socket.alpnProtocol === 'h2' ? two : plain
      server.emit('connection', socket)
    },
  )
  return createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    const giveUp = (): void => {
      socket.destroy()
    }
    const patience = AbortSignal.timeout(options.firstByteMs ?? FIRST_BYTE_MS)
    patience.addEventListener('abort', giveUp)
    socket.once('data', (first: Buffer) => {
      patience.removeEventListener('abort', giveUp)
      socket.pause()
      socket.unshift(first)
      // TLS takes what was read already by itself, and must find it there.
      if (first[0] === HANDSHAKE) {
        secure.emit('connection', socket)
        return
      }
      if (options.alsoPlain === true) plain.emit('connection', socket)
      else socket.end(PLAIN_REFUSED)
      socket.resume()
    })
  })
}

function httpTwo(answer: (exchange: Exchange, socket: Socket) => void): Http2Server {
  const two = createTwo({
    settings: {
      maxConcurrentStreams: STREAMS_MAX,
      maxHeaderListSize: HEADERS_MAX_BYTES,
      initialWindowSize: WINDOW_BYTES,
    },
  })
  two.on('session', (session) => session.setLocalWindowSize(WINDOW_BYTES))
  two.on('sessionError', () => undefined)
  const onStream = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    _flags: number,
    rawHeaders: readonly string[] = [],
  ): void => {
    stream.on('error', () => undefined)
    const socket = stream.session?.socket
    if (socket !== undefined) answer(overTwo(stream, headers, rawHeaders), socket)
  }
  two.on('stream', onStream as never)
  return two
}
