import type { Json } from '../../object/index.ts'
import type { Lifecycle, LifecycleCondition, Wanted } from './lifecycle.ts'

const SIMULATE = "metadata.annotations['tidegate.dev/simulate']"
const ALIVE = { 'metadata.deletionTimestamp': null }
const OF_JOB = { 'metadata.ownerReferences[0].kind': 'Job' }

/** A pod that was given a node and has not started. */
const WAITING: Readonly<Record<string, Wanted>> = {
  ...ALIVE,
  'spec.nodeName': { not: null },
  'status.phase': ['Pending', null],
}

function podConditions(
  ready: boolean,
  why: Partial<LifecycleCondition> = {},
): readonly LifecycleCondition[] {
  const status = ready ? 'True' : 'False'
  return [
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', status, ...why },
    { type: 'ContainersReady', status, ...why },
    { type: 'PodScheduled', status: 'True' },
  ]
}

const NOT_READY = {
  reason: 'ContainersNotReady',
  message: 'containers with unready status: [${spec.containers[*].name}]',
}

/** The status of each container, with a state of its own. */
function containers(state: Json, more: Readonly<Record<string, Json>> = {}): Json {
  return {
    forEach: 'spec.containers',
    value: {
      name: '${each.name}',
      image: '${each.image}',
      imageID: '',
      lastState: {},
      restartCount: 0,
      ready: false,
      started: false,
      state,
      ...more,
    },
  }
}

const STARTED = {
  hostIP: '10.0.0.10',
  hostIPs: [{ ip: '10.0.0.10' }],
  podIP: '${podIP}',
  podIPs: [{ ip: '${podIP}' }],
  startTime: '${now}',
  initContainerStatuses: {
    forEach: 'spec.initContainers',
    value: {
      name: '${each.name}',
      image: '${each.image}',
      imageID: '${each.image}',
      lastState: {},
      restartCount: 0,
      ready: true,
      started: false,
      state: {
        terminated: { exitCode: 0, reason: 'Completed', startedAt: '${now}', finishedAt: '${now}' },
      },
    },
  },
}

const RUNNING = { running: { startedAt: '${now}' } }

/** A running pod's container of which the image is there. */
const PULLED = { imageID: '${each.image}', containerID: 'simulated://${podIP}/${each.name}' }

const ENDED = { startedAt: '${now}', finishedAt: '${now}' }

/** What becomes of pods: a kubelet's work. */
const PODS: readonly Lifecycle[] = [
  {
    name: 'pod-removed',
    kind: 'Pod',
    match: { 'metadata.deletionTimestamp': { not: null } },
    remove: true,
  },
  {
    name: 'pod-image-pull',
    kind: 'Pod',
    match: { ...WAITING, [SIMULATE]: 'image-pull', 'status.containerStatuses': null },
    event: {
      type: 'Warning',
      reason: 'Failed',
      message: 'Failed to pull image "${spec.containers[0].image}": not found (simulated)',
    },
    conditions: podConditions(false, NOT_READY),
    status: {
      ...STARTED,
      phase: 'Pending',
      containerStatuses: containers({
        waiting: {
          reason: 'ImagePullBackOff',
          message:
            'Back-off pulling image "${each.image}": ErrImagePull: failed to pull and unpack image "${each.image}": not found',
        },
      }),
    },
  },
  {
    name: 'pod-crash-loop',
    kind: 'Pod',
    match: { ...WAITING, [SIMULATE]: 'crash-loop' },
    event: {
      type: 'Warning',
      reason: 'BackOff',
      message:
        'Back-off restarting failed container ${spec.containers[0].name} in pod ${metadata.name}_${metadata.namespace}(${metadata.uid})',
    },
    conditions: podConditions(false, NOT_READY),
    status: {
      ...STARTED,
      phase: 'Running',
      containerStatuses: containers(
        {
          waiting: {
            reason: 'CrashLoopBackOff',
            message:
              'back-off 10s restarting failed container=${each.name} pod=${metadata.name}_${metadata.namespace}(${metadata.uid})',
          },
        },
        {
          ...PULLED,
          restartCount: 2,
          lastState: { terminated: { exitCode: 1, reason: 'Error', ...ENDED } },
        },
      ),
    },
  },
  {
    name: 'pod-never-ready',
    kind: 'Pod',
    match: { ...WAITING, [SIMULATE]: 'never-ready' },
    conditions: podConditions(false, NOT_READY),
    status: {
      ...STARTED,
      phase: 'Running',
      containerStatuses: containers(RUNNING, { ...PULLED, started: true }),
    },
  },
  {
    name: 'pod-ready',
    kind: 'Pod',
    match: { ...WAITING, [SIMULATE]: { not: 'image-pull' } },
    event: {
      type: 'Normal',
      reason: 'Started',
      message: 'Started container ${spec.containers[0].name}',
    },
    conditions: podConditions(true),
    status: {
      ...STARTED,
      phase: 'Running',
      containerStatuses: containers(RUNNING, { ...PULLED, ready: true, started: true }),
    },
  },
  {
    name: 'pod-of-job-fails',
    kind: 'Pod',
    match: { ...ALIVE, ...OF_JOB, 'status.phase': 'Running', [SIMULATE]: 'job-fails' },
    conditions: podConditions(false, { reason: 'PodFailed' }),
    status: {
      phase: 'Failed',
      containerStatuses: containers(
        { terminated: { exitCode: 1, reason: 'Error', ...ENDED } },
        PULLED,
      ),
    },
  },
  {
    name: 'pod-of-job-completes',
    kind: 'Pod',
    match: {
      ...ALIVE,
      ...OF_JOB,
      'status.phase': 'Running',
      'status.containerStatuses[0].ready': true,
    },
    conditions: podConditions(false, { reason: 'PodCompleted' }),
    status: {
      phase: 'Succeeded',
      containerStatuses: containers(
        { terminated: { exitCode: 0, reason: 'Completed', ...ENDED } },
        PULLED,
      ),
    },
  },
]

