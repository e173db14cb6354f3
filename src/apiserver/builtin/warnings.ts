import { gvkOf, type Json, type JsonObject, type KubeObject } from '../../object/index.ts'
import { parseQuantity } from '../../schema/index.ts'
import { at, items, number, text, texts } from './check.ts'
import { dnsLabel, qualifiedName } from './names.ts'
import { addressWarnings, rangeWarnings } from './warnings-address.ts'
import { fraction, nodeTermWarnings, oldLabel, podWarnings } from './warnings-pod.ts'

type Warn = (next: JsonObject, old: JsonObject | undefined) => string[]

/**
 * What the API server warns of in an object that it takes; with `old`, in an update.
 * @see k8s.io/kubernetes pkg/registry (strategy.go of each kind, v1.36.3)
 */
export function builtinWarnings(object: KubeObject, old?: KubeObject): readonly string[] {
  const { group, kind } = gvkOf(object)
  const warn = WARNERS[`${group}/${kind}`]
  if (warn === undefined) return []
  return warn(object as unknown as JsonObject, old as unknown as JsonObject | undefined)
}

const POD_NAMES =
  'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: '

function nameWarnings(object: JsonObject, words: string): string[] {
  const found = dnsLabel(text(at(object, 'metadata'), 'name'))
  return found.length === 0 ? [] : [`${words}[${found.join(' ')}]`]
}

function isSameGeneration(next: JsonObject, old: JsonObject): boolean {
  return at(next, 'metadata')['generation'] === at(old, 'metadata')['generation']
}

/** Of workloads: the template when it is new, the name when the object is. */
function workload(path: readonly string[], isNamed: boolean): Warn {
  return (next, old) => {
    if (old !== undefined && isSameGeneration(next, old)) return []
    const template = path.reduce(at, next)
    const found = podWarnings(template, path.join('.'))
    return old === undefined && isNamed ? [...nameWarnings(next, POD_NAMES), ...found] : found
  }
}

const TEMPLATE = ['spec', 'template']

const statefulSet: Warn = (next, old) => {
  const spec = at(next, 'spec')
  // The real server names the spec in capitals where it looks at an update.
  const part = old === undefined ? '' : '.Spec'
  const claims = items(spec, 'volumeClaimTemplates').flatMap((claim, i) =>
    claimSpec(at(claim, 'spec'), `spec.volumeClaimTemplates[${i}]${part}`),
  )
  return [
    ...workload(TEMPLATE, false)(next, old),
    ...claims,
    ...((number(spec, 'revisionHistoryLimit') ?? 0) < 0
      ? [
          'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
        ]
      : []),
  ]
}

