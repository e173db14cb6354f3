import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../src/compose/system.ts'
import type { Scenario } from './kubectl-files.ts'
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
    return await runScenarios(scenarios, { kubectl, kubeconfig: kubeconfigOf(served.url) })
  } finally {
    await served.close()
    server.close()
  }
}

function kubeconfigOf(url: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    `clusters: [{name: c, cluster: {server: "${url}"}}]`,
    'contexts: [{name: c, context: {cluster: c, user: u}}]',
    'users: [{name: u, user: {}}]',
    'current-context: c',
    '',
  ].join('\n')
}

/** Where two servers answered differently, and what of the known differences is none any more. */
export function differences(
  real: readonly Ran[],
  ours: readonly Ran[],
): { readonly unknown: readonly unknown[]; readonly stale: readonly string[] } {
  const unknown: unknown[] = []
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
