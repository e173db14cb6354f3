import type { VirtualClock } from '../../../src/base/index.ts'
import type { Transport } from '../../../src/object/index.ts'
import {
  type ContractAnswer,
  type ContractCase,
  playCase,
} from '../../../test/kit/cluster-contract.ts'

/** Plays a case on both servers: what the embedded one answers, what the real one does. */
export function playBoth(
  on: { readonly own: Transport; readonly real: Transport; readonly clock: VirtualClock },
  of: ContractCase,
): Promise<[ContractAnswer[], ContractAnswer[]]> {
  return Promise.all([
    playCase(on.own, of, () => on.clock.advance(50)),
    playCase(on.real, of, () => new Promise((resolve) => setTimeout(resolve, 50))),
  ])
}
