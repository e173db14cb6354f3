import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differences, runOnEmbedded } from '../../e2e/kube/kubectl-compare.ts'
import { findKubectl, type Ran } from '../../e2e/kube/kubectl-run.ts'
import { SCENARIOS } from '../../e2e/kube/kubectl-scenarios.ts'

const file = join(import.meta.dirname, '../fixtures/kubectl/commands.recorded.json')
const recorded = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly kubectl: string
  readonly ran: readonly Ran[]
}

/** All take half a minute of processor time; `KUBECTL_SCENARIOS=all` runs them. */
const chosen = process.env['KUBECTL_SCENARIOS'] ?? 'reading,applying,custom'
const scenarios = SCENARIOS.filter(({ name }) => chosen === 'all' || chosen.includes(name))
const names = new Set(scenarios.map(({ name }) => name))

const kubectl = findKubectl()
const missing = kubectl?.version === recorded.kubectl ? '' : `no kubectl ${recorded.kubectl}`

test.skipIf(missing !== '')(
  `kubectl says what it said of a real cluster${missing === '' ? '' : `: left out, ${missing}`}`,
  { timeout: 180_000 },
  async () => {
    const ours = await runOnEmbedded(kubectl?.path ?? '', scenarios)
    const wanted = recorded.ran.filter(({ scenario }) => names.has(scenario))
    expect(differences(wanted, ours)).toEqual({ unknown: [], stale: [] })
  },
)
