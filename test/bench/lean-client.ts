import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** Where requests go. */
export interface Target {
  readonly url: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One request, made ready as bytes before the clock runs. */
export function requestBytes(
  { url, headers }: Target,
  ask: {
    readonly method: string
    readonly path: string
    readonly type?: string
    readonly body?: string
  },
): Buffer {
  const { method, path, type = 'application/json', body } = ask
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'accept: application/json',
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : [`content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`]),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`)
}

/** Some sockets to one server that are kept open. */
export interface LeanClient {
  /**
   * Sends all requests, each socket one after another, and answers the bytes of all answers.
   * @throws Error for an answer of 300 and more
   */
  send(requests: readonly Buffer[]): Promise<number>
  close(): void
}

/**
 * A client that costs as little as Node allows, so that a server is measured and not its client: it
 * looks at the status and the length of an answer and at nothing else.
 */
export async function leanClient(target: Target, sockets: number): Promise<LeanClient> {
  const open = await Promise.all(Array.from({ length: sockets }, () => opened(target.url)))
  return {
    send: async (requests) => {
      let next = 0
      let bytes = 0
      await Promise.all(
        open.map(async (socket) => {
          for (let at = next++; at < requests.length; at = next++)
            bytes += await exchange(socket, requests[at] ?? Buffer.alloc(0))
        }),
      )
      return bytes
    },
    close: () => {
      for (const socket of open) socket.destroy()
    },
  }
}

function opened(url: string): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url)
  const to = { host: hostname, port: Number(port) }
  return new Promise((resolve, reject) => {
    const socket: Socket =
      protocol === 'https:'
        ? connectTls({ ...to, rejectUnauthorized: false }, () => resolve(socket))
        : connectPlain(to, () => resolve(socket))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const head = held.indexOf('\r\n\r\n')
      if (head < 0 || !isWhole(held, head)) return
      socket.off('data', onData)
      if (held[9] === 0x32) resolve(held.length)
      else reject(new Error(held.toString()))
    }
    socket.on('data', onData)
    socket.write(request)
  })
}

function isWhole(held: Buffer, head: number): boolean {
  const text = held.toString('latin1', 0, head)
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
  if (length !== undefined) return held.length >= head + 4 + Number(length)
  return held.length > head + 4 && held.toString('latin1', held.length - 5) === '0\r\n\r\n'
}
