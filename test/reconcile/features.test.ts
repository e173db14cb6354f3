import { afterAll, afterEach, describe } from 'vitest'
import { FEATURES } from './features/index.ts'
import { suiteOn } from './features/suite.ts'
import { embeddedServer } from './system.ts'

// The same suites run on a real kube-apiserver in e2e/kube/features.test.ts.

describe('on the embedded server', () => {
  const server = embeddedServer()
  const suite = suiteOn(server)
  afterAll(() => server.close())
  afterEach(() => suite.closeAll())
  for (const [name, feature] of Object.entries(FEATURES)) describe(name, () => feature(suite))
})
