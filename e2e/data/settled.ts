import type { JsonObject, KubeObject } from '../../src/object/index.ts'
import type { DataServer } from './server.ts'

const WORKLOADS = ['deployments', 'replicasets']
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Work of controllers that is not done; none when all is as it has to be. */
export async function unsettled(server: DataServer): Promise<string[]> {
  const list = async (path: string): Promise<KubeObject[]> =>
    ((await server.ask({ method: 'GET', path })).object['items'] ?? []) as unknown as KubeObject[]
  const namespaces = await list('/api/v1/namespaces')
  const maps = await list('/api/v1/configmaps')
  const pods = await list('/api/v1/pods')
  const sets = await Promise.all(WORKLOADS.map((each) => list(`/apis/apps/v1/${each}`)))
  const crds = await list(CRDS)
  const all = [...namespaces, ...maps, ...pods, ...sets.flat(), ...crds]
  const uids = new Set(all.map((each) => each.metadata.uid))
  return [
    ...all.filter(isLeft).map((each) => `${nameOf(each)} is not removed`),
    ...all
      .filter((each) => (each.metadata.ownerReferences ?? []).some(({ uid }) => !uids.has(uid)))
      .map((each) => `${nameOf(each)} has an owner that is gone`),
    ...sets
      .flat()
      .filter((each) => !isReady(each))
      .map((each) => `${nameOf(each)} is not ready: ${JSON.stringify(each['status'])}`),
    ...crds
      .filter((each) => !JSON.stringify(each['status'] ?? {}).includes('"Established"'))
      .map((each) => `${nameOf(each)} is not established`),
  ]
}

/** What is being deleted and kept by nobody but controllers. */
function isLeft({ metadata }: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata
  return deletionTimestamp !== undefined && !finalizers.includes('x.io/keep')
}

function isReady(object: KubeObject): boolean {
  const spec = (object['spec'] ?? {}) as JsonObject
  const status = (object['status'] ?? {}) as JsonObject
  const isSeen = status['observedGeneration'] === object.metadata.generation
  return isSeen && Number(status['readyReplicas'] ?? 0) === Number(spec['replicas'] ?? 1)
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}
