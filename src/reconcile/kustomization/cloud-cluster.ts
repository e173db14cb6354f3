import type { ClusterAccess, WorkloadIdentity } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { fieldAt, isApiFault, type KubeObject } from '../../object/index.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'
import { identityOf, tokenUseOf } from './identity.ts'

const PROVIDERS = ['aws', 'azure', 'gcp', 'generic'] as const
const NO_DEFAULT =
  'the specified default service account does not exist in the object namespace. your cluster is subject to multi-tenant workload identity lockdown, reach out to your cluster administrator for help'

/** What the ConfigMap of `spec.kubeConfig.configMapRef` says. */
interface Described {
  readonly provider: string
  readonly cluster: string
  readonly address: string
  readonly ca: string
  readonly audiences: readonly string[]
  readonly account: string
}

/**
 * The way to a cluster that no Secret opens: a service account of the namespace proves itself to it,
 * or to the cloud that it is in.
 * @throws RunEnd ReconciliationFailed
 * @see fluxcd/pkg auth v0.54.2 utils/restconfig.go
 */
export async function clusterAccess(run: Run, name: string): Promise<ClusterAccess> {
  const { account, ...described } = readConfigMap(await configMap(run, name))
  const provider = PROVIDERS.find((each) => each === described.provider)
  const { cloudClusters, options } = run.context
  if (provider === undefined || cloudClusters === undefined)
    throw unusable(`provider '${described.provider}' not implemented`)
  const identity = await accountIdentity(run, account)
  if (identity === undefined && options.noCrossNamespaceRefs)
    throw unusable(
      "failed to get access token for cluster: the controller's own identity is not for the clusters of tenants: set serviceAccountName",
    )
  try {
    const who = identity === undefined ? {} : { identity }
    const use = tokenUseOf(run.object, 'fetch_kubeconfig')
    return await cloudClusters({ ...described, provider, use, ...who })
  } catch (error) {
    if (isFault(error)) throw unusable(error.message)
    throw error
  }
}

async function configMap(run: Run, name: string): Promise<KubeObject> {
  const namespace = run.object.metadata.namespace ?? ''
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace, name }
  try {
    return await run.context.cluster.get(ref, { signal: run.turn.signal })
  } catch (error) {
    if (!isApiFault(error)) throw error
    throw unusable(
      `failed to get configmap ${namespace}/${name}: ${error.message}`,
      `ConfigMap/${name}`,
    )
  }
}

function readConfigMap(object: KubeObject): Described {
  const at = (key: string): string => {
    const value = fieldAt(object, 'data', key)
    return typeof value === 'string' ? value : ''
  }
  return {
    provider: at('provider'),
    cluster: at('cluster'),
    address: at('address'),
    ca: at('ca.crt'),
    audiences: at('audiences')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    account: at('serviceAccountName'),
  }
}

/** As whom the cluster is asked; undefined for the controller. */
async function accountIdentity(run: Run, given: string): Promise<WorkloadIdentity | undefined> {
  const { defaultKubeconfigServiceAccount, gates } = run.context.options
  const name = given || defaultKubeconfigServiceAccount
  if (name === '') return undefined
  const words = 'failed to get access token for cluster:'
  const identity = await identityOf(run, name).catch((error: unknown) => {
    if (!isApiFault(error)) throw error
    const why = error.code === 'NOT_FOUND' && given === '' ? NO_DEFAULT : error.message
    const account = `${run.object.metadata.namespace}/${name}`
    throw unusable(
      `${words} failed to get service account '${account}': ${why}`,
      `ServiceAccount/${name}`,
    )
  })
  if (gates.ObjectLevelWorkloadIdentity) return identity
  throw unusable(
    `${words} ObjectLevelWorkloadIdentity feature gate is not enabled: to use a service account for spec.kubeConfig.configMapRef please enable it in the controller`,
  )
}

/** The event says where it failed, the condition does not. */
export function unusable(message: string, missing?: string): Error {
  return failed('ReconciliationFailed', message, {
    event: `failed to build kube client: ${message}`,
    ...(missing === undefined ? {} : { missing }),
  })
}
