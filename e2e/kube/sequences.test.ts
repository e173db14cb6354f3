import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { Transport } from '../../src/object/index.ts'
import { contractCases, expectedAnswers, playCase } from '../../test/kit/cluster-contract.ts'
import { sequences } from '../../test/kit/cluster-contract-sequences.ts'
import { whyWithout } from './assets.ts'
import { pause } from './beside-real.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')

/** The real server's admission learns of the labels of a namespace a moment after they are written. */
function patient(transport: Transport): Transport {
  return {
    ...transport,
    request: async (request) => {
      const answer = await transport.request(request)
      if (request.method !== 'GET' && String(request.body).includes('pod-security.kubernetes.io'))
        await pause(1000)
      return answer
    },
  }
}

describe.skipIf(why !== '')(`a real kube-apiserver${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  beforeAll(async () => {
    real = await startKube({ controllers: false })
  }, 60_000)
  afterAll(() => real?.close())

  test.each(contractCases().map((of) => [of.name, of] as const))(
    'answers as recorded: %s',
    async (_, of) => {
      const answers = await playCase(patient(real.transport), of, () => pause(50))
      expect(answers).toEqual(expectedAnswers(of.name))
    },
  )

  test('and the embedded one agree on random sequences, step by step', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(sequences(25), async (sequence) => {
        run += 1
        const of = { name: `random-${run}`, ...sequence }
        const clock = new VirtualClock()
        const server = createApiServer({ clock, random: seededRandom(run) }, { controllers: false })
        const [ours, theirs] = await Promise.all([
          playCase(server, of, () => clock.advance(50)),
          playCase(real.transport, of, () => Promise.resolve()),
        ])
        server.close()
        expect(ours).toEqual(theirs)
      }),
      // The same ones each time, unless others are asked for: a search is no gate.
      {
        numRuns: Number(process.env['TG_KUBE_RUNS'] ?? 40),
        seed: Number(process.env['TG_KUBE_SEED'] ?? 1),
      },
    )
  }, 300_000)
})
