import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import type { Transport } from '../../src/object/index.ts'
import { whyWithout } from './assets.ts'
import { CHANGE_CASES } from './changes/cases.ts'
import { type Change, playChanges } from './changes/play.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')

describe.skipIf(why !== '')(`changed definitions${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  beforeAll(async () => {
    real = await startKube({ controllers: false })
  }, 60_000)
  afterAll(() => real?.close())

  test.concurrent.each(CHANGE_CASES.map((each) => [each.name, each] as const))(
    'objects of a definition that changes are answered alike on both servers: %s',
    async (_, of) => {
      const own = ownServer()
      const [ours, theirs] = await Promise.all([
        playChanges(own.transport, of, () => pause(2000)),
        playChanges(real.transport, of, (after) => pause(isSlow(after) ? 9000 : 3000)),
      ])
      own.close()
      expect(ours).toEqual(theirs)
    },
    300_000,
  )
})

/**
 * The real server establishes a definition five seconds after its names were accepted, and looks every
 * five seconds whether the last object of one that is being deleted is gone.
 */
function isSlow({ method, path }: Change): boolean {
  return method === 'POST' || !path.startsWith('/apis/apiextensions.k8s.io/')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const ADMIN = { name: 'admin', uid: 'admin', groups: ['system:masters'] }

function ownServer(): { readonly transport: Transport; close(): void } {
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { simulation: false, tokens: { token: ADMIN } },
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
