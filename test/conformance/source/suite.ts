import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject, type JsonObject, parseYaml } from '../../../src/object/index.ts'
import { levelled, normal, withoutTryBetween } from './compare.ts'
import { play } from './play.ts'
import { loadRecordings, loadScenarios, RECORDED } from './recorded.ts'
import { type SourceSystem, startSourceSystem } from './system.ts'

// What source-controller 1.9.1 (Flux 2.9.4) did with each scenario on a real API server, against what
// we do on the embedded one. `known-differences.yaml` says which are not the same, and why.

const LONG_SECONDS = 10
const wanted = new RegExp(`^(${process.env['SCENARIO'] ?? '.*'})$`)

/** Scenarios are mostly waiting; this many wait at the same moment. */
const AT_ONCE = 32

/** Where scenarios and recordings lie, and what they are played in. */
export interface SuiteOptions {
  readonly from?: string
  readonly start?: () => Promise<SourceSystem>
}

/** Plays the scenarios in the files of such names, and compares them with their recordings. */
export function compareWithRecordings(files: RegExp, options: SuiteOptions = {}): void {
  const { from = RECORDED, start = startSourceSystem } = options
  const differences = readDifferences(from)
  const recordings = loadRecordings(files, from)
  // A scenario that waits out the retention of a minute has a test of its own, without the wait.
  const scenarios = loadScenarios(files, from).filter(
    ({ name, steps }) =>
      wanted.test(name) && !steps.some((step) => Number(step['wait'] ?? 0) > LONG_SECONDS),
  )
  let system: SourceSystem
  const played = new Map<string, Promise<JsonObject[]>>()
  beforeAll(async () => {
    system = await start()
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
      const recorded = recordings.get(scenario.name) ?? []
      const expected = recorded.map((step) => normal(step, scenario.isLibraryTail))
      const seen = (await played.get(scenario.name)) ?? []
      const actual = seen.map((step, i) => {
        const before = recorded[i - 1] ?? {}
        const alone = withoutTryBetween(recorded[i] ?? {}, { before, actual: step })
        return normal(levelled(recorded[i] ?? {}, alone), scenario.isLibraryTail)
      })
      expect(expected.length).toBeGreaterThan(0)
      if (known === undefined) expect(actual).toEqual(expected)
      else
        expect(actual, `${scenario.name} is the same now: take it off the list`).not.toEqual(
          expected,
        )
    })
  }
}

function readDifferences(from: string): ReadonlyMap<string, string> {
  const file = join(from, 'known-differences.yaml')
  const [value] = parseYaml(readFileSync(file, 'utf8'), file)
  const entries = isObject(value as never) ? Object.entries(value as unknown as JsonObject) : []
  return new Map(entries.map(([name, why]) => [name, String(why)]))
}
