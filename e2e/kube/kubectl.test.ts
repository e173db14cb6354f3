import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { whyWithout } from './assets.ts'
import { compareOnBoth, runOnEmbedded, runOnSecured } from './kubectl-compare.ts'
import { MORE } from './kubectl-more.ts'
import { findKubectl } from './kubectl-run.ts'
import { SCENARIOS } from './kubectl-scenarios.ts'
import { SESSIONS } from './kubectl-sessions/index.ts'
import { TYPED } from './kubectl-typing.ts'

const path = findKubectl()?.path ?? ''
const lacking = ['jq', 'openssl'].find((name) => spawnSync(name, ['--version']).error !== undefined)

function whyNot(): string {
  if (path === '') return 'left out: no kubectl on the PATH'
  if (lacking !== undefined) return `left out: no ${lacking} on the PATH`
  return whyWithout('etcd', 'kube-apiserver', 'kube-controller-manager')
}

const missing = whyNot()
const because = missing === '' ? '' : `: ${missing}`
// What differs was played twice already.
const options = { timeout: 1_800_000, retry: 0 }

test.skipIf(missing !== '')(
  `an unmodified kubectl sees no difference in single commands${because}`,
  options,
  async () => {
    const all = [...SCENARIOS, ...MORE, ...TYPED]
    const found = await compareOnBoth(all, (which) => runOnEmbedded(path, which), path)
    expect(found).toEqual({ unknown: [], stale: [] })
  },
)

test.skipIf(missing !== '')(
  `an unmodified kubectl sees no difference in whole sessions${because}`,
  options,
  async () => {
    const found = await compareOnBoth(SESSIONS, (which) => runOnSecured(path, which), path)
    expect(found).toEqual({ unknown: [], stale: [] })
  },
)
