import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import type { JsonObject } from '../../../src/object/index.ts'
import { levelTails } from './mask.ts'
import { expectedOf, loadScenario } from './scenario.ts'

/** Where Tidegate shows something else than Flux did, on purpose. */
export interface Difference {
  readonly scenario: string
  readonly step: string
  readonly decision: number
  readonly reason: string
  /** An expression that what is seen there matches, as JSON. */
  readonly shows: string
}

interface Differences {
  readonly intended: readonly Difference[]
  /** What the embedded server does in another way, and what that is. */
  readonly embedded: Readonly<Record<string, string>>
  /** Scenarios that are played on a real API server alone. */
  readonly real: readonly string[]
}

/** What flux-differences.yaml says. */
export const differences: Differences = parse(
  readFileSync(join(import.meta.dirname, '../flux-differences.yaml'), 'utf8'),
) as Differences

/** What Flux was seen to do in a step of a scenario; steps count from 0. */
export function recorded(name: string, index: number): JsonObject {
  const { notes: _, ...expected } = expectedOf(loadScenario(name), index + 1)
  return expected
}

/** Says whether what was seen is what was recorded, but for what messages say after those words. */
export function isAsRecorded(name: string, index: number, actual: JsonObject): boolean {
  const expected = recorded(name, index)
  return isDeepStrictEqual(levelTails(expected, actual), expected)
}
