import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import { ownersConcerned } from './adoption.ts'
import { cleanUp, recreate, report, roll, scaleInProportion } from './deployment-rollout.ts'
import { annotationNumber, DESIRED, setsOf, withCurrent, withKnown } from './deployment-sets.ts'
import { type Controller, type Hands, specOf, statusOf } from './hands.ts'
import { controllerOf } from './owners.ts'
import { conditionOf, conditionsOf, withCondition } from './parts.ts'
import { PODS } from './pods.ts'
import { hasDeadline, replicasOf, type Sets } from './rollout.ts'

const DEPLOYMENTS = 'deployments.apps'
const REPLICA_SETS = 'replicasets.apps'

/**
 * Rolls Deployments out through ReplicaSets.
 * @see kubernetes pkg/controller/deployment (v1.36)
 */
export function deploymentController(hands: Hands): Controller {
  return {
    name: 'deployment',
    tables: [DEPLOYMENTS, REPLICA_SETS, PODS],
    concerns: (event) => {
      if (event.table === DEPLOYMENTS) return event.type === 'DELETED' ? [] : [event.key]
      if (event.table === REPLICA_SETS)
        return ownersConcerned(hands, event, { kind: 'Deployment', table: DEPLOYMENTS })
      return event.type === 'DELETED' ? recreatedOf(hands, event.object) : []
    },
    sync: (key) => {
      const [namespace = '', name = ''] = key.split('/')
      const deployment = hands.get(hands.kind('apps', 'Deployment'), namespace, name)
      return deployment === undefined ? undefined : rollout(hands, deployment)
    },
  }
}

/** A Deployment that waits for the last of its old pods to be gone. */
function recreatedOf(hands: Hands, pod: KubeObject): string[] {
  const { namespace = '' } = pod.metadata
  const owner = controllerOf(pod)
  const set =
    owner?.kind === 'ReplicaSet'
      ? hands.core.store.get(REPLICA_SETS, `${namespace}/${owner.name}`)
      : undefined
  const above = set === undefined ? undefined : controllerOf(set)
  if (above?.kind !== 'Deployment') return []
  const deployment = hands.core.store.get(DEPLOYMENTS, `${namespace}/${above.name}`)
  const strategy = (deployment === undefined ? {} : specOf(deployment)['strategy']) as JsonObject
  return strategy?.['type'] === 'Recreate' ? [`${namespace}/${above.name}`] : []
}

function rollout(hands: Hands, given: KubeObject): number | undefined {
  if (given.metadata.deletionTimestamp !== undefined)
    return report(hands, setsOf(hands, given), 'counts')
  const deployment = withPause(hands, given)
  const found = withKnown(hands, setsOf(hands, deployment))
  const isPaused = specOf(given)['paused'] === true
  if (isPaused || isScaled(found)) {
    scaleInProportion(hands, found)
    if (isPaused) cleanUp(hands, found)
    return report(hands, setsOf(hands, deployment), 'counts')
  }
  const strategy = (specOf(given)['strategy'] ?? {}) as JsonObject
  if (strategy['type'] === 'Recreate') return recreate(hands, found)
  return roll(hands, withCurrent(hands, found))
}

/** Whether a set with replicas was made for another number of them. */
function isScaled({ deployment, current, old }: Sets): boolean {
  return [...old, ...(current === undefined ? [] : [current])].some((set) => {
    const desired = annotationNumber(set, DESIRED)
    return replicasOf(set) > 0 && desired !== undefined && desired !== replicasOf(deployment)
  })
}

/** Says that a rollout was paused or goes on, so that nobody takes the pause for a lack of progress. */
function withPause(hands: Hands, deployment: KubeObject): KubeObject {
  const had = conditionOf(deployment, 'Progressing')
  const isPaused = specOf(deployment)['paused'] === true
  const wasPaused = had?.['reason'] === 'DeploymentPaused'
  if (!hasDeadline(deployment) || had?.['reason'] === 'ProgressDeadlineExceeded') return deployment
  if (isPaused === wasPaused) return deployment
  const condition = {
    type: 'Progressing',
    status: 'Unknown',
    reason: isPaused ? 'DeploymentPaused' : 'DeploymentResumed',
    message: isPaused ? 'Deployment is paused' : 'Deployment is resumed',
  } as const
  const options = { now: rfc3339(hands.core.clock.now()), touch: 'lastUpdateTime' } as const
  const conditions = withCondition(conditionsOf(deployment), condition, options)
  const status = { ...statusOf(deployment), conditions }
  return hands.setStatus(hands.kind('apps', 'Deployment'), deployment, status)
}
