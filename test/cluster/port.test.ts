import { afterAll, describe, expect, test } from 'vitest'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { seededRandom } from '../../src/base/index.ts'
import { createCluster, httpTransport } from '../../src/cluster/index.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import type { Transport } from '../../src/object/index.ts'
import { playPort, portCases } from '../kit/port-contract.ts'

const api = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
const served = await serve(api)
const http = httpTransport({ server: served.url }, clock)
afterAll(async () => {
  http.close()
  await served.close()
  api.close()
})

// A real server passes the same suite in e2e/kube/port.test.ts.
describe.each<[string, Transport]>([
  ['in this process', api],
  ['over HTTP', http],
])('the Cluster port on the embedded server %s', (where, transport) => {
  test.each(Object.entries(portCases))('%s', async (name, of) => {
    const namespace = `${where} ${name}`.toLowerCase().replaceAll(' ', '-')
    const found = await playPort(of, { namespace, transport }, (over) =>
      createCluster({ transport: over, clock, random: seededRandom(1) }),
    )
    expect(found).toEqual(of.want)
  })
})
