import { createApiServer } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import type { Transport } from '../../src/object/index.ts'

const ADMIN = { name: 'admin', uid: 'admin', groups: ['system:masters'] }

/** An embedded server by the clock of the wall, whose asker is an administrator unless he says otherwise. */
export function ownServer(options: { readonly controllers?: false } = {}): {
  readonly transport: Transport
  close(): void
} {
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { simulation: false, tokens: { token: ADMIN }, ...options },
  )
  const authorization = 'Bearer token'
  return {
    transport: {
      request: (request) =>
        server.request({ ...request, headers: { authorization, ...request.headers } }),
    },
    close: () => server.close(),
  }
}
