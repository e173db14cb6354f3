import { expect, test } from 'vitest'
import { describeBesideReal, pause } from './beside-real.ts'
import { CHANGE_CASES } from './changes/cases.ts'
import { type Change, playChanges } from './changes/play.ts'
import { ownServer } from './own-server.ts'

describeBesideReal('changed definitions', (at) => {
  test.concurrent.each(CHANGE_CASES.map((each) => [each.name, each] as const))(
    'objects of a definition that changes are answered alike on both servers: %s',
    async (_, of) => {
      const own = ownServer()
      const [ours, theirs] = await Promise.all([
        playChanges(own.transport, of, () => pause(2000)),
        playChanges(at().real.transport, of, (after) => pause(isSlow(after) ? 9000 : 3000)),
      ])
      own.close()
      expect(ours).toEqual(theirs)
    },
    300_000,
  )
})

/**
 * The real server establishes a definition five seconds after its names were accepted, and looks every
 * five seconds whether the last object of one that is being deleted is gone.
 */
function isSlow({ method, path }: Change): boolean {
  return method === 'POST' || !path.startsWith('/apis/apiextensions.k8s.io/')
}
