import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  controllerCases,
  expectedChanges,
  knownDifferences,
  playControllers,
} from '../../test/kit/controller-cases.ts'
import { embeddedSide } from '../../test/kit/controller-embedded.ts'
import { whyWithout } from './assets.ts'
import { type RealSide, startRealSide } from './controllers/real-side.ts'

const known = knownDifferences()

describe('the embedded controllers', () => {
  test.each(controllerCases())('make what was recorded: $name', async (of) => {
    const side = await embeddedSide()
    try {
      const made = await playControllers(side, of)
      if (known[of.name] === undefined) expect(made).toEqual(expectedChanges(of.name))
      else expect(made, 'it is equal now, and listed').not.toEqual(expectedChanges(of.name))
    } finally {
      side.close()
    }
  })
})

/** Cases short enough to be played on the real control plane each time. */
const SHORT = ['deployment-collision', 'replicaset-adoption', 'statefulset-ordinals', 'job-simple']
const why = whyWithout('etcd', 'kube-apiserver', 'kube-controller-manager')

describe.skipIf(why !== '')(`the real controllers${why === '' ? '' : ` (${why})`}`, () => {
  let real: RealSide
  beforeAll(async () => {
    real = await startRealSide()
  }, 60_000)
  afterAll(() => real?.close())

  test.each(controllerCases().filter(({ name }) => SHORT.includes(name)))(
    'make what was recorded: $name',
    async (of) => {
      expect(await playControllers(real, of)).toEqual(expectedChanges(of.name))
    },
  )
})
