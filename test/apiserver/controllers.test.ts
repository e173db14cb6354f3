import { expect, test } from 'vitest'
import { controllerCases, expectedChanges, playControllers } from '../kit/controller-cases.ts'
import { embeddedSide } from '../kit/controller-embedded.ts'

/**
 * One case for each controller of those in test/fixtures/controllers; e2e/kube/controllers.test.ts
 * plays all of them, and on the real control plane too.
 */
const HERE = [
  'daemonset-surge',
  'deployment-rolling',
  'job-indexed',
  'replicaset-adoption',
  'statefulset-partition',
]

test.each(controllerCases().filter(({ name }) => HERE.includes(name)))(
  'the controllers make of $name what the real ones made',
  async (of) => {
    const side = await embeddedSide()
    try {
      expect(await playControllers(side, of)).toEqual(expectedChanges(of.name))
    } finally {
      side.close()
    }
  },
)
