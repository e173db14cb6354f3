import { rfc3339 } from '../base/index.ts'
import {
  type Cluster,
  isApiFault,
  type Json,
  type JsonObject,
  type KubeObject,
  valueAt,
} from '../object/index.ts'

/** Sides that Tidegate runs, and Flux's controllers that it stands in for. */
export type Side = 'source' | 'kustomize'

/** A controller of Flux in the cluster. */
export interface FluxController {
  readonly name: string
  readonly namespace: string
  /** What it runs with now. */
  readonly replicas: number
  /** What it ran with before it was taken over; undefined: it was not. */
  readonly replicasBefore: number | undefined
  /** `namespace/name` of the Kustomization that applies it, as `flux bootstrap` leaves it. */
  readonly heldBy: string | undefined
}

/** On a Deployment of Flux that was taken over: the replicas that it had. */
export const TAKEN_OVER = 'tidegate.dev/taken-over'

/**
 * Flux's own opt-out, on the live object: a Kustomization that holds gotk-components.yaml leaves it
 * as it is, and neither scales it up again nor prunes it.
 */
const DISABLED = 'kustomize.toolkit.fluxcd.io/reconcile'

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' } as const

/** Flux's controllers that the sides given would stand in for, as far as the cluster has them. */
export async function fluxControllers(
  cluster: Cluster,
  namespace: string,
  sides: readonly Side[],
): Promise<FluxController[]> {
  const found = await Promise.all(
    sides.map(async (side): Promise<FluxController[]> => {
      const name = `${side}-controller`
      try {
        const deployment = await cluster.get({ ...DEPLOYMENT, namespace, name })
        return [{ name, namespace, ...replicasOf(deployment), heldBy: holderOf(deployment) }]
      } catch (error) {
        if (isApiFault(error, 'NOT_FOUND')) return []
        throw error
      }
    }),
  )
  return found.flat()
}

/**
 * Takes a controller of Flux out of work, so that it can be put back as it was; an Event on its
 * Deployment says so to whoever wonders.
 */
export async function takeOut(
  cluster: Cluster,
  controller: FluxController,
  nowMs: number,
): Promise<void> {
  const before = controller.replicasBefore ?? controller.replicas
  await patch(cluster, controller, {
    metadata: { annotations: { [TAKEN_OVER]: String(before), [DISABLED]: 'disabled' } },
    spec: { replicas: 0 },
  })
  await cluster.create(takenOverEvent(controller, nowMs))
}

function takenOverEvent(controller: FluxController, nowMs: number): KubeObject {
  const { name, namespace, replicas, heldBy } = controller
  const left =
    heldBy === undefined
      ? 'Kustomizations that hold this Deployment leave it'
      : `Kustomization/${heldBy}, which holds this Deployment in Git, leaves it`
  const at = rfc3339(nowMs)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}-`, namespace },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace },
    type: 'Normal',
    reason: 'TakenOver',
    message: `Tidegate works in the place of ${name}: scaled from ${replicas} to 0; ${left} as it is until tidegate uninstall`,
    source: { component: 'tidegate' },
    reportingComponent: 'tidegate',
    reportingInstance: '',
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  }
}

/** Puts a controller of Flux back to work as it was. */
export async function putBack(cluster: Cluster, controller: FluxController): Promise<void> {
  await patch(cluster, controller, {
    metadata: { annotations: { [TAKEN_OVER]: null, [DISABLED]: null } },
    spec: { replicas: controller.replicasBefore ?? 1 },
  })
}

/** Says whether no pod of a Deployment is left, or it is gone itself. */
export async function isStopped(
  cluster: Cluster,
  at: { readonly namespace: string; readonly name: string },
): Promise<boolean> {
  try {
    const { namespace, name } = at
    const deployment = await cluster.get({ ...DEPLOYMENT, namespace, name })
    if (deployment.metadata.deletionTimestamp !== undefined) return false
    const status = deployment['status'] as Json | undefined
    const generation = deployment.metadata.generation ?? 0
    const observed = valueAt(status, 'observedGeneration')
    if (typeof observed !== 'number' || observed < generation) return false
    const left = ['replicas', 'terminatingReplicas'].map((field) => valueAt(status, field) ?? 0)
    return left.every((count) => count === 0)
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND')) return true
    throw error
  }
}

async function patch(
  cluster: Cluster,
  controller: FluxController,
  value: JsonObject,
): Promise<void> {
  const { namespace, name } = controller
  await cluster.patch(
    { ...DEPLOYMENT, namespace, name },
    { type: 'merge', value },
    { fieldManager: 'tidegate' },
  )
}

/** Who applied a Deployment: its labels say so. */
function holderOf({ metadata: { labels = {} } }: KubeObject): string | undefined {
  const name = labels['kustomize.toolkit.fluxcd.io/name']
  const namespace = labels['kustomize.toolkit.fluxcd.io/namespace']
  return name === undefined || namespace === undefined ? undefined : `${namespace}/${name}`
}

function replicasOf(deployment: KubeObject): Pick<FluxController, 'replicas' | 'replicasBefore'> {
  const replicas = valueAt(deployment['spec'] as Json, 'replicas')
  const before = Number(deployment.metadata.annotations?.[TAKEN_OVER])
  return {
    replicas: typeof replicas === 'number' ? replicas : 1,
    replicasBefore: Number.isInteger(before) ? before : undefined,
  }
}
