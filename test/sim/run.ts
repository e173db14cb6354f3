import { parseArgs } from 'node:util'
import { simulate } from './simulation.ts'

// npm run sim -- --seeds N tries N seeds, from 1 or from --from; SEED=n npm run sim replays one.

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '25' },
  },
})
const only = process.env['SEED']
const seeds =
  only === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, i) => i + Number(values.from))
    : [Number(only)]
let failures = 0
for (const seed of seeds) {
  try {
    await simulate(seed, Number(values.steps))
    process.stdout.write(`seed ${seed}: well\n`)
  } catch (error) {
    failures += 1
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
}
process.stdout.write(`${seeds.length - failures} of ${seeds.length} seeds well\n`)
process.exitCode = failures === 0 ? 0 : 1
