import { afterAll, beforeAll, describe } from 'vitest'
import { type Hooks, startHooks } from './admission/hook.ts'
import { whyWithout } from './assets.ts'
import { type Kube, startKube } from './kube.ts'

/** What a suite beside a real server is given; it is there as soon as its tests run. */
export interface BesideReal {
  readonly real: Kube
  /** Webhooks that both servers can ask. */
  readonly hooks: Hooks
}

/**
 * A suite that compares the embedded server with a real one without controllers; left out, with the
 * reason in its name, where there are no programs for it.
 */
export function describeBesideReal(name: string, suite: (at: () => BesideReal) => void): void {
  const why = whyWithout('etcd', 'kube-apiserver')
  describe.skipIf(why !== '')(`${name}${why === '' ? '' : ` (${why})`}`, () => {
    let found: BesideReal | undefined
    beforeAll(async () => {
      const hooks = await startHooks()
      found = { hooks, real: await startKube({ controllers: false }) }
    }, 60_000)
    afterAll(() => {
      found?.hooks.close()
      return found?.real.close()
    })
    suite(() => {
      if (found === undefined) throw new Error('the servers are not there yet')
      return found
    })
  })
}

/** Waits by the clock of the wall. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
