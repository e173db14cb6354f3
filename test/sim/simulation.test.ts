import { test } from 'vitest'
import { simulate } from './simulation.ts'

// SEED=7 npm run sim replays one run; SEEDS=100 tries a hundred.
const only = process.env['SEED']
const count = Number(process.env['SEEDS'] ?? '4')
const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)]

test.each(seeds)('whole system, seed %i', { timeout: 120_000 }, async (seed) => {
  await simulate(seed, 25)
})
