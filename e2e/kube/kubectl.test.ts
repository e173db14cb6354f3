import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { whyWithout } from './assets.ts'
import { startKube } from './kube.ts'
import { differences, runOnEmbedded } from './kubectl-compare.ts'
import { MORE } from './kubectl-more.ts'
import { findKubectl, runScenarios } from './kubectl-run.ts'
import { SCENARIOS } from './kubectl-scenarios.ts'
import { TYPED } from './kubectl-typing.ts'

const kubectl = findKubectl()
const missing =
  kubectl === undefined
    ? 'left out: no kubectl on the PATH'
    : whyWithout('etcd', 'kube-apiserver', 'kube-controller-manager')

test.skipIf(missing !== '')(
  `an unmodified kubectl sees no difference${missing === '' ? '' : `: ${missing}`}`,
  { timeout: 1_200_000 },
  async () => {
    const path = kubectl?.path ?? ''
    const kube = await startKube()
    try {
      const kubeconfig = readFileSync(kube.kubeconfig, 'utf8')
      const all = [...SCENARIOS, ...MORE, ...TYPED]
      const real = await runScenarios(all, { kubectl: path, kubeconfig })
      expect(differences(real, await runOnEmbedded(path, all))).toEqual({ unknown: [], stale: [] })
    } finally {
      await kube.close()
    }
  },
)
