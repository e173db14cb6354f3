import { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer, type Served, serve } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import { plainTransport } from '../../test/kit/plain-transport.ts'
import { whyWithout } from './assets.ts'
import { readDefinition, readingCaseOf } from './fuzz/reading.ts'
import { define, playReading } from './fuzz/reading-play.ts'
import { inParallel } from './fuzz/workers.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')
/** A long search takes more of them, from elsewhere; fuzz/reading-run.ts says how they differ. */
const runs = Number(process.env['TG_KUBE_RUNS'] ?? 100)
const from = Number(process.env['TG_KUBE_SEED'] ?? 1)

describe.skipIf(why !== '')(`lists, watches and deletions${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  let served: Served
  const agent = new Agent({ keepAlive: true })
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { controllers: false },
  )
  beforeAll(async () => {
    real = await startKube({ controllers: false })
    served = await serve(server)
    await define(plainTransport(served.url), readDefinition)
    await define(real.transport, readDefinition)
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }, 60_000)
  afterAll(async () => {
    agent.destroy()
    await served?.close()
    server.close()
    await real?.close()
  })

  // What the storage forgot, and what comes within the second that a watch lives, is luck.
  test('both servers answer the same, but for one in a hundred', async () => {
    const own = plainTransport(served.url, { agent })
    let answers = 0
    let equal = 0
    await inParallel({ from, count: runs, workers: 16 }, async (number) => {
      const of = readingCaseOf(number)
      const [ours, theirs] = await playReading({ own, real: real.transport }, of)
      answers += theirs.length
      equal += theirs.filter((each, i) => JSON.stringify(each) === JSON.stringify(ours[i])).length
    })
    expect(equal / answers).toBeGreaterThan(0.99)
  }, 300_000)
})
