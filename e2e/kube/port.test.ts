import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { systemClock as clock } from '../../src/compose/system.ts'
import { playPort, portCases } from '../../test/kit/port-contract.ts'
import { whyWithout } from './assets.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')

describe.skipIf(why !== '')(`the Cluster port${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  beforeAll(async () => {
    real = await startKube({ controllers: false })
  }, 60_000)
  afterAll(() => real?.close())

  test.each(Object.entries(portCases))('on a real server: %s', async (name, of) => {
    const namespace = `port-${name.replaceAll(' ', '-')}`
    const { transport } = real
    const found = await playPort(of, { namespace, transport }, (over) =>
      createCluster({ transport: over, clock, random: seededRandom(1) }),
    )
    expect(found).toEqual(of.want)
  })
})
