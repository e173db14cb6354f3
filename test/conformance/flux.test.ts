import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { JsonObject } from '../../src/object/index.ts'
import { levelTails } from './flux/mask.ts'
import { play } from './flux/player.ts'
import { expectedOf, loadScenario, needsKubectl, scenarioNames } from './flux/scenario.ts'

// Scenarios and recordings lie in test/fixtures/flux: what Flux 2.9.4 did on a real API server.

interface Difference {
  readonly scenario: string
  readonly step: string
  readonly decision: number
  readonly reason: string
  readonly shows: string
}

const differences = parse(
  readFileSync(join(import.meta.dirname, 'flux-differences.yaml'), 'utf8'),
) as { readonly intended: readonly Difference[]; readonly embedded: Record<string, string> }
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const wanted = process.env['SCENARIO']

describe.concurrent('as Flux 2.9.4', () => {
  for (const name of scenarioNames()) {
    if (wanted !== undefined && !new RegExp(`^(?:${wanted})$`).test(name)) continue
    const scenario = loadScenario(name)
    const lacksTool = needsKubectl(scenario) && !hasKubectl
    const title = `${name}: ${scenario.why}${lacksTool ? ' (skipped: no kubectl)' : ''}`
    test.skipIf(lacksTool)(title, { timeout: 120_000 }, async () => {
      const seen = await play(scenario)
      const intended = differences.intended.find((each) => each.scenario === name)
      const differing = seen.findIndex((actual, i) => !isAsRecorded(name, i, actual))
      if (differences.embedded[name] !== undefined) {
        expect(differing, 'passes: take it off the list').not.toBe(-1)
        return
      }
      if (intended === undefined) {
        for (const [i, actual] of seen.entries())
          expect(levelTails(recorded(name, i), actual)).toEqual(recorded(name, i))
        return
      }
      expect(scenario.steps[differing]?.name).toBe(intended.step)
      expect(JSON.stringify(seen[differing])).toMatch(new RegExp(intended.shows))
    })
  }
})

function recorded(name: string, index: number): JsonObject {
  const { notes: _, ...expected } = expectedOf(loadScenario(name), index + 1)
  return expected
}

function isAsRecorded(name: string, index: number, actual: JsonObject): boolean {
  try {
    const expected = recorded(name, index)
    expect(levelTails(expected, actual)).toEqual(expected)
    return true
  } catch {
    return false
  }
}
