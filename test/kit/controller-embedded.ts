import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { addNode, type ControllerSide } from './controller-cases.ts'
import { everything } from './controller-requests.ts'

/** What passes until a namespace counts as settled, beside what a step asks for. */
const SETTLE_MS = 3000

/** The embedded server with its controllers, on a clock of its own and without nodes. */
export async function embeddedSide(): Promise<ControllerSide & { close(): void }> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1, 0, 0, 5))
  const server = createApiServer({ clock, random: seededRandom(7) }, { simulation: false })
  server.secure(['localhost'])
  await addNode({ transport: server })
  return {
    transport: server,
    now: () => clock.now(),
    settled: async (_, seconds) => {
      await clock.advance(SETTLE_MS + seconds * 1000)
      return everything(server)
    },
    close: () => server.close(),
  }
}
