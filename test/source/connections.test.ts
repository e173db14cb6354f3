import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { limitConnections } from '../../src/source/connections.ts'

/** How many of some connections are still open once one more was answered, and that answer. */
async function held(from: string, asks: string): Promise<[open: number, answer: string]> {
  const server = createServer((_, response) => response.end('served'))
  limitConnections(server, { connectionsMax: 20, perAddressMax: 3, stillMsMax: 60_000 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  for (let i = 0; i < 10; i += 1)
    await new Promise<void>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress: from }, resolve)
      sockets.push(socket.on('error', () => undefined).resume())
    })
  const answer = await new Promise<string>((resolve) => {
    const last = connect({ host: '127.0.0.1', port, localAddress: asks }, () =>
      last.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    )
    last.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    last.once('close', () => resolve('')).on('error', () => resolve(''))
    sockets.push(last)
  })
  const open = await new Promise<number>((resolve) =>
    server.getConnections((_, count) => resolve(count)),
  )
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
  return [open, answer]
}

test('who holds connections keeps out itself, and nobody else', async () => {
  const [open, answer] = await held('127.0.0.2', '127.0.0.3')
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
  expect(open).toBe(4)
  expect((await held('127.0.0.2', '127.0.0.2'))[1]).toBe('')
})
