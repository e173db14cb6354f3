import { expect, test } from 'vitest'
import { ACCESS_CASES } from './access/cases.ts'
import { POLICY_CASES, WEBHOOK_CASES } from './admission/cases.ts'
import { differing, knownOf } from './admission/compare.ts'
import { playAdmission } from './admission/play.ts'
import { describeBesideReal, pause } from './beside-real.ts'
import { ownServer } from './own-server.ts'

describeBesideReal('admission and access', (at) => {
  test.each([
    // First: webhooks of the others see whatever is in no namespace.
    ['roles and users by chance', ACCESS_CASES],
    ['webhooks', WEBHOOK_CASES],
    ['policies', POLICY_CASES],
  ] as const)(
    'both servers ask and answer the same: %s',
    async (_, cases) => {
      const { real, hooks } = at()
      // The real server hears of policies a while after they are made.
      const theirs = await playAdmission(real.transport, cases, { hooks, pause: () => pause(5000) })
      const own = ownServer({ controllers: false })
      const ours = await playAdmission(own.transport, cases, { hooks, pause: () => pause(0) })
      own.close()
      expect(differing(cases, theirs, ours)).toEqual(knownOf(cases))
    },
    300_000,
  )
})
