import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hasPrograms, startKube } from './kube.ts'
import { differences, runOnEmbedded } from './kubectl-compare.ts'
import { findKubectl, runScenarios } from './kubectl-run.ts'
import { SCENARIOS } from './kubectl-scenarios.ts'

const kubectl = findKubectl()
const hasKube = hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager')
const missing =
  kubectl === undefined
    ? 'no kubectl on the PATH'
    : hasKube
      ? ''
      : 'no etcd, kube-apiserver and kube-controller-manager in TG_BIN or KUBEBUILDER_ASSETS'

test.skipIf(missing !== '')(
  `an unmodified kubectl sees no difference${missing === '' ? '' : `: left out, ${missing}`}`,
  { timeout: 300_000 },
  async () => {
    const path = kubectl?.path ?? ''
    const kube = await startKube()
    try {
      const kubeconfig = readFileSync(kube.kubeconfig, 'utf8')
      const real = await runScenarios(SCENARIOS, { kubectl: path, kubeconfig })
      expect(differences(real, await runOnEmbedded(path))).toEqual({ unknown: [], stale: [] })
    } finally {
      await kube.close()
    }
  },
)
