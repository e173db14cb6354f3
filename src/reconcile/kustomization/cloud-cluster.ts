import type { ClusterAccess, WorkloadIdentity } from '../../api/index.ts'
import { isFault } from '../../base/index.ts'
import { fieldAt, isApiFault, type KubeObject } from '../../object/index.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'
import { identityOf } from './identity.ts'

const CLOUDS = ['aws', 'azure', 'gcp'] as const

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
  const described = readConfigMap(await configMap(run, name))
  const { provider, cluster, address, ca } = described
  const account = described.account || run.context.options.defaultKubeconfigServiceAccount
  const identity = account === '' ? undefined : await accountIdentity(run, account)
  if (provider === 'generic') return generic(described, identity)
  const cloud = CLOUDS.find((each) => each === provider)
  const { cloudClusters } = run.context
  if (cloud === undefined || cloudClusters === undefined)
    throw unusable(`provider '${provider}' not implemented`)
  try {
    const who = identity === undefined ? {} : { identity }
    return await cloudClusters({ provider: cloud, cluster, address, ca, ...who })
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

async function accountIdentity(run: Run, name: string): Promise<WorkloadIdentity> {
  if (!run.context.options.gates.ObjectLevelWorkloadIdentity)
    throw unusable(
      'failed to get access token for cluster: the ObjectLevelWorkloadIdentity feature gate is not enabled, to use a service account for spec.kubeConfig.configMapRef please enable it in the controller',
    )
  try {
    return await identityOf(run, name)
  } catch (error) {
    if (!isApiFault(error)) throw error
    const account = `${run.object.metadata.namespace}/${name}`
    throw unusable(
      `failed to get access token for cluster: failed to get service account '${account}': ${error.message}`,
      `ServiceAccount/${name}`,
    )
  }
}

/** A cluster that trusts the tokens of this one. Never as the controller, whatever the address is. */
function generic(described: Described, identity: WorkloadIdentity | undefined): ClusterAccess {
  if (identity === undefined)
    throw unusable('a service account is needed for a kubeConfig of the generic provider')
  const { address, ca, audiences } = described
  const server = canonicalAddress(address)
  return {
    server,
    ...(ca === '' ? {} : { ca }),
    token: () => identity.token(audiences[0] ?? address),
  }
}

/** `https://<host>:<port>`. @throws RunEnd */
function canonicalAddress(address: string): string {
  if (address === '') throw unusable('cluster address is required to create a REST config')
  const url = address.startsWith('http') ? address : `https://${address}`
  if (!URL.canParse(url)) throw unusable(`failed to parse cluster address ${address}`)
  const { protocol, hostname, port } = new URL(url)
  if (protocol === 'https:') return `https://${hostname}:${port === '' ? 443 : port}`
  throw unusable(
    `failed to parse cluster address ${address}: the Kubernetes API server address '${address}' must use https scheme`,
  )
}

/** The event says where it failed, the condition does not. */
export function unusable(message: string, missing?: string): Error {
  return failed('ReconciliationFailed', message, {
    event: `failed to build kube client: ${message}`,
    ...(missing === undefined ? {} : { missing }),
  })
}
