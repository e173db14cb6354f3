import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_CASES } from './access/cases.ts'
import { POLICY_CASES, WEBHOOK_CASES } from './admission/cases.ts'
import { differing, knownOf, ownServer } from './admission/compare.ts'
import { type Hooks, startHooks } from './admission/hook.ts'
import { playAdmission } from './admission/play.ts'
import { whyWithout } from './assets.ts'
import { type Kube, startKube } from './kube.ts'

const why = whyWithout('etcd', 'kube-apiserver')

describe.skipIf(why !== '')(`admission and access${why === '' ? '' : ` (${why})`}`, () => {
  let real: Kube
  let hooks: Hooks
  beforeAll(async () => {
    hooks = await startHooks()
    real = await startKube({ controllers: false })
  }, 60_000)
  afterAll(() => {
    hooks?.close()
    return real?.close()
  })

  test.each([
    // First: webhooks of the others see whatever is in no namespace.
    ['roles and users by chance', ACCESS_CASES],
    ['webhooks', WEBHOOK_CASES],
    ['policies', POLICY_CASES],
  ] as const)(
    'both servers ask and answer the same: %s',
    async (_, cases) => {
      const wait = (ms: number) => (): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, ms))
      // The real server hears of policies a while after they are made.
      const theirs = await playAdmission(real.transport, cases, { hooks, pause: wait(5000) })
      const own = ownServer()
      const ours = await playAdmission(own.transport, cases, { hooks, pause: wait(0) })
      own.close()
      expect(differing(cases, theirs, ours)).toEqual(knownOf(cases))
    },
    300_000,
  )
})
