import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { JsonObject } from '../../../src/object/index.ts'

/** Scenarios and what Flux 2.9.4 made of them; the README beside the recordings has the format. */
export const SCENARIOS: string = join(import.meta.dirname, '../../fixtures/flux')

/** One action of a step: one key, its argument. */
export type Action = Readonly<Record<string, unknown>>

export interface Step {
  readonly name: string
  readonly do?: readonly Action[]
  readonly stable?: number
  readonly stuck?: boolean
  readonly untried?: boolean
}

export interface Scenario {
  readonly name: string
  readonly dir: string
  readonly why: string
  readonly timeout: number
  readonly source: boolean
  readonly namespaces: readonly string[]
  readonly listNamespaces: readonly string[]
  readonly before: readonly Action[]
  readonly kustomizations: readonly {
    readonly name: string
    readonly later?: boolean
    readonly spec?: JsonObject
    readonly metadata?: JsonObject
  }[]
  readonly record: readonly string[]
  readonly skipObjects: readonly string[]
  readonly mask: readonly (readonly [string, string])[]
  readonly totals: boolean
  readonly steps: readonly Step[]
}

export function scenarioNames(): string[] {
  return readdirSync(SCENARIOS).sort()
}

export function loadScenario(name: string): Scenario {
  const dir = join(SCENARIOS, name)
  const given = yamlFile(join(dir, 'scenario.yaml')) as Partial<Scenario>
  return {
    why: '',
    timeout: 60,
    source: true,
    namespaces: [],
    listNamespaces: [],
    before: [],
    kustomizations: [],
    record: [],
    skipObjects: [],
    mask: [],
    totals: true,
    steps: [],
    ...given,
    name,
    dir,
  }
}

/** What Flux was seen to do in a step; steps count from 1. */
export function expectedOf(scenario: Scenario, index: number): JsonObject {
  return yamlFile(
    join(scenario.dir, `expected.${index}-${scenario.steps[index - 1]?.name}.yaml`),
  ) as JsonObject
}

/** The files below a folder of a scenario by path; none when there is no such folder. */
export function filesOf(dir: string): Record<string, string> {
  let names: string[]
  try {
    names = readdirSync(dir, { recursive: true, encoding: 'utf8' })
  } catch {
    return {}
  }
  const files = names.filter((name) => statSync(join(dir, name)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(dir, name), 'utf8')]))
}

export function needsKubectl(scenario: Scenario): boolean {
  const actions = [...scenario.before, ...scenario.steps.flatMap((step) => step.do ?? [])]
  return actions.some((action) => 'run' in action)
}

function yamlFile(path: string): unknown {
  return parse(readFileSync(path, 'utf8'))
}
