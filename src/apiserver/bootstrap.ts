import { rfc3339 } from '../base/index.ts'
import type { JsonObject, KubeObject } from '../object/index.ts'
import { DEFAULT_ROLES } from './auth/roles.generated.ts'
import { type Core, SYSTEM_USER } from './core.ts'
import { KUBERNETES_VERSION } from './kinds.generated.ts'
import { createObject } from './writes.ts'

/** Creates what every cluster has, where it is missing. */
export function bootstrap(core: Core, options: { readonly workloads: boolean }): void {
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    createMissing(core, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  createMissing(core, KUBERNETES_SERVICE)
  for (const role of DEFAULT_ROLES) createMissing(core, role)
  if (!options.workloads) return
  createMissing(core, STORAGE_CLASS)
  const node = createMissing(core, NODE)
  const kind = core.registry.byKind('', 'Node')
  if (node === undefined || kind === undefined) return
  const now = rfc3339(core.clock.now())
  const stored = core.store.get(kind.table, NODE_NAME)
  if (stored !== undefined)
    core.store.put(kind.table, NODE_NAME, { ...stored, status: statusAt(now) })
}

const KUBERNETES_SERVICE: KubeObject = {
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
}

const STORAGE_CLASS: KubeObject = {
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

const NODE_NAME = 'tidegate'

const NODE: KubeObject = {
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

function statusAt(now: string): JsonObject {
  const resources = {
    cpu: '16',
    'ephemeral-storage': '256Gi',
    memory: '64Gi',
    pods: '2000',
  }
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
        lastHeartbeatTime: now,
        lastTransitionTime: now,
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

/** Creates an object in the server's own name unless it is there. */
export function createMissing(
  core: Core,
  body: KubeObject,
  manager = 'kube-apiserver',
): KubeObject | undefined {
  const [group, version] = body.apiVersion.includes('/')
    ? body.apiVersion.split('/')
    : ['', body.apiVersion]
  const kind = core.registry.byKind(group ?? '', body.kind, version)
  if (kind === undefined) return undefined
  const { name = '', namespace = '' } = body.metadata
  const key = kind.namespaced ? `${namespace}/${name}` : name
  if (core.store.get(kind.table, key) !== undefined) return undefined
  const write = {
    kind,
    namespace,
    name,
    subresource: '',
    manager,
    user: SYSTEM_USER,
    dryRun: false,
  }
  return createObject(core, write, body).object
}
