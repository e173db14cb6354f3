import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a port on loopback, on which bytes may be swallowed. */
export interface Relay {
  readonly port: number
  /** Connections that were made through it, in either state. */
  readonly sockets: ReadonlySet<Socket>
  /** Swallows everything on what is connected so far; nothing is closed, and neither end notices. */
  swallow(): void
  close(): void
}

/** Starts a relay to a port. */
export function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  let connected: { isCut: boolean }[] = []
  const server = createServer((near) => {
    sockets.add(near)
    const state = { isCut: false }
    connected.push(state)
    const far = connect(port, '127.0.0.1')
    near.on('data', (data) => !state.isCut && far.write(data))
    far.on('data', (data) => !state.isCut && near.write(data))
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => !state.isCut && near.destroy())
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        sockets,
        swallow: () => {
          for (const state of connected) state.isCut = true
          connected = []
        },
        close: () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        },
      }),
    )
  })
}
