import type { Kustomization, TokenUse, WorkloadIdentity } from '../../api/index.ts'
import { fieldAt, isObject, type KubeObject } from '../../object/index.ts'
import type { Run } from './context.ts'

/** What tokens are asked for in a run, as Flux names it in metrics. */
export const TOKEN_OPERATIONS = ['fetch_kubeconfig', 'decrypt'] as const

/** For whom a token is asked for. */
export function tokenUseOf(
  { metadata }: Kustomization,
  operation: (typeof TOKEN_OPERATIONS)[number],
): TokenUse {
  const { namespace = '', name = '' } = metadata
  return { kind: 'Kustomization', namespace, name, operation }
}

/**
 * A service account of the run's own namespace as an identity elsewhere: its annotations say as whom,
 * its tokens prove it.
 * @throws ApiFault when there is none
 */
export async function identityOf(run: Run, name: string): Promise<WorkloadIdentity> {
  const { cluster } = run.context
  const { signal } = run.turn
  const namespace = run.object.metadata.namespace ?? ''
  const account = await cluster.get(
    { group: '', version: 'v1', kind: 'ServiceAccount', namespace, name },
    { signal },
  )
  return {
    namespace,
    name,
    annotations: annotationsOf(account),
    token: (...audiences) =>
      cluster.serviceAccountToken(
        { namespace, name },
        audiences.filter((audience) => audience !== ''),
      ),
  }
}

function annotationsOf(account: KubeObject): Readonly<Record<string, string>> {
  const annotations = fieldAt(account, 'metadata', 'annotations')
  if (!isObject(annotations)) return {}
  const texts = Object.entries(annotations).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(texts.map(([key, value]) => [key, String(value)]))
}
