import { isArray, type Json, type KubeObject, type Transport } from '../../src/object/index.ts'

/** Where the collections of the kinds that cases name are. */
const PATHS: Readonly<Record<string, string>> = {
  Pod: '/api/v1/pods',
  Service: '/api/v1/services',
  Endpoints: '/api/v1/endpoints',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  ServiceAccount: '/api/v1/serviceaccounts',
  PersistentVolumeClaim: '/api/v1/persistentvolumeclaims',
  ReplicationController: '/api/v1/replicationcontrollers',
  ResourceQuota: '/api/v1/resourcequotas',
  LimitRange: '/api/v1/limitranges',
  Event: '/api/v1/events',
  Deployment: '/apis/apps/v1/deployments',
  ReplicaSet: '/apis/apps/v1/replicasets',
  StatefulSet: '/apis/apps/v1/statefulsets',
  DaemonSet: '/apis/apps/v1/daemonsets',
  ControllerRevision: '/apis/apps/v1/controllerrevisions',
  Job: '/apis/batch/v1/jobs',
  CronJob: '/apis/batch/v1/cronjobs',
  EndpointSlice: '/apis/discovery.k8s.io/v1/endpointslices',
  HorizontalPodAutoscaler: '/apis/autoscaling/v2/horizontalpodautoscalers',
  PodDisruptionBudget: '/apis/policy/v1/poddisruptionbudgets',
  Lease: '/apis/coordination.k8s.io/v1/leases',
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  PersistentVolume: '/api/v1/persistentvolumes',
  StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  CertificateSigningRequest: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
}
const CLUSTER_WIDE = [
  'Namespace',
  'Node',
  'PersistentVolume',
  'StorageClass',
  'ClusterRole',
  'CertificateSigningRequest',
]

/** The path of a collection; of one object where a name is given. */
export function pathOf(kind: string, namespace: string, name?: string): string {
  const path = PATHS[kind]
  if (path === undefined) throw new Error(`no path is known for ${kind}`)
  const at = path.lastIndexOf('/')
  const scope = CLUSTER_WIDE.includes(kind) ? '' : `/namespaces/${namespace}`
  const tail = name === undefined ? '' : `/${name}`
  return `${path.slice(0, at)}${scope}${path.slice(at)}${tail}`
}

/** Every object of the kinds that cases name. */
export async function everything(transport: Transport): Promise<KubeObject[]> {
  const lists = await Promise.all(
    Object.entries(PATHS).map(async ([kind, path]) => {
      const response = await transport.request({
        method: 'GET',
        path,
        headers: { accept: 'application/json' },
      })
      const { apiVersion, items } = JSON.parse(await response.text()) as {
        readonly apiVersion: string
        readonly items: readonly Omit<KubeObject, 'apiVersion' | 'kind'>[]
      }
      return items.map((item) => ({ ...item, apiVersion, kind }) as KubeObject)
    }),
  )
  return lists.flat()
}

/** Sends a request of a case; what is refused is the case's mistake. */
export async function ask(
  side: { readonly transport: Transport },
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown,
): Promise<void> {
  const type = isArray(body as Json) ? 'json-patch' : 'merge-patch'
  const response = await side.transport.request({
    method,
    path,
    headers: {
      accept: 'application/json',
      'user-agent': 'case/1.0',
      'content-type': method === 'PATCH' ? `application/${type}+json` : 'application/json',
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status >= 300 && response.status !== 404)
    throw new Error(`${method} ${path}: ${response.status} ${text}`)
}

/** Sends a request that may be refused. */
export async function tryTo(
  side: { readonly transport: Transport },
  path: string,
  body: unknown,
): Promise<void> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  await side.transport.request({ method: 'POST', path, headers, body: JSON.stringify(body) })
}
