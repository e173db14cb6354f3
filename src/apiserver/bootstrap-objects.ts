import type { JsonObject, KubeObject } from '../object/index.ts'
import { KUBERNETES_VERSION } from './kinds.generated.ts'

/** The name of the node that pods run on. */
export const NODE_NAME = 'tidegate'

/** The service of the API server itself, and what is behind it. */
export const KUBERNETES_SERVICE: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1'],
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    },
    subsets: [
      {
        addresses: [{ ip: '10.0.0.10' }],
        ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
      },
    ],
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'kubernetes' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.10'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  },
]

/** The priority classes that every cluster has. */
export const PRIORITY_CLASSES: readonly KubeObject[] = [
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
]

/** Claims without a class are bound by this one. */
export const STORAGE_CLASS: KubeObject = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'tidegate.dev/simulated',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
}

/** The node. */
export const NODE: KubeObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: NODE_NAME,
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': NODE_NAME,
      'kubernetes.io/os': 'linux',
      'node-role.kubernetes.io/control-plane': '',
    },
  },
  spec: { podCIDR: '10.244.0.0/16', podCIDRs: ['10.244.0.0/16'] },
}

/** The node's status: ready since the time given. */
export function nodeStatus(since: string): JsonObject {
  const resources = { cpu: '16', 'ephemeral-storage': '256Gi', memory: '64Gi', pods: '2000' }
  return {
    addresses: [
      { address: '10.0.0.10', type: 'InternalIP' },
      { address: NODE_NAME, type: 'Hostname' },
    ],
    allocatable: resources,
    capacity: resources,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastHeartbeatTime: since,
        lastTransitionTime: since,
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status (simulated)',
      },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'simulated://1.0.0',
      kernelVersion: '6.12.0',
      kubeProxyVersion: '',
      kubeletVersion: KUBERNETES_VERSION,
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'simulated',
      systemUUID: '',
    },
  }
}

/** Group and version priority of what the server serves by itself, as its APIServices tell them. */
const PRIORITIES: Readonly<Record<string, readonly [number, number]>> = {
  'v1.': [18_000, 1],
  'v1.admissionregistration.k8s.io': [16_700, 15],
  'v1.apiextensions.k8s.io': [16_700, 15],
  'v1.apps': [17_800, 15],
  'v1.authentication.k8s.io': [17_700, 15],
  'v1.authorization.k8s.io': [17_600, 15],
  'v1.autoscaling': [17_500, 15],
  'v1.batch': [17_400, 15],
  'v1.certificates.k8s.io': [17_300, 15],
  'v1.coordination.k8s.io': [16_500, 15],
  'v1.discovery.k8s.io': [16_200, 15],
  'v1.events.k8s.io': [17_750, 15],
  'v1.flowcontrol.apiserver.k8s.io': [16_100, 21],
  'v1.networking.k8s.io': [17_200, 15],
  'v1.node.k8s.io': [16_300, 15],
  'v1.policy': [17_100, 15],
  'v1.rbac.authorization.k8s.io': [17_000, 15],
  'v1.resource.k8s.io': [16_200, 21],
  'v1.scheduling.k8s.io': [16_600, 15],
  'v1.storage.k8s.io': [16_800, 15],
  'v2.autoscaling': [17_500, 30],
}

/** The APIServices of what is built in. */
export function apiServices(now: string): KubeObject[] {
  return Object.keys(PRIORITIES).map((name) => {
    const [version = '', ...group] = name.split('.')
    return apiService({ group: group.join('.'), version, now, managed: 'onstart' })
  })
}

/** The APIService of one group and version that this server serves itself. */
export function apiService(of: {
  readonly group: string
  readonly version: string
  readonly now: string
  readonly managed: 'onstart' | 'true'
}): KubeObject {
  const name = `${of.version}.${of.group}`
  const [groupPriorityMinimum, versionPriority] = PRIORITIES[name] ?? [1000, 100]
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': of.managed } },
    spec: {
      ...(of.group === '' ? {} : { group: of.group }),
      version: of.version,
      groupPriorityMinimum,
      versionPriority,
    },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: of.now,
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    },
  }
}
