import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, type JsonObject, parseYaml } from '../../src/object/index.ts'
import { levelled, normal } from './source/compare.ts'
import { play } from './source/play.ts'
import { loadRecordings, loadScenarios, RECORDED } from './source/recorded.ts'
import { type SourceSystem, startSourceSystem } from './source/system.ts'

// What source-controller 1.9.1 (Flux 2.9.4) did with each scenario on a real API server, against what
// we do on the embedded one. `known-differences.yaml` says which are not the same, and why.

const LONG_SECONDS = 10
const differences = readDifferences()
const recordings = loadRecordings()
const wanted = new RegExp(`^(${process.env['SCENARIO'] ?? '.*'})$`)
// A scenario that waits out the retention of a minute has a test of its own, without the wait.
const scenarios = loadScenarios().filter(
  ({ name, steps }) =>
    wanted.test(name) && !steps.some((step) => Number(step['wait'] ?? 0) > LONG_SECONDS),
)

/** Scenarios are mostly waiting; this many wait at the same moment. */
const AT_ONCE = 32

describe('as source-controller', () => {
  let system: SourceSystem
  const played = new Map<string, Promise<JsonObject[]>>()
  beforeAll(async () => {
    system = await startSourceSystem()
    for (const [i, scenario] of scenarios.entries()) {
      const before = played.get(scenarios[i - AT_ONCE]?.name ?? '')
      const result = Promise.resolve(before)
        .catch(() => undefined)
        .then(() => play(system, scenario))
      result.catch(() => undefined)
      played.set(scenario.name, result)
    }
  })
  afterAll(() => system.close())

  for (const scenario of scenarios) {
    const known = differences.get(scenario.name)
    test(`${scenario.name}: ${scenario.why}`, async () => {
      const expected = (recordings.get(scenario.name) ?? []).map((step) =>
        normal(step, scenario.isLibraryTail),
      )
      const seen = (await played.get(scenario.name)) ?? []
      const actual = seen.map((step, i) =>
        normal(levelled(recordings.get(scenario.name)?.[i] ?? {}, step), scenario.isLibraryTail),
      )
      expect(expected.length).toBeGreaterThan(0)
      if (known === undefined) expect(actual).toEqual(expected)
      else
        expect(actual, `${scenario.name} is the same now: take it off the list`).not.toEqual(
          expected,
        )
    })
  }
})

function readDifferences(): ReadonlyMap<string, string> {
  const file = join(RECORDED, 'known-differences.yaml')
  const [value] = parseYaml(readFileSync(file, 'utf8'), file)
  const entries = isObject(value as never) ? Object.entries(value as unknown as JsonObject) : []
  return new Map(entries.map(([name, why]) => [name, String(why)]))
}