const ADDRESS = '192.0.2.10'

/** What a cloud does for a cluster. */
const CLOUD: readonly Lifecycle[] = [
  {
    name: 'load-balancer',
    kind: 'Service',
    match: {
      ...ALIVE,
      'spec.type': 'LoadBalancer',
      'status.loadBalancer.ingress': null,
      [SIMULATE]: { not: 'never-ready' },
    },
    status: { loadBalancer: { ingress: [{ ip: ADDRESS, ipMode: 'VIP' }] } },
  },
  {
    name: 'ingress-address',
    kind: 'networking.k8s.io/Ingress',
    match: { ...ALIVE, 'status.loadBalancer.ingress': null, [SIMULATE]: { not: 'never-ready' } },
    status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } },
  },
]

const UNSEEN = { ...ALIVE, 'status.observedGeneration': { not: '${metadata.generation}' } }

/** How `flux reconcile` asks, and waits for an answer in the status. */
const REQUESTED = "metadata.annotations['reconcile.fluxcd.io/requestedAt']"

/** What becomes of objects of kinds whose controller is not there. */
const STAND_INS: readonly Lifecycle[] = [
  {
    name: 'stand-in-never-ready',
    kind: '*',
    match: { ...UNSEEN, [SIMULATE]: 'never-ready' },
    status: { observedGeneration: '${metadata.generation}' },
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'Progressing',
        message: '${kind} is kept from becoming ready by tidegate.dev/simulate',
        observedGeneration: '${metadata.generation}',
      },
    ],
  },
  {
    name: 'stand-in-ready',
    kind: '*',
    match: UNSEEN,
    status: { observedGeneration: '${metadata.generation}' },
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Succeeded',
        message: '${kind} is ready (simulated)',
        observedGeneration: '${metadata.generation}',
      },
    ],
  },
  {
    name: 'stand-in-request',
    kind: '*',
    match: {
      ...ALIVE,
      // Of a source flux prints the artifact next, which a stand-in has none of: it fails then.
      apiVersion: { not: 'source.toolkit.fluxcd.io/v1' },
      [REQUESTED]: { not: null },
      'status.lastHandledReconcileAt': { not: `\${${REQUESTED}}` },
    },
    status: { lastHandledReconcileAt: `\${${REQUESTED}}` },
  },
]

/** The lifecycles that the server has by itself. */
export const BUILTIN_LIFECYCLES: readonly Lifecycle[] = [...PODS, ...CLOUD, ...STAND_INS]
