import type { Tokens } from '../auth/tokens.ts'
import type { Core } from '../core.ts'
import { BUILTIN_LIFECYCLES } from '../lifecycles/builtin.ts'
import { runLifecycles } from '../lifecycles/engine.ts'
import type { Lifecycle } from '../lifecycles/lifecycle.ts'
import { autoscalerController } from './autoscalers.ts'
import { certificateCleaner, certificateSigner } from './certificates.ts'
import { crdController } from './crd-controller.ts'
import { cronJobController } from './cron-jobs.ts'
import { daemonSetController } from './daemon-sets.ts'
import { deploymentController } from './deployments.ts'
import { disruptionController } from './disruption-budgets.ts'
import { mirrorController } from './endpoint-mirror.ts'
import { sliceController } from './endpoint-slices.ts'
import { endpointsController } from './endpoints.ts'
import { ephemeralVolumes } from './ephemeral-volumes.ts'
import { eventExpiry } from './event-expiry.ts'
import { garbageCollector } from './garbage.ts'
import { type Controller, type Hands, handsOf } from './hands.ts'
import { jobController } from './jobs.ts'
import { namespaceController, namespaceFurniture } from './namespaces.ts'
import { evictionController, nodeController } from './nodes.ts'
import { podCollector } from './pod-gc.ts'
import { policyStatusController } from './policy-status.ts'
import { protectionController } from './protection.ts'
import { quotaController } from './quotas.ts'
import { replicaSetController } from './replica-sets.ts'
import { roleAggregation } from './roles.ts'
import { runControllers } from './runner.ts'
import { scheduler } from './scheduler.ts'
import { tokenController } from './service-account-tokens.ts'
import { statefulSetController } from './stateful-sets.ts'
import { volumeController, volumeReleaser } from './storage.ts'

/** What works behind the API. */
export interface BackgroundOptions {
  /** False: nothing but CRDs is looked after, as by a kube-apiserver without its controllers. */
  readonly controllers?: boolean
  /** False: no workloads come to life; namespaces, owners and CRDs are looked after all the same. */
  readonly workloads?: boolean
  /**
   * False: workloads have their controllers, but there is no node: pods stay Pending, claims unbound,
   * as on a control plane without anything attached.
   */
  readonly simulation?: boolean
  /** Tried before the server's own. */
  readonly lifecycles?: readonly Lifecycle[]
  /** False: webhooks are not asked about the pods that controllers make. Default: they are. */
  readonly asksWebhooks?: boolean
  /** How long a step of a simulated life takes. Default: 200. */
  readonly delayMs?: number
}

const DELAY_MS = 200

/** Whether there are a node, storage and addresses. */
export function isSimulated(options: BackgroundOptions): boolean {
  return (
    options.controllers !== false && options.workloads !== false && options.simulation !== false
  )
}

/** Starts what works behind the API; the returned function ends it. */
export function startBackground(
  core: Core,
  tokens: Tokens,
  options: BackgroundOptions,
): () => void {
  const manager = handsOf(core, 'kube-controller-manager', options.asksWebhooks)
  const delayMs = options.delayMs ?? DELAY_MS
  const crds = crdController(handsOf(core, 'kube-apiserver'))
  const roles = roleAggregation(handsOf(core, 'clusterrole-aggregation-controller'))
  // A kind that was defined is there at once, whatever else is being written.
  const stopCrds = runControllers(core, [crds], { prompt: true })
  if (options.controllers === false) return stopCrds
  const always = [roles, ...alwaysThere(manager, tokens)]
  const workloads = options.workloads === false ? [] : workloadsOf(manager)
  const provision = isSimulated(options)
  const storage =
    options.workloads === false
      ? []
      : [
          ephemeralVolumes(manager),
          volumeController(manager, { delayMs, provision }),
          volumeReleaser(manager, provision),
        ]
  const simulated = provision ? [scheduler(handsOf(core, 'kube-scheduler'))] : []
  const stopControllers = runControllers(core, [...always, ...workloads, ...storage, ...simulated])
  const own = provision ? BUILTIN_LIFECYCLES : []
  const lifecycles = [...(options.lifecycles ?? []), ...own]
  const stopLifecycles = runLifecycles(handsOf(core, 'kubelet'), lifecycles, { delayMs })
  return () => {
    stopCrds()
    stopControllers()
    stopLifecycles()
  }
}

/** What looks after a cluster without workloads too. */
function alwaysThere(manager: Hands, tokens: Tokens): Controller[] {
  return [
    garbageCollector(manager),
    namespaceController(manager),
    namespaceFurniture(manager),
    protectionController(manager),
    eventExpiry(manager),
    quotaController(manager),
    tokenController(manager, tokens),
    certificateSigner(manager),
    certificateCleaner(manager),
    policyStatusController(handsOf(manager.core, 'validatingadmissionpolicy-status')),
  ]
}

function workloadsOf(manager: Hands): Controller[] {
  return [
    evictionController(manager),
    replicaSetController(manager, {
      group: 'apps',
      kind: 'ReplicaSet',
      table: 'replicasets.apps',
    }),
    replicaSetController(manager, {
      group: '',
      kind: 'ReplicationController',
      table: 'replicationcontrollers',
    }),
    // After those whose status it goes by.
    deploymentController(manager),
    statefulSetController(manager),
    daemonSetController(manager),
    jobController(manager),
    cronJobController(manager),
    endpointsController(manager),
    sliceController(manager),
    mirrorController(manager),
    disruptionController(manager),
    nodeController(manager),
    podCollector(manager),
    autoscalerController(manager),
  ]
}
