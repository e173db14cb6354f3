import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { Draw } from './values.ts'

/** A kind as cases about reading use it. */
export interface ReadKind {
  /** Where its objects are, with `{ns}`. */
  readonly list: string
  /** Where all of them are, whatever their namespace; absent for kinds of the cluster. */
  readonly everywhere?: string
  /** An object without metadata, some of it drawn. */
  readonly object: (draw: Draw) => JsonObject
  /** Further fields that it may be selected by, each with values that occur. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** Merge patches by which an object enters or leaves a selection. */
  readonly patches: readonly Json[]
}

const container: Json = { name: 'c', image: 'i' }
const template: Json = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [container] },
}

const core = (plural: string): Pick<ReadKind, 'list' | 'everywhere'> => ({
  list: `/api/v1/namespaces/{ns}/${plural}`,
  everywhere: `/api/v1/${plural}`,
})

const grouped = (version: string, plural: string): Pick<ReadKind, 'list' | 'everywhere'> => ({
  list: `/apis/${version}/namespaces/{ns}/${plural}`,
  everywhere: `/apis/${version}/${plural}`,
})

const event = (draw: Draw): JsonObject => ({
  involvedObject: { kind: draw.of(['Pod', 'Node']), namespace: '{ns}', name: draw.of(['a', 'b']) },
  reason: draw.of(['R', 'S']),
  type: draw.of(['Normal', 'Warning']),
  source: { component: draw.of(['x', 'y']) },
  message: 'm',
})

/** Kinds with fields of their own to select by, plain ones, a custom one and one of the cluster. */
export const readKinds: readonly ReadKind[] = [
  {
    ...core('configmaps'),
    object: (draw) => ({ apiVersion: 'v1', kind: 'ConfigMap', data: { k: draw.of(['1', '2']) } }),
    fields: {},
    patches: [{ data: { k: '3' } }],
  },
  {
    ...core('secrets'),
    object: (draw) => ({ apiVersion: 'v1', kind: 'Secret', type: draw.of(['Opaque', 'x.io/t']) }),
    fields: { type: ['Opaque', 'x.io/t'] },
    patches: [{ stringData: { k: '3' } }],
  },
  {
    ...core('pods'),
    object: (draw) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {
        containers: [container],
        restartPolicy: draw.of(['Always', 'Never']),
        ...draw.of([{}, { nodeName: 'n' }, { hostNetwork: true }, { schedulerName: 's' }]),
        ...draw.of([{}, { serviceAccountName: 'sa' }, { terminationGracePeriodSeconds: 5 }]),
      },
    }),
    fields: {
      'spec.nodeName': ['n', ''],
      'spec.restartPolicy': ['Always', 'Never'],
      'spec.schedulerName': ['s', 'default-scheduler'],
      'spec.serviceAccountName': ['sa', ''],
      'spec.hostNetwork': ['true', 'false'],
      'status.phase': ['Pending', 'Running', 'Succeeded'],
      'status.podIP': ['', '10.1.1.1'],
      'status.podIPs': ['', '10.1.1.1'],
      'status.nominatedNodeName': [''],
    },
    patches: [
      { status: { phase: 'Running' } },
      { status: { phase: 'Succeeded' } },
      { status: { podIP: '10.1.1.1', podIPs: [{ ip: '10.1.1.1' }] } },
    ],
  },
  {
    ...core('services'),
    object: (draw) => ({
      apiVersion: 'v1',
      kind: 'Service',
      spec: { ports: [{ port: 80 }], clusterIP: 'None', type: draw.of(['ClusterIP']) },
    }),
    fields: { 'spec.clusterIP': ['None', 'x'], 'spec.type': ['ClusterIP', 'NodePort'] },
    patches: [{ spec: { ports: [{ port: 81 }] } }],
  },
  {
    ...core('events'),
    object: (draw) => ({ apiVersion: 'v1', kind: 'Event', ...event(draw) }),
    fields: {
      'involvedObject.kind': ['Pod', 'Node'],
      'involvedObject.name': ['a', 'b'],
      'involvedObject.uid': [''],
      reason: ['R', 'S'],
      reportingComponent: ['', 'x'],
      source: ['x', 'y'],
      type: ['Normal', 'Warning'],
    },
    patches: [{ count: 3 }],
  },
  {
    ...core('replicationcontrollers'),
    object: (draw) => ({
      apiVersion: 'v1',
      kind: 'ReplicationController',
      spec: { replicas: draw.below(2), selector: { app: 'x' }, template },
    }),
    fields: { 'status.replicas': ['0', '2'] },
    patches: [{ status: { replicas: 2 } }],
  },
  {
    ...grouped('apps/v1', 'replicasets'),
    object: () => ({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      spec: { selector: { matchLabels: { app: 'x' } }, template },
    }),
    fields: { 'status.replicas': ['0', '2'] },
    patches: [{ status: { replicas: 2 } }, { spec: { replicas: 2 } }],
  },
  {
    ...grouped('apps/v1', 'deployments'),
    object: () => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: { selector: { matchLabels: { app: 'x' } }, template },
    }),
    fields: {},
    patches: [{ spec: { replicas: 2 } }],
  },
  {
    ...grouped('batch/v1', 'jobs'),
    object: () => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } },
    }),
    fields: { 'status.successful': ['0', '1'] },
    patches: [{ spec: { parallelism: 2 } }],
  },
  {
    ...grouped('networking.k8s.io/v1', 'networkpolicies'),
    object: () => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      spec: { podSelector: {} },
    }),
    fields: {},
    patches: [{ spec: { policyTypes: ['Ingress', 'Egress'] } }],
  },
  {
    ...grouped('read.example.com/v1', 'reads'),
    object: (draw) => ({
      apiVersion: 'read.example.com/v1',
      kind: 'Read',
      spec: {
        ...draw.of([{}, { color: 'red' }, { color: 'blue' }]),
        ...draw.of([{}, { size: 0 }, { size: 7 }]),
        ...draw.of([{}, { bright: true }, { bright: false }]),
      },
    }),
    fields: {
      'spec.color': ['red', 'blue', ''],
      'spec.size': ['0', '7', ''],
      'spec.bright': ['true', 'false', ''],
    },
    patches: [{ spec: { color: 'red' } }, { spec: { color: null } }, { spec: { size: 7 } }],
  },
  {
    list: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    object: () => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', rules: [] }),
    fields: {},
    patches: [{ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }],
  },
]
