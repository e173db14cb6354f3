import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { overlayYaml } from '../../deploy/generate.ts'
import { runOnEmbedded } from '../kube/kubectl-compare.ts'
import { findKubectl, runScenarios } from '../kube/kubectl-run.ts'
import { SCENARIOS } from '../kube/kubectl-scenarios.ts'
import { type KindCluster, kubeconfigOf, startKind, whyWithoutKind } from './kind.ts'

const why = whyWithoutKind()

/** What a cluster with nodes of its own shows otherwise: they are not what these compare. */
const SAME_EVERYWHERE = ['creating', 'applying', 'changing']

describe.skipIf(why !== '')(`a cluster of kind${why === '' ? '' : `: ${why}`}`, () => {
  let kind: KindCluster
  beforeAll(() => {
    kind = startKind('tidegate-e2e')
  }, 300_000)
  afterAll(() => kind?.close())

  test('takes what deploy/ makes', () => {
    const file = join(kind.kubeconfig, '../install.yaml')
    writeFileSync(file, overlayYaml('default'))
    const lines = kind.kubectl('apply', '--server-side', `-f=${file}`).trim().split('\n')
    expect(lines.filter((line) => !line.endsWith('serverside-applied'))).toEqual([])
  })

  test('answers kubectl as the embedded server does', { timeout: 300_000 }, async () => {
    const kubectl = findKubectl()?.path ?? 'kubectl'
    const scenarios = SCENARIOS.filter(({ name }) => SAME_EVERYWHERE.includes(name))
    const codes = (ran: readonly { command: string; code: number }[]): string[] =>
      ran.map(({ command, code }) => `${code} ${command}`)
    const real = await runScenarios(scenarios, { kubectl, kubeconfig: kubeconfigOf(kind) })
    expect(codes(await runOnEmbedded(kubectl, scenarios))).toEqual(codes(real))
  })
})
