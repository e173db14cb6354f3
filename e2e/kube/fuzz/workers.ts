import type { ContractAnswer, ContractCase } from '../../../test/kit/cluster-contract.ts'
import { Differences } from './differences.ts'

/** Calls with each number of a range, several at a time. */
export async function inParallel(
  range: { readonly from: number; readonly count: number; readonly workers: number },
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = range.from
  const end = next + range.count
  const worker = async (): Promise<void> => {
    while (next < end) {
      const number = next
      next += 1
      await work(number)
    }
  }
  await Promise.all(Array.from({ length: range.workers }, worker))
}

/** What the names of namespaces begin with, so that two runs on one server do not meet. */
export const RUN: string = process.env['TG_FUZZ_RUN'] ?? String(process.pid)

/** Plays the cases of a range of numbers on both servers, and says how the answers differ. */
export async function compareCases<Case extends Pick<ContractCase, 'name' | 'why' | 'steps'>>(
  range: { readonly from: number; readonly count: number; readonly workers: number },
  of: {
    readonly caseOf: (number: number) => Case
    readonly play: (named: Case) => Promise<[ContractAnswer[], ContractAnswer[]]>
  },
): Promise<string> {
  const differences = new Differences()
  await inParallel(range, async (number) => {
    const one = of.caseOf(number)
    try {
      const [ours, theirs] = await of.play({ ...one, name: `${RUN}-${number}` })
      differences.add(one, ours, theirs)
    } catch (error) {
      // Some bodies make the real server panic: it answers nothing.
      process.stdout.write(`${one.name} ${one.why.slice(0, 200)}: ${String(error)}\n`)
    }
  })
  return differences.report()
}
