import type { Json, JsonObject, KubeObject } from '../object/index.ts'
import { groupVersion, type Kind } from './kind.ts'

/** An object of a kind that nothing was ever written into: what a bookmark of a watch is made of. */
export function blankOf(kind: Kind): KubeObject {
  const apiVersion = groupVersion(kind)
  const fields = kind.custom === undefined ? BLANKS[`${kind.plural} ${apiVersion}`] : undefined
  return { kind: kind.kind, apiVersion, metadata: {}, ...fields }
}

const TEMPLATE: Json = { metadata: {}, spec: { containers: null } }

/** What Go writes of each type when it is empty, as bookmarks of kube-apiserver v1.36.3 have it. */
const BLANKS: Readonly<Record<string, JsonObject>> = {
  'events v1': {
    involvedObject: {},
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  'limitranges v1': { spec: { limits: null } },
  'namespaces v1': { spec: {}, status: {} },
  'nodes v1': {
    spec: {},
    status: {
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: '',
        osImage: '',
        containerRuntimeVersion: '',
        kubeletVersion: '',
        kubeProxyVersion: '',
        operatingSystem: '',
        architecture: '',
      },
    },
  },
  'persistentvolumeclaims v1': { spec: { resources: {} }, status: {} },
  'persistentvolumes v1': { spec: {}, status: {} },
  'pods v1': { spec: { containers: null }, status: {} },
  'podtemplates v1': { template: TEMPLATE },
  'replicationcontrollers v1': { spec: {}, status: { replicas: 0 } },
  'resourcequotas v1': { spec: {}, status: {} },
  'services v1': { spec: {}, status: { loadBalancer: {} } },
  'apiservices apiregistration.k8s.io/v1': {
    spec: { groupPriorityMinimum: 0, versionPriority: 0 },
    status: {},
  },
  'controllerrevisions apps/v1': { data: null, revision: 0 },
  'daemonsets apps/v1': {
    spec: { selector: null, template: TEMPLATE, updateStrategy: {} },
    status: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
  },
  'deployments apps/v1': {
    spec: { replicas: 0, selector: null, template: TEMPLATE, strategy: {} },
    status: {},
  },
  'replicasets apps/v1': {
    spec: { replicas: 0, selector: null, template: TEMPLATE },
    status: { replicas: 0 },
  },
  'statefulsets apps/v1': {
    spec: { replicas: 0, selector: null, template: TEMPLATE, serviceName: '', updateStrategy: {} },
    status: { replicas: 0, availableReplicas: 0 },
  },
  'events events.k8s.io/v1': {
    eventTime: null,
    regarding: {},
    deprecatedSource: {},
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
  },
  'horizontalpodautoscalers autoscaling/v2': {
    spec: { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 },
    status: { desiredReplicas: 0, currentMetrics: null },
  },
  'horizontalpodautoscalers autoscaling/v1': {
    spec: { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  },
  'cronjobs batch/v1': {
    spec: { schedule: '', jobTemplate: { metadata: {}, spec: { template: TEMPLATE } } },
    status: {},
  },
  'jobs batch/v1': { spec: { template: TEMPLATE }, status: {} },
  'certificatesigningrequests certificates.k8s.io/v1': {
    spec: { request: null, signerName: '' },
    status: {},
  },
  'ingressclasses networking.k8s.io/v1': { spec: {} },
  'ingresses networking.k8s.io/v1': { spec: {}, status: { loadBalancer: {} } },
  'ipaddresses networking.k8s.io/v1': { spec: {} },
  'networkpolicies networking.k8s.io/v1': { spec: { podSelector: {} } },
  'servicecidrs networking.k8s.io/v1': { spec: {}, status: {} },
  'poddisruptionbudgets policy/v1': {
    spec: {},
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  },
  'clusterrolebindings rbac.authorization.k8s.io/v1': {
    roleRef: { apiGroup: '', kind: '', name: '' },
  },
  'clusterroles rbac.authorization.k8s.io/v1': { rules: null },
  'rolebindings rbac.authorization.k8s.io/v1': { roleRef: { apiGroup: '', kind: '', name: '' } },
  'roles rbac.authorization.k8s.io/v1': { rules: null },
  'csidrivers storage.k8s.io/v1': { spec: {} },
  'csinodes storage.k8s.io/v1': { spec: { drivers: null } },
  'csistoragecapacities storage.k8s.io/v1': { storageClassName: '' },
  'storageclasses storage.k8s.io/v1': { provisioner: '' },
  'volumeattachments storage.k8s.io/v1': {
    spec: { attacher: '', source: {}, nodeName: '' },
    status: { attached: false },
  },
  'volumeattributesclasses storage.k8s.io/v1': { driverName: '' },
  'mutatingadmissionpolicies admissionregistration.k8s.io/v1': { spec: {} },
  'mutatingadmissionpolicybindings admissionregistration.k8s.io/v1': { spec: {} },
  'validatingadmissionpolicies admissionregistration.k8s.io/v1': { spec: {}, status: {} },
  'validatingadmissionpolicybindings admissionregistration.k8s.io/v1': { spec: {} },
  'customresourcedefinitions apiextensions.k8s.io/v1': {
    spec: { group: '', names: { plural: '', kind: '' }, scope: '', versions: null },
    status: { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null },
  },
  'priorityclasses scheduling.k8s.io/v1': { value: 0 },
  'leases coordination.k8s.io/v1': { spec: {} },
  'runtimeclasses node.k8s.io/v1': { handler: '' },
  'endpointslices discovery.k8s.io/v1': { addressType: '', endpoints: null, ports: null },
  'deviceclasses resource.k8s.io/v1': { spec: {} },
  'resourceclaims resource.k8s.io/v1': { spec: { devices: { requests: null } }, status: {} },
  'resourceclaimtemplates resource.k8s.io/v1': {
    spec: { metadata: {}, spec: { devices: { requests: null } } },
  },
  'resourceslices resource.k8s.io/v1': {
    spec: { driver: '', pool: { name: '', generation: 0, resourceSliceCount: 0 } },
  },
  'flowschemas flowcontrol.apiserver.k8s.io/v1': {
    spec: { priorityLevelConfiguration: { name: '' }, matchingPrecedence: 0 },
    status: {},
  },
  'prioritylevelconfigurations flowcontrol.apiserver.k8s.io/v1': { spec: { type: '' }, status: {} },
}
