import { afterAll, describe, expect, test } from 'vitest'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { Transport } from '../../src/object/index.ts'
import {
  type ContractCase,
  contractCases,
  expectedAnswers,
  knownFailures,
  playCase,
} from '../kit/cluster-contract.ts'
import { plainTransport } from '../kit/plain-transport.ts'

/** Cases are recordings of a real kube-apiserver in test/fixtures/apiserver. */
const cases = contractCases()
const known = knownFailures()

/** Time goes on while an answer waits for a revision that has not been yet. */
function inTime(transport: Transport, clock: VirtualClock): Transport {
  return {
    request: async (request) => {
      let isAnswered = !/resourceVersion=9{5}/.test(request.path)
      const answer = transport.request(request).finally(() => {
        isAnswered = true
      })
      while (!isAnswered) {
        await clock.advance(50)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return answer
    },
  }
}

async function check(of: ContractCase, transport: Transport, clock: VirtualClock): Promise<void> {
  const answers = await playCase(inTime(transport, clock), of, () => clock.advance(50))
  const want = expectedAnswers(of.name)
  const differing = want.flatMap((answer, i) => (same(answers[i], answer) ? [] : [i]))
  const listed = known[of.name] ?? []
  for (const i of differing)
    if (!listed.includes(i)) expect({ step: i, ...answers[i] }).toEqual({ step: i, ...want[i] })
  expect(listed, 'a step that is listed as failing passes: take it off the list').toEqual(differing)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function server(): {
  readonly clock: VirtualClock
  readonly api: ReturnType<typeof createApiServer>
} {
  const clock = new VirtualClock()
  const api = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
  return { clock, api }
}

describe('the embedded server answers as kube-apiserver', () => {
  test.each(cases.map((of) => [of.name, of] as const))('%s', async (_, of) => {
    const { clock, api } = server()
    await check(of, api, clock)
    api.close()
  })
})

describe('so it does on HTTP', () => {
  const stops: (() => Promise<void>)[] = []
  afterAll(() => Promise.all(stops.map((stop) => stop())))

  test.each(cases.map((of) => [of.name, of] as const))('%s', async (_, of) => {
    const { clock, api } = server()
    const served = await serve(api)
    stops.push(served.close)
    await check(of, plainTransport(served.url), clock)
  })
})
