import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { levelTails } from './flux/mask.ts'
import { play } from './flux/player.ts'
import { differences, isAsRecorded, recorded } from './flux/recorded.ts'
import { loadScenario, needsKubectl, scenarioNames } from './flux/scenario.ts'
import { embeddedStage } from './flux/stage.ts'

// Scenarios and recordings lie in test/fixtures/flux: what Flux 2.9.4 did on a real API server.

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const wanted = process.env['SCENARIO']

describe.concurrent('as Flux 2.9.4', () => {
  for (const name of scenarioNames()) {
    if (differences.real.includes(name)) continue
    if (wanted !== undefined && !new RegExp(`^(?:${wanted})$`).test(name)) continue
    const scenario = loadScenario(name)
    const lacksTool = needsKubectl(scenario) && !hasKubectl
    const title = `${name}: ${scenario.why}${lacksTool ? ' (skipped: no kubectl)' : ''}`
    test.skipIf(lacksTool)(title, { timeout: 120_000 }, async () => {
      const seen = await play(scenario, await embeddedStage())
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
