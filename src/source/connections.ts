import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Bounds of the connections to a server. */
export interface ConnectionLimits {
  readonly connectionsMax: number
  /** From one address, so that who holds many keeps nobody else out. */
  readonly perAddressMax: number
  /** A connection on which nothing moves for so long is closed, whoever was to read or to write. */
  readonly stillMsMax: number
}

/** Holds a server to its limits. What is above them is closed at once. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const open = new Map<string, number>()
  server.maxConnections = limits.connectionsMax
  server.timeout = limits.stillMsMax
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > limits.perAddressMax) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}
