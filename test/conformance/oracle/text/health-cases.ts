import { seededRandom } from '../../../../src/base/index.ts'
import { condition, type Fields, type HealthCase, maybe } from './health-case.ts'
import { expressionCases } from './health-expr-cases.ts'

const random = seededRandom(13)

function pick<T>(...list: readonly T[]): T {
  return list[Math.floor(random.next() * list.length)] as T
}

function make(why: string, apiVersion: string, parts: Fields): HealthCase {
  const kind = why.split(' ')[0] ?? ''
  const metadata = { name: 'x', namespace: 'ns', ...(parts['metadata'] as Fields | undefined) }
  return { kind: 'kstatus', why, object: { apiVersion, kind, ...parts, metadata } }
}

function repeat(count: number, build: () => HealthCase): HealthCase[] {
  return Array.from({ length: count }, build)
}

const counts = (): number | undefined => pick(undefined, 0, 1, 2, 2, 2, 3)

function deployment(): HealthCase {
  const conditions = [
    pick(
      undefined,
      condition('Available', 'True'),
      condition('Available', 'False', 'MinimumReplicasUnavailable'),
    ),
    pick(
      undefined,
      condition('Progressing', 'True', 'NewReplicaSetAvailable'),
      condition('Progressing', 'True', 'ReplicaSetUpdated'),
      condition('Progressing', 'False', 'ProgressDeadlineExceeded'),
    ),
  ].filter((item) => item !== undefined)
  return make('Deployment in some state', 'apps/v1', {
    metadata: { generation: 2 },
    spec: maybe({
      replicas: pick(undefined, 0, 2, 2, 2),
      progressDeadlineSeconds: pick(undefined, 600, 600, 2147483647),
    }),
    status: maybe({
      observedGeneration: pick(undefined, 1, 2, 2, 2),
      replicas: counts(),
      updatedReplicas: counts(),
      readyReplicas: counts(),
      availableReplicas: counts(),
      conditions,
    }),
  })
}

function settled(kind: string, status: Fields, spec: Fields = {}): HealthCase {
  return make(`${kind} all there`, 'apps/v1', {
    metadata: { generation: 2 },
    spec: { replicas: 2, ...spec },
    status: { observedGeneration: 2, ...status },
  })
}

function statefulSet(): HealthCase {
  const partition = pick(undefined, undefined, 0, 1, 2)
  return make('StatefulSet in some state', 'apps/v1', {
    spec: maybe({
      replicas: pick(undefined, 0, 2, 2, 2),
      updateStrategy: pick(
        undefined,
        { type: 'OnDelete' },
        { type: 'RollingUpdate', rollingUpdate: maybe({ partition }) },
        { type: 'RollingUpdate', rollingUpdate: maybe({ partition }) },
      ),
    }),
    status: maybe({
      replicas: counts(),
      readyReplicas: counts(),
      currentReplicas: counts(),
      updatedReplicas: counts(),
      currentRevision: pick(undefined, 'a', 'a'),
      updateRevision: pick(undefined, 'a', 'a', 'b'),
    }),
  })
}

function daemonSet(): HealthCase {
  return make('DaemonSet in some state', 'apps/v1', {
    metadata: maybe({ generation: pick(undefined, 2, 2, 2) }),
    status: maybe({
      observedGeneration: pick(undefined, 1, 2, 2, 2, 2),
      desiredNumberScheduled: counts(),
      currentNumberScheduled: counts(),
      updatedNumberScheduled: counts(),
      numberAvailable: counts(),
      numberReady: counts(),
    }),
  })
}

function replicaSet(): HealthCase {
  return make('ReplicaSet in some state', 'apps/v1', {
    spec: maybe({ replicas: pick(undefined, 0, 2, 2) }),
    status: maybe({
      replicas: counts(),
      fullyLabeledReplicas: counts(),
      readyReplicas: counts(),
      availableReplicas: counts(),
      conditions: pick(
        [],
        [],
        [condition('ReplicaFailure', 'True', 'FailedCreate')],
        [condition('ReplicaFailure', 'False')],
      ),
    }),
  })
}

