import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { systemClock } from '../../src/compose/system.ts'
import type { Transport } from '../../src/object/index.ts'
import { FEATURES } from '../../test/reconcile/features/index.ts'
import { suiteOn } from '../../test/reconcile/features/suite.ts'
import { hasPrograms, type Kube, startKube } from './kube.ts'
import { realTransport } from './real-server.ts'

// The same suites run on the embedded server in test/reconcile/features.test.ts.

const canRun = hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager')

describe.skipIf(!canRun)('on a real kube-apiserver (skipped where TG_BIN has none)', () => {
  let kube: Kube
  let real: Transport | undefined
  beforeAll(async () => {
    kube = await startKube()
    const { clusters } = JSON.parse(readFileSync(kube.kubeconfig, 'utf8')) as {
      clusters: readonly { cluster: { server: string } }[]
    }
    real = realTransport(clusters[0]?.cluster.server ?? '', 'admintoken')
  }, 120_000)
  afterAll(() => kube.close())
  const transport: Transport = {
    request: (request) => {
      if (real === undefined) throw new Error('the server is not up yet')
      return real.request(request)
    },
  }
  const clock = { ...systemClock, advance: (ms: number) => sleep(ms) }
  const suite = suiteOn({ transport, clock, close: () => undefined })
  afterEach(() => suite.closeAll())
  for (const [name, feature] of Object.entries(FEATURES)) describe(name, () => feature(suite))
})