function claimSpec(spec: JsonObject, path: string): string[] {
  return ['requests', 'limits'].flatMap((kind) =>
    fraction(at(at(spec, 'resources'), kind), 'storage', `${path}.resources.${kind}`),
  )
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const USE_CLASS = 'deprecated since v1.8; use "storageClassName" attribute instead'

function annotated(object: JsonObject, known: Readonly<Record<string, string>>): string[] {
  const given = at(at(object, 'metadata'), 'annotations')
  return Object.entries(known).flatMap(([key, why]) =>
    given[key] === undefined ? [] : [`metadata.annotations[${key}]: ${why}`],
  )
}

const claim: Warn = (next) => [
  ...annotated(next, { [CLASS_ANNOTATION]: USE_CLASS }),
  ...claimSpec(at(next, 'spec'), 'spec'),
]

const OLD_SOURCES: Readonly<Record<string, string>> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

const volume: Warn = (next) => {
  const spec = at(next, 'spec')
  const terms = items(at(at(spec, 'nodeAffinity'), 'required'), 'nodeSelectorTerms')
  return [
    ...annotated(next, {
      [CLASS_ANNOTATION]: USE_CLASS,
      'volume.beta.kubernetes.io/mount-options':
        'deprecated since v1.31; use "mountOptions" attribute instead',
    }),
    ...(spec['persistentVolumeReclaimPolicy'] === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...terms.flatMap((term, i) =>
      nodeTermWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`),
    ),
    ...Object.entries(OLD_SOURCES).flatMap(([key, why]) =>
      spec[key] === undefined ? [] : [`spec.${key === 'storageos' ? 'storageOS' : key}: ${why}`],
    ),
  ]
}

const HINTS = 'service.kubernetes.io/topology-aware-hints'

const service: Warn = (next) => {
  const spec = at(next, 'spec')
  const type = text(spec, 'type')
  const external = texts(spec, 'externalIPs')
  const isHeadless = type === 'ClusterIP' && text(spec, 'clusterIP') === 'None'
  const isExternal = type === 'ExternalName'
  const balancer = text(spec, 'loadBalancerIP')
  const warnings: string[] = []
  if (at(at(next, 'metadata'), 'annotations')[HINTS] !== undefined)
    warnings.push(
      `annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    )
  if (!isHeadless)
    for (const [i, ip] of texts(spec, 'clusterIPs').entries())
      warnings.push(...addressWarnings(ip, `spec.clusterIPs[${i}]`))
  if (isHeadless) {
    if (balancer !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (external.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (text(spec, 'sessionAffinity') !== 'None')
      warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  for (const [i, ip] of external.entries())
    warnings.push(...addressWarnings(ip, `spec.externalIPs[${i}]`))
  if (external.length > 0 && !isHeadless && !isExternal)
    warnings.push(
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    )
  if (balancer !== '') warnings.push(...addressWarnings(balancer, 'spec.loadBalancerIP'))
  for (const [i, range] of texts(spec, 'loadBalancerSourceRanges').entries())
    warnings.push(...rangeWarnings(range, `spec.loadBalancerSourceRanges[${i}]`))
  if (isExternal && external.length > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!isExternal && text(spec, 'externalName') !== '')
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec['trafficDistribution'] === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}

const cronJob: Warn = (next, old) => {
  const found = workload(['spec', 'jobTemplate', 'spec', 'template'], true)(next, old)
  return old !== undefined && text(at(next, 'spec'), 'schedule').includes('TZ')
    ? [
        ...found,
        'cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
      ]
    : found
}

const CLASS = 'kubernetes.io/ingress.class'

const ingress: Warn = (next, old) => {
  const isNamed = at(next, 'spec')['ingressClassName'] !== undefined
  const isOld = at(at(next, 'metadata'), 'annotations')[CLASS] !== undefined
  return old === undefined && isOld && !isNamed
    ? [`annotation "${CLASS}" is deprecated, please use 'spec.ingressClassName' instead`]
    : []
}

const networkPolicy: Warn = (next) =>
  (
    [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const
  ).flatMap(([way, peers]) =>
    items(at(next, 'spec'), way).flatMap((rule, i) =>
      items(rule, peers).flatMap((peer, j) => {
        const block = at(peer, 'ipBlock')
        const path = `spec.${way}[${i}].${peers}[${j}].ipBlock`
        return [
          ...rangeWarnings(text(block, 'cidr'), `${path}.cidr`),
          ...texts(block, 'except').flatMap((each, k) =>
            rangeWarnings(each, `${path}.except[${k}]`),
          ),
        ]
      }),
    ),
  )

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

const serviceAccount: Warn = (next, old) => {
  const isOld = old !== undefined && at(at(old, 'metadata'), 'annotations')[MOUNTABLE] !== undefined
  return isOld
    ? []
    : annotated(next, {
        [MOUNTABLE]:
          'deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
      })
}

const endpoints: Warn = (next) =>
  items(next, 'subsets').flatMap((subset, i) =>
    ['addresses', 'notReadyAddresses'].flatMap((key) =>
      items(subset, key).flatMap((each, j) =>
        addressWarnings(text(each, 'ip'), `subsets[${i}].${key}[${j}].ip`),
      ),
    ),
  )

const endpointSlice: Warn = (next, old) => [
  ...(old === undefined && next['addressType'] === 'FQDN'
    ? ['spec.addressType: FQDN endpoints are deprecated']
    : []),
  ...items(next, 'endpoints').flatMap((each, i) =>
    texts(each, 'addresses').flatMap((address, j) =>
      addressWarnings(address, `endpoints[${i}].addresses[${j}]`),
    ),
  ),
]

const node: Warn = (next) => {
  const spec = at(next, 'spec')
  return [
    ...(spec['configSource'] === undefined ? [] : ['spec.configSource: the feature is removed']),
    ...(text(spec, 'externalID') === ''
      ? []
      : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ...texts(spec, 'podCIDRs').flatMap((each, i) => rangeWarnings(each, `spec.podCIDRs[${i}]`)),
  ]
}

const storageClass: Warn = (next) =>
  items(next, 'allowedTopologies').flatMap((term, i) =>
    items(term, 'matchLabelExpressions').flatMap((each, j) => {
      const why = oldLabel(text(each, 'key'))
      return why === undefined
        ? []
        : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`]
    }),
  )

const runtimeClass: Warn = (next) =>
  Object.keys(at(at(next, 'scheduling'), 'nodeSelector')).flatMap((key) => {
    const why = oldLabel(key)
    return why === undefined ? [] : [`scheduling.nodeSelector: ${why}`]
  })

const quota: Warn = (next, old) => {
  if (old !== undefined) return []
  const hard = at(at(next, 'spec'), 'hard')
  return ['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => {
    const own = hard[`requests.${name}`] === undefined && name !== 'ephemeral-storage'
    const key = own ? name : `requests.${name}`
    const [request, limit] = [hard[key], hard[`limits.${name}`]]
    if (request === undefined || limit === undefined || nanos(request) <= nanos(limit)) return []
    return [
      `ResourceQuota ${key} (${String(request)}) should be less than limits.${name} (${String(limit)})`,
    ]
  })
}

function nanos(value: Json | undefined): bigint {
  return parseQuantity(String(value))?.nanos ?? 0n
}

const csiDriver: Warn = (next, old) => {
  const spec = at(next, 'spec')
  const same =
    old !== undefined &&
    JSON.stringify(at(old, 'spec')['tokenRequests']) === JSON.stringify(spec['tokenRequests'])
  const isSaid = spec['serviceAccountTokenInSecrets'] !== undefined
  return same || isSaid || items(spec, 'tokenRequests').length === 0 ? [] : [TOKENS]
}

const TOKENS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

const WARNERS: Readonly<Record<string, Warn>> = {
  '/Pod': (next, old) =>
    old === undefined
      ? [
          ...nameWarnings(
            next,
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: ",
          ),
          ...podWarnings(next, ''),
        ]
      : [],
  '/PodTemplate': (next, old) =>
    old !== undefined && isSameGeneration(next, old)
      ? []
      : podWarnings(at(next, 'template'), 'template'),
  '/ReplicationController': workload(TEMPLATE, true),
  'apps/Deployment': workload(TEMPLATE, true),
  'apps/ReplicaSet': workload(TEMPLATE, true),
  'apps/DaemonSet': workload(TEMPLATE, false),
  'apps/StatefulSet': statefulSet,
  'batch/Job': workload(TEMPLATE, true),
  'batch/CronJob': cronJob,
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': volume,
  '/Service': service,
  '/ServiceAccount': serviceAccount,
  '/Endpoints': endpoints,
  '/Node': node,
  '/ResourceQuota': quota,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
  'networking.k8s.io/Ingress': ingress,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
  'storage.k8s.io/StorageClass': storageClass,
  'storage.k8s.io/CSIDriver': csiDriver,
  'node.k8s.io/RuntimeClass': runtimeClass,
}

/** Finalizers that a custom object gains should say whose they are. */
export function finalizerWarnings(object: KubeObject, old?: KubeObject): readonly string[] {
  const had = old?.metadata.finalizers ?? []
  return [...new Set(object.metadata.finalizers ?? [])]
    .filter((each) => !had.includes(each))
    .sort()
    .flatMap((each) => {
      const told = (why: string): string => `metadata.finalizers: ${JSON.stringify(each)}: ${why}`
      const words = qualifiedName(each).map(told)
      if (each.includes('/') || STANDARD.includes(each)) return words
      const path = each.includes('.') ? ' including a path (/)' : ''
      return [
        ...words,
        told(
          `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
        ),
      ]
    })
}

const STANDARD = ['orphan', 'foregroundDeletion', 'kubernetes']
