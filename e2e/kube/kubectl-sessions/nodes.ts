import type { Scenario } from '../kubectl-files.ts'
import { typed } from './parts.ts'

const NODE = 's-nodes-a'

/** A node without a kubelet: cordoned, tainted, drained. */
export const NODES: Scenario = {
  name: 's-nodes',
  last: true,
  files: {
    'node.yaml': `apiVersion: v1\nkind: Node\nmetadata: {name: ${NODE}, labels: {disk: ssd, node-role.kubernetes.io/worker: ""}}\n`,
    'ready.json': JSON.stringify({
      status: {
        capacity: { cpu: '4', memory: '8Gi', pods: '110' },
        allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            reason: 'KubeletReady',
            message: 'ok',
            lastHeartbeatTime: '2040-01-01T00:00:00Z',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
        addresses: [
          { type: 'InternalIP', address: '10.1.1.1' },
          { type: 'Hostname', address: NODE },
        ],
        nodeInfo: {
          kubeletVersion: 'v1.36.0',
          osImage: 'Linux',
          kernelVersion: '6',
          containerRuntimeVersion: 'cri://1',
          architecture: 'amd64',
          operatingSystem: 'linux',
          bootID: '',
          machineID: '',
          systemUUID: '',
          kubeProxyVersion: '',
        },
      },
    }),
    'pods.yaml': ['bare', 'guarded']
      .map(
        (n) =>
          `apiVersion: v1\nkind: Pod\nmetadata: {name: ${n}, labels: {app: ${n}}}\nspec: {nodeName: ${NODE}, terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}]}\n`,
      )
      .join('---\n'),
    'local.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: local, labels: {app: local}}\nspec: {nodeName: ${NODE}, terminationGracePeriodSeconds: 0, containers: [{name: c, image: x}], volumes: [{name: e, emptyDir: {}}]}\n`,
    'pdb.yaml':
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: guard}\nspec: {minAvailable: 1, selector: {matchLabels: {app: guarded}}}\n',
  },
  steps: typed(
    'apply -f node.yaml',
    'get nodes',
    `patch node ${NODE} --subresource=status --patch-file ready.json`,
    'get nodes',
    'get nodes -o wide',
    'get nodes -l disk=ssd --show-labels',
    `describe node ${NODE} | grep -v "Taints\\|node.alpha\\|^Annotations\\|Lease\\|AcquireTime\\|RenewTime\\|HolderIdentity" | sed "/^Events/,\\$d"`,
    'apply -f pods.yaml -f local.yaml -f pdb.yaml',
    'get pods -o wide',
    `describe node ${NODE} | sed -n "/^Non-terminated/,/^Events/p" | grep -v "^Events"`,
    `get pods --field-selector spec.nodeName=${NODE} -o name`,
    '@wait pdb/guard --for=jsonpath={.status.expectedPods}=1 --timeout=10s',
    'get pdb guard',
    `cordon ${NODE}`,
    `cordon ${NODE}`,
    'get nodes',
    `taint node ${NODE} k=v:NoSchedule`,
    `taint node ${NODE} k=v:NoSchedule`,
    `taint node ${NODE} k=w:NoSchedule`,
    `taint node ${NODE} k=w:NoSchedule --overwrite`,
    `taint node ${NODE} k2:NoSchedule k3=x:PreferNoSchedule`,
    `taint node ${NODE} k2-`,
    `taint node ${NODE} k3=x:PreferNoSchedule-`,
    `taint node ${NODE} nope-`,
    `taint node ${NODE} bad=:Nope`,
    `taint node -l disk=ssd z=1:NoSchedule`,
    `taint node --all z-`,
    `get node ${NODE} -o json | jq -c "[.spec.taints[] | select(.key | startswith(\\"k\\"))]"`,
    `drain ${NODE}`,
    `drain ${NODE} --force`,
    `drain ${NODE} --force --delete-emptydir-data --dry-run=client | sort`,
    `drain ${NODE} --force --delete-emptydir-data --dry-run=server | sort`,
    `drain ${NODE} --force --delete-emptydir-data --pod-selector=app=bare`,
    `drain ${NODE} --force --delete-emptydir-data --timeout=3s --grace-period=0 | sort`,
    'get pods',
    `drain ${NODE} --force --delete-emptydir-data --disable-eviction --grace-period=0 | sort`,
    'get pods',
    `drain -l disk=ssd --ignore-daemonsets`,
    `uncordon ${NODE}`,
    `uncordon ${NODE}`,
    'get nodes',
    'top node s-nodes-a',
    `delete node ${NODE}`,
    `drain ${NODE}`,
  ),
}
