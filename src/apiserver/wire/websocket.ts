import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'

/** Frames of WebSocket (RFC 6455), as far as a server needs them that only tells. */

const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const FINAL = 0x80
const MASKED = 0x80
/** A client that only listens has little to say. */
const FRAME_MAX_BYTES = 64 * 1024
const ACCEPTING = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The head of the answer that turns a connection into a WebSocket. */
export function accepting(key: string, protocol: string | undefined): string {
  const accept = createHash('sha1')
    .update(key + ACCEPTING)
    .digest('base64')
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`
}

/** One message as a frame. */
export function messageFrame(message: string | Uint8Array): Buffer {
  return typeof message === 'string'
    ? frame(OPCODE.text, Buffer.from(message))
    : frame(OPCODE.binary, message)
}

/** The frame that says that nothing more comes. */
export function closeFrame(): Buffer {
  const normal = Buffer.alloc(2)
  normal.writeUInt16BE(1000)
  return frame(OPCODE.close, normal)
}

function frame(opcode: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([FINAL + opcode]), lengthOf(content.length), content])
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 126) return Buffer.from([bytes])
  const wide = bytes > 0xffff
  const length = Buffer.alloc(wide ? 9 : 3)
  length[0] = wide ? 127 : 126
  if (wide) length.writeBigUInt64BE(BigInt(bytes), 1)
  else length.writeUInt16BE(bytes, 1)
  return length
}

/** Answers pings, overlooks messages, and calls back when the client is done. */
export function listen(socket: Duplex, first: Uint8Array, done: () => void): void {
  let rest = Buffer.from(first)
  const read = (): void => {
    for (let next = nextFrame(rest); next !== undefined; next = nextFrame(rest)) {
      if (next === 'wrong') return done()
      rest = rest.subarray(next.size)
      if (next.opcode === OPCODE.close) return done()
      if (next.opcode === OPCODE.ping) socket.write(frame(OPCODE.pong, next.content))
    }
  }
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    read()
  })
  socket.on('close', done)
  socket.on('error', done)
  read()
}

function nextFrame(
  bytes: Buffer,
):
  | { readonly opcode: number; readonly content: Buffer; readonly size: number }
  | 'wrong'
  | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  const short = second & 0x7f
  // Clients must mask, and have nothing long to say.
  if ((second & MASKED) === 0 || short === 127) return 'wrong'
  const start = short === 126 ? 4 : 2
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short
  if (length > FRAME_MAX_BYTES) return 'wrong'
  const size = start + 4 + length
  if (bytes.length < size) return undefined
  const mask = bytes.subarray(start, start + 4)
  const content = Buffer.from(bytes.subarray(start + 4, size))
  for (const [i, byte] of content.entries()) content[i] = byte ^ (mask[i % 4] ?? 0)
  return { opcode: first & 0x0f, content, size }
}
