import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { JsonObject, Transport } from '../../src/object/index.ts'
import { whyWithout } from './assets.ts'
import { caseOf, customCaseOf, definition } from './fuzz/cases.ts'
import { definitionCaseOf } from './fuzz/definitions.ts'
import { partCaseOf } from './fuzz/part-cases.ts'
import { playBoth } from './fuzz/play.ts'
import { textCaseOf } from './fuzz/text-cases.ts'
import { versionCaseOf, versionsDefinition } from './fuzz/version-cases.ts'
import { wideCaseOf } from './fuzz/wide-cases.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')
/** A long search takes more of them, from elsewhere; fuzz/run.ts says how they differ. */
const runs = Number(process.env['TG_KUBE_RUNS'] ?? 100)
const from = Number(process.env['TG_KUBE_SEED'] ?? 1)

async function define(server: Transport, definition: JsonObject): Promise<void> {
  await server.request({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(definition),
  })
}

describe.skipIf(why !== '')(`of changed objects${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  const clock = new VirtualClock()
  const own = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
  beforeAll(async () => {
    real = await startKube({ controllers: false })
    for (const each of [definition, versionsDefinition]) {
      await define(own, each)
      await define(real.transport, each)
    }
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await clock.advance(2000)
  }, 60_000)
  afterAll(() => {
    own.close()
    return real?.close()
  })

  // What is said of far-fetched objects differs here and there: the share may grow, not shrink.
  test.each([
    ['built-in', caseOf, 0.96],
    ['wide', wideCaseOf, 0.94],
    ['parts', partCaseOf, 0.92],
    ['texts', textCaseOf, 0.89],
    ['custom', customCaseOf, 0.97],
    ['versions', versionCaseOf, 0.93],
    ['definitions', definitionCaseOf, 0.96],
  ] as const)(
    'both servers say the same: %s',
    async (name, of, share) => {
      let played = 0
      let equal = 0
      for (let number = from; number < from + runs; number += 1) {
        const one = { ...of(number), name: `${name}-${number}` }
        const on = { own, real: real.transport, clock }
        const both = await playBoth(on, one).catch(() => undefined)
        // Some bodies make the real server panic: it answers nothing.
        if (both === undefined) continue
        played += 1
        if (JSON.stringify(both[0]) === JSON.stringify(both[1])) equal += 1
      }
      expect(equal / played).toBeGreaterThan(share)
    },
    600_000,
  )
})
