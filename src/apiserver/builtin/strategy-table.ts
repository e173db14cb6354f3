/** What creation and updates do to one kind, beside validation. */
export interface KindStrategy {
  /** What makes a new generation: parts of the object that differ. Absent: no generation. */
  readonly generation?: readonly string[]
  /** True: an update that changes annotations makes a new generation, too. */
  readonly byAnnotations?: true
  /** False: creation does not start the generation at 1. */
  readonly startsAtOne?: false
  /** How status and the rest are kept apart. */
  readonly status?: 'own' | 'own-with-metadata' | 'kept-on-create'
}

const SPEC: readonly string[] = ['spec']

/**
 * Strategies by `group/Kind`; a kind that is not here has neither generation nor a status of its own.
 * @see k8s.io/kubernetes pkg/registry (strategy.go of each kind, v1.36.3)
 */
export const strategies: Readonly<Record<string, KindStrategy>> = {
  'apps/Deployment': { generation: SPEC, byAnnotations: true, status: 'own' },
  'apps/DaemonSet': { generation: SPEC, status: 'own' },
  'apps/ReplicaSet': { generation: SPEC, status: 'own' },
  'apps/StatefulSet': { generation: SPEC, status: 'own' },
  'batch/CronJob': { generation: SPEC, status: 'own' },
  'batch/Job': { generation: SPEC, status: 'own' },
  '/ReplicationController': { generation: SPEC, status: 'own' },
  '/Pod': { generation: SPEC, status: 'own' },
  '/PodTemplate': { generation: ['template'] },
  '/Service': { status: 'own' },
  '/Namespace': { status: 'own' },
  '/Node': { status: 'kept-on-create' },
  '/PersistentVolume': { status: 'own' },
  '/PersistentVolumeClaim': { status: 'own' },
  '/ResourceQuota': { status: 'own' },
  'autoscaling/HorizontalPodAutoscaler': { status: 'own' },
  'networking.k8s.io/Ingress': { generation: SPEC, status: 'own' },
  'networking.k8s.io/IngressClass': { generation: SPEC },
  'networking.k8s.io/NetworkPolicy': { generation: SPEC },
  'networking.k8s.io/ServiceCIDR': { status: 'own-with-metadata' },
  'policy/PodDisruptionBudget': { generation: SPEC, status: 'own' },
  'apiextensions.k8s.io/CustomResourceDefinition': { generation: SPEC, status: 'own' },
  'apiregistration.k8s.io/APIService': { status: 'own' },
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': { generation: ['webhooks'] },
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': { generation: ['webhooks'] },
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': { generation: SPEC },
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': { generation: SPEC },
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': {
    generation: SPEC,
    status: 'own-with-metadata',
  },
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': { generation: SPEC },
  'flowcontrol.apiserver.k8s.io/FlowSchema': { generation: SPEC, status: 'own-with-metadata' },
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': {
    generation: SPEC,
    status: 'own-with-metadata',
  },
  'discovery.k8s.io/EndpointSlice': { generation: ['addressType', 'endpoints', 'ports', 'labels'] },
  'scheduling.k8s.io/PriorityClass': { generation: [] },
  'storage.k8s.io/CSIDriver': { generation: SPEC, startsAtOne: false },
  'storage.k8s.io/VolumeAttachment': { status: 'own-with-metadata' },
  'certificates.k8s.io/CertificateSigningRequest': { status: 'own' },
  'resource.k8s.io/DeviceClass': { generation: SPEC },
  'resource.k8s.io/ResourceClaim': { status: 'own-with-metadata' },
  'resource.k8s.io/ResourceSlice': { generation: SPEC },
}
