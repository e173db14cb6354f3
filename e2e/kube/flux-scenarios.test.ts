import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRemoteClusters } from '../../src/compose/remote-clusters.ts'
import { systemClock } from '../../src/compose/system.ts'
import { levelTails } from '../../test/conformance/flux/mask.ts'
import { play } from '../../test/conformance/flux/player.ts'
import { differences, isAsRecorded, recorded } from '../../test/conformance/flux/recorded.ts'
import { loadScenario, scenarioNames } from '../../test/conformance/flux/scenario.ts'
import type { StageServer } from '../../test/conformance/flux/stage.ts'
import { hasPrograms, type Kube, startKube } from './kube.ts'
import { realTransport } from './real-server.ts'

// What the embedded server plays in test/conformance/flux.test.ts, and what only a real one can.

const canRun = hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager')
const group = canRun ? describe.concurrent : describe.skip
const wanted = process.env['SCENARIO']
const MINUTES = 3

group('as Flux 2.9.4, on a real API server (skipped where TG_BIN has none)', () => {
  let kube: Kube | undefined
  beforeAll(async () => {
    kube = await startKube()
  }, 120_000)
  afterAll(() => kube?.close())
  for (const name of scenarioNames()) {
    if (
      wanted === undefined
        ? !differences.real.includes(name)
        : !new RegExp(`^(?:${wanted})$`).test(name)
    )
      continue
    const scenario = loadScenario(name)
    test(`${name}: ${scenario.why}`, { timeout: MINUTES * 60_000 }, async () => {
      const seen = await play(scenario, stageOn(kube, name))
      const intended = differences.intended.find((each) => each.scenario === name)
      if (intended === undefined) {
        for (const [i, actual] of seen.entries())
          expect(levelTails(recorded(name, i), actual)).toEqual(recorded(name, i))
        return
      }
      const differing = seen.findIndex((actual, i) => !isAsRecorded(name, i, actual))
      expect(scenario.steps[differing]?.name).toBe(intended.step)
      expect(JSON.stringify(seen[differing])).toMatch(new RegExp(intended.shows))
    })
  }
})

function stageOn(kube: Kube | undefined, namespace: string): StageServer {
  const config = JSON.parse(readFileSync(kube?.kubeconfig ?? '', 'utf8')) as {
    readonly clusters: readonly { readonly cluster: { readonly server: string } }[]
    readonly users: readonly { readonly user: { readonly token: string } }[]
  }
  const cluster = config.clusters[0]?.cluster ?? { server: '' }
  const user = config.users[0]?.user ?? { token: '' }
  return {
    transport: realTransport(cluster.server, user.token),
    clock: { ...systemClock, advance: (ms) => sleep(ms) },
    access: { cluster, user },
    namespace,
    remoteClusters: createRemoteClusters({ exec: false, insecure: false }, () => true),
    close: () => Promise.resolve(),
  }
}
