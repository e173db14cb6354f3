/**
 * Plays the cases of test/fixtures/controllers on the real control plane, and writes what its controllers
 * made of them beside each.
 * Usage: tsx e2e/kube/controllers/record.ts [PATTERN]
 */
import { writeFileSync } from 'node:fs'
import { controllerCases, madeFile, playControllers } from '../../../test/kit/controller-cases.ts'
import { startRealSide } from './real-side.ts'

/** Cases played at a time. */
const TOGETHER = 10

const pattern = new RegExp(process.argv[2] ?? '')
const side = await startRealSide()
const cases = controllerCases().filter((each) => pattern.test(each.name))

async function work(): Promise<void> {
  for (let each = cases.shift(); each !== undefined; each = cases.shift())
    try {
      const made = await playControllers(side, each)
      writeFileSync(madeFile(each.name), `${JSON.stringify(made, null, 1)}\n`)
      process.stdout.write(`${each.name}\n`)
    } catch (error) {
      process.stdout.write(`${each.name}: ${String(error).slice(0, 400)}\n`)
    }
}

await Promise.all(Array.from({ length: TOGETHER }, work))
await side.close()