function job(): HealthCase {
  return make('Job in some state', 'batch/v1', {
    metadata: maybe({
      generation: 2,
      deletionTimestamp: pick(undefined, undefined, '2026-01-01T00:00:00Z'),
    }),
    spec: maybe({
      parallelism: pick(undefined, 2),
      completions: pick(undefined, 3),
      suspend: pick(undefined, false, true),
    }),
    status: maybe({
      observedGeneration: pick(undefined, 1, 2),
      active: counts(),
      succeeded: counts(),
      failed: counts(),
      startTime: pick(undefined, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
      conditions: pick<readonly Fields[]>(
        [],
        [condition('Complete', 'True')],
        [condition('Failed', 'True', 'BackoffLimitExceeded')],
        [condition('Failed', 'False'), condition('Complete', 'True')],
        [condition('SuccessCriteriaMet', 'True')],
      ),
    }),
  })
}

function pod(): HealthCase {
  const waiting = (reason: string): Fields => ({ name: 'main', state: { waiting: { reason } } })
  return make('Pod in some state', 'v1', {
    metadata: maybe({ creationTimestamp: pick('2000-01-01T00:00:00Z', '2100-01-01T00:00:00Z') }),
    status: maybe({
      phase: pick(
        undefined,
        'Pending',
        'Pending',
        'Running',
        'Running',
        'Succeeded',
        'Failed',
        'Unknown',
      ),
      conditions: pick<readonly Fields[]>(
        [],
        [condition('Ready', 'True')],
        [condition('Ready', 'False')],
        [condition('PodScheduled', 'False', 'Unschedulable')],
        [condition('PodScheduled', 'False', 'SchedulerError')],
      ),
      containerStatuses: pick<readonly Fields[] | undefined>(
        undefined,
        [waiting('CrashLoopBackOff')],
        [waiting('CrashLoopBackOff'), { ...waiting('CrashLoopBackOff'), name: 'side' }],
        [waiting('ImagePullBackOff')],
        [{ name: 'main', state: { running: {} } }],
      ),
    }),
  })
}

function crd(): HealthCase {
  return make('CustomResourceDefinition in some state', 'apiextensions.k8s.io/v1', {
    status: {
      conditions: [
        pick(
          condition('NamesAccepted', 'True'),
          condition('NamesAccepted', 'False', 'Conflict', 'plural taken'),
        ),
        pick(
          condition('Established', 'True', 'InitialNamesAccepted'),
          condition('Established', 'False', 'Installing'),
          condition('Established', 'False', 'NotAccepted', 'no'),
        ),
      ].slice(0, pick(0, 1, 2, 2, 2)),
    },
  })
}

function custom(): HealthCase {
  const any = (type: string): Fields =>
    condition(type, pick('True', 'False', 'Unknown', ''), pick('', 'Why'))
  return make('Widget in some state', 'example.com/v1', {
    metadata: maybe({
      generation: pick(undefined, 2, 2),
      deletionTimestamp: pick(undefined, undefined, undefined, '2026-01-01T00:00:00Z'),
    }),
    ...maybe({
      status: pick(
        undefined,
        {},
        maybe({
          observedGeneration: pick(undefined, 1, 2, 2),
          conditions: [
            any(pick('Ready', 'Reconciling', 'Stalled', 'Other')),
            any(pick('Ready', 'Stalled')),
            any('Ready'),
          ].slice(0, pick(0, 1, 2, 3)),
        }),
      ),
    }),
  })
}

function simple(): HealthCase[] {
  const service = (spec: Fields): HealthCase => make('Service', 'v1', { spec })
  const claim = (status: Fields): HealthCase => make('PersistentVolumeClaim', 'v1', { status })
  return [
    ...['Secret', 'ConfigMap', 'Namespace', 'ServiceAccount'].map((kind) => make(kind, 'v1', {})),
    make('CronJob', 'batch/v1', {}),
    make('PodDisruptionBudget', 'policy/v1', {
      metadata: { generation: 1 },
      status: { observedGeneration: 1 },
    }),
    make('Ingress', 'networking.k8s.io/v1', { status: { loadBalancer: {} } }),
    ...[
      {},
      { type: 'LoadBalancer' },
      { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      { type: 'ExternalName' },
    ].map(service),
    ...[{}, { phase: 'Pending' }, { phase: 'Bound' }, { phase: 'Lost' }].map(claim),
    settled(
      'Deployment',
      {
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
        conditions: [
          condition('Available', 'True'),
          condition('Progressing', 'True', 'NewReplicaSetAvailable'),
        ],
      },
      { progressDeadlineSeconds: 600 },
    ),
    settled(
      'Deployment',
      {
        replicas: 2,
        updatedReplicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
        conditions: [
          condition('Available', 'True'),
          condition('Progressing', 'True', 'ReplicaSetUpdated'),
        ],
      },
      { progressDeadlineSeconds: 600 },
    ),
    settled('Deployment', {
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      conditions: [condition('Available', 'True')],
    }),
    settled('Deployment', {
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    }),
    settled('StatefulSet', {
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
      currentRevision: 'a',
      updateRevision: 'a',
    }),
    settled('StatefulSet', {
      replicas: 2,
      readyReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
      currentRevision: 'a',
      updateRevision: 'b',
    }),
    settled('ReplicaSet', {
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    }),
    settled('DaemonSet', {
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
      numberReady: 2,
    }),
  ]
}

/** All objects. */
export function healthCases(): HealthCase[] {
  return [
    ...simple(),
    ...repeat(150, deployment),
    ...repeat(120, statefulSet),
    ...repeat(80, daemonSet),
    ...repeat(60, replicaSet),
    ...repeat(80, job),
    ...repeat(80, pod),
    ...repeat(20, crd),
    ...repeat(120, custom),
    ...expressionCases(),
  ]
}
