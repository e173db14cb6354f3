import { isFault, messageOf } from '../../base/index.ts'
import type { Cluster } from '../../object/index.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'

/** The service account that a run acts as; undefined for the controller's own rights. */
export function serviceAccountOf(run: Run): string | undefined {
  const { serviceAccountName } = run.object.spec
  const { defaultServiceAccount } = run.context.options
  const name = serviceAccountName ?? defaultServiceAccount
  return name === '' ? undefined : name
}

/**
 * The cluster that a run applies to, asked as whom it acts for.
 * @throws RunEnd ReconciliationFailed when `kubeConfig` names none
 */
export async function clusterOf(run: Run): Promise<Cluster> {
  const account = serviceAccountOf(run)
  const cluster = await baseCluster(run)
  if (account === undefined) return cluster
  const namespace = run.object.metadata.namespace ?? ''
  return cluster.as({ user: `system:serviceaccount:${namespace}:${account}` })
}

async function baseCluster(run: Run): Promise<Cluster> {
  const { remoteClusters, cluster } = run.context
  if (run.object.spec.kubeConfig === undefined) return cluster
  try {
    if (remoteClusters !== undefined) return await remoteClusters(run.object, run.turn.signal)
  } catch (error) {
    if (!isFault(error)) throw error
    throw failed('ReconciliationFailed', messageOf(error), {
      event: `failed to build kube client: ${messageOf(error)}`,
    })
  }
  const message = 'spec.kubeConfig is not supported by this process'
  throw failed('ReconciliationFailed', message, {
    event: `failed to build kube client: ${message}`,
  })
}
