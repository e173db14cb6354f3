import { readFileSync } from 'node:fs'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import { startKube } from './kube.ts'
import type { Scenario } from './kubectl-files.ts'
import { serveSecurely } from './kubectl-front.ts'
import { KNOWN } from './kubectl-known.ts'
import { type Ran, runScenarios } from './kubectl-run.ts'
import { SCENARIOS } from './kubectl-scenarios.ts'

/** Runs scenarios against an embedded server of their own, which simulates no nodes. */
export async function runOnEmbedded(
  kubectl: string,
  scenarios: readonly Scenario[] = SCENARIOS,
): Promise<readonly Ran[]> {
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { simulation: false },
  )
  const served = await serve(server)
  try {
    const kubeconfig = kubeconfigOf({ server: served.url })
    return await runScenarios(scenarios, { kubectl, kubeconfig })
  } finally {
    await served.close()
    server.close()
  }
}

const TOKEN = 'admintoken'

/** As {@link runOnEmbedded}, with TLS and tokens: kubectl sends none where there is no TLS. */
export async function runOnSecured(
  kubectl: string,
  scenarios: readonly Scenario[],
): Promise<readonly Ran[]> {
  const admin = { name: 'admin', uid: 'admin', groups: ['system:masters'] }
  const server = createApiServer(
    { clock: systemClock, random: systemRandom },
    { simulation: false, anonymous: 'anonymous', tokens: { [TOKEN]: admin } },
  )
  const served = await serve(server)
  const front = await serveSecurely(served.url)
  try {
    const cluster = { server: front.url, 'insecure-skip-tls-verify': true }
    return await runScenarios(scenarios, { kubectl, kubeconfig: kubeconfigOf(cluster, TOKEN) })
  } finally {
    await front.close()
    await served.close()
    server.close()
  }
}

/** How two servers differ. */
export interface Differences {
  readonly unknown: readonly Difference[]
  /** Known differences that are none any more. */
  readonly stale: readonly string[]
}

/**
 * Plays scenarios on a real cluster and on an embedded one at the same time. What differs is played
 * once more without the others, as on a busy machine a command may come too late for what it is to
 * see; what differs again is told.
 */
export async function compareOnBoth(
  scenarios: readonly Scenario[],
  play: (scenarios: readonly Scenario[]) => Promise<readonly Ran[]>,
  kubectl: string,
): Promise<Differences> {
  const once = async (which: readonly Scenario[]): Promise<Differences> => {
    const kube = await startKube()
    try {
      const kubeconfig = readFileSync(kube.kubeconfig, 'utf8')
      const real = runScenarios(which, { kubectl, kubeconfig })
      const [ours, theirs] = await Promise.all([play(which), real])
      return differences(theirs, ours)
    } finally {
      await kube.close()
    }
  }
  const found = await once(scenarios)
  const names = new Set([
    ...found.unknown.map(({ want }) => want.scenario),
    ...found.stale.map((key) => key.split(' $ ')[0]),
  ])
  if (names.size === 0) return found
  process.stderr.write(`played again: ${JSON.stringify(found, null, 1)}\n`)
  return once(scenarios.filter(({ name }) => names.has(name)))
}

function kubeconfigOf(cluster: object, token?: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: token === undefined ? {} : { token } }],
    'current-context': 'c',
  })
}

/** Where two servers answered differently, and what of the known differences is none any more. */
export function differences(real: readonly Ran[], ours: readonly Ran[]): Differences {
  const unknown: Difference[] = []
  const stale: string[] = []
  for (const [i, want] of real.entries()) {
    const got = ours[i]
    const key = `${want.scenario} $ ${want.command}`
    const isEqual = JSON.stringify(got) === JSON.stringify(want)
    if (isEqual && KNOWN[key] !== undefined) stale.push(key)
    if (!isEqual && KNOWN[key] === undefined) unknown.push({ want, got })
  }
  return { unknown, stale }
}

/** What a command did on the real server, and on the embedded one. */
export interface Difference {
  readonly want: Ran
  readonly got: Ran | undefined
}
