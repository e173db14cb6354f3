import type { Json } from '../../../src/object/index.ts'
import type { Dice } from './dice.ts'

/** Makes a value, for an object or for a patch of one. */
export type Maker = (dice: Dice, isPatch: boolean) => Json

const SCALARS: readonly Json[] = [
  'a',
  'b',
  'yes',
  '1',
  1,
  2,
  true,
  false,
  0,
  1.5,
  '',
  'x y',
  '0777',
]

const word: Maker = (dice) => dice.pick(['a', 'b', 'c'])
const scalar: Maker = (dice) => dice.pick(SCALARS)

/** A map of some of the fields. */
export function object(fields: Readonly<Record<string, Maker>>, share = 0.5): Maker {
  return (dice, isPatch) => {
    const result: Record<string, Json> = {}
    for (const [name, make] of Object.entries(fields)) {
      if (!dice.chance(share)) continue
      if (isPatch && dice.chance(0.08)) result[name] = null
      else if (isPatch && dice.chance(0.03))
        result[name] = dice.pick<Json>(['s', [], {}, 1, [{}], ['a']])
      else result[name] = make(dice, isPatch)
    }
    if (isPatch) directives(dice, result, Object.keys(fields))
    return result
  }
}

function directives(dice: Dice, result: Record<string, Json>, names: readonly string[]): void {
  if (dice.chance(0.05)) result['$patch'] = dice.pick(['delete', 'replace', 'merge', 'delete'])
  if (dice.chance(0.02)) result['$retainKeys'] = names.slice(0, 2)
  if (dice.chance(0.02))
    result[`$setElementOrder/${dice.pick(names)}`] = [{ name: 'a' }, { name: 'b' }]
  if (dice.chance(0.02)) result[`$deleteFromPrimitiveList/${dice.pick(names)}`] = ['a']
}

function list(item: Maker, keys: readonly string[] = []): Maker {
  return (dice, isPatch) => {
    const items = dice.times(0, 3, () => item(dice, isPatch))
    if (isPatch && dice.chance(0.1))
      items.splice(dice.below(3), 0, { $patch: dice.pick(['replace', 'delete', 'merge', 'nope']) })
    if (isPatch && dice.chance(0.15))
      items.push({
        $patch: 'delete',
        [dice.pick(keys.length > 0 ? keys : ['name'])]: word(dice, true),
      })
    if (dice.chance(0.02)) items.push(null)
    return items
  }
}

function keyed(
  keys: Readonly<Record<string, Maker>>,
  fields: Readonly<Record<string, Maker>>,
): Maker {
  const item: Maker = (dice, isPatch) => {
    const result: Record<string, Json> = {}
    for (const [name, make] of Object.entries(keys))
      if (dice.chance(0.9)) result[name] = make(dice, isPatch)
    return { ...result, ...(object(fields, 0.35)(dice, isPatch) as Record<string, Json>) }
  }
  return list(item, Object.keys(keys))
}

const port: Maker = (dice) => dice.pick<Json>([80, 81, '80', 8080])
const protocol: Maker = (dice) => dice.pick(['TCP', 'UDP'])
const env = keyed(
  { name: word },
  {
    value: scalar,
    valueFrom: object({
      configMapKeyRef: object({ name: word, key: word }),
      fieldRef: object({ fieldPath: word }),
    }),
  },
)
const container = keyed(
  { name: word },
  {
    image: word,
    command: list(word),
    args: list(scalar),
    env,
    envFrom: list(object({ prefix: word, configMapRef: object({ name: word }) })),
    ports: keyed({ containerPort: port }, { protocol, name: word, hostPort: port }),
    volumeMounts: keyed({ mountPath: word }, { name: word, readOnly: scalar }),
    resources: object({
      limits: object({ cpu: scalar, memory: scalar }),
      requests: object({ cpu: scalar }),
    }),
    securityContext: object({ capabilities: object({ add: list(word), drop: list(word) }) }),
    livenessProbe: object({
      httpGet: object({ path: word, port, httpHeaders: list(object({ name: word, value: word })) }),
      exec: object({ command: list(word) }),
    }),
  },
)
/** Metadata of objects and templates. */
export const meta: Maker = object({
  labels: object({ a: word, b: scalar, app: word }),
  annotations: object({ a: scalar, b: word }),
  finalizers: list(word),
  ownerReferences: keyed({ uid: word }, { name: word, kind: word }),
})
const podSpec = object(
  {
    containers: container,
    initContainers: container,
    volumes: keyed(
      { name: word },
      {
        emptyDir: object({ medium: word }),
        configMap: object({ name: word, items: list(object({ key: word, path: word })) }),
        secret: object({ secretName: word }),
        projected: object({ sources: list(object({ configMap: object({ name: word }) })) }),
      },
    ),
    imagePullSecrets: keyed({ name: word }, {}),
    tolerations: list(object({ key: word, operator: word, value: word })),
    hostAliases: keyed({ ip: word }, { hostnames: list(word) }),
    topologySpreadConstraints: keyed(
      { topologyKey: word, whenUnsatisfiable: word },
      { maxSkew: scalar },
    ),
    nodeSelector: object({ a: word, b: word }),
    affinity: object({
      nodeAffinity: object({
        preferredDuringSchedulingIgnoredDuringExecution: list(object({ weight: scalar })),
      }),
    }),
    serviceAccountName: word,
    securityContext: object({
      sysctls: list(object({ name: word, value: word })),
      supplementalGroups: list(scalar),
    }),
    dnsConfig: object({
      nameservers: list(word),
      options: list(object({ name: word, value: word })),
    }),
    readinessGates: list(object({ conditionType: word })),
    ephemeralContainers: container,
  },
  0.3,
)
const template = object({ metadata: meta, spec: podSpec }, 0.8)
const selector = object({
  matchLabels: object({ app: word, b: word }),
  matchExpressions: list(object({ key: word, operator: word, values: list(word) })),
})

const workload = object(
  {
    replicas: scalar,
    selector,
    template,
    strategy: object({ type: word, rollingUpdate: object({ maxSurge: scalar }) }),
    updateStrategy: object({ type: word }),
    volumeClaimTemplates: list(
      object({ metadata: meta, spec: object({ accessModes: list(word) }) }),
    ),
    serviceName: word,
  },
  0.5,
)

/** Kinds with merge keys, and what may stand in them. */
export const KINDS: readonly {
  readonly type: readonly [string, string]
  readonly fields: Readonly<Record<string, Maker>>
}[] = [
  { type: ['apps/v1', 'Deployment'], fields: { spec: workload } },
  { type: ['apps/v1', 'Deployment'], fields: { spec: workload } },
  { type: ['apps/v1', 'StatefulSet'], fields: { spec: workload } },
  { type: ['apps/v1', 'DaemonSet'], fields: { spec: workload } },
  { type: ['batch/v1', 'Job'], fields: { spec: object({ template, backoffLimit: scalar }) } },
  {
    type: ['batch/v1', 'CronJob'],
    fields: {
      spec: object(
        { jobTemplate: object({ spec: object({ template }, 0.9) }, 0.9), schedule: word },
        0.9,
      ),
    },
  },
  {
    type: ['v1', 'Pod'],
    fields: {
      spec: podSpec,
      status: object({
        conditions: keyed({ type: word }, { status: word }),
        podIPs: keyed({ ip: word }, {}),
      }),
    },
  },
  {
    type: ['v1', 'Service'],
    fields: {
      spec: object(
        {
          ports: keyed({ port }, { protocol, name: word, targetPort: port, nodePort: port }),
          selector: object({ app: word, b: word }),
          externalIPs: list(word),
          loadBalancerSourceRanges: list(word),
        },
        0.8,
      ),
    },
  },
  {
    type: ['v1', 'ConfigMap'],
    fields: {
      data: object({ a: scalar, b: word, c: word }, 0.7),
      binaryData: object({ a: word }),
      immutable: scalar,
    },
  },
  {
    type: ['v1', 'Secret'],
    fields: { data: object({ a: word, b: word }), stringData: object({ a: scalar }), type: word },
  },
  {
    type: ['v1', 'ServiceAccount'],
    fields: {
      secrets: keyed({ name: word }, { namespace: word }),
      imagePullSecrets: keyed({ name: word }, {}),
    },
  },
  { type: ['v1', 'Namespace'], fields: { spec: object({ finalizers: list(word) }) } },
  {
    type: ['v1', 'PersistentVolumeClaim'],
    fields: {
      spec: object({
        accessModes: list(word),
        resources: object({ requests: object({ storage: scalar }) }),
      }),
    },
  },
  {
    type: ['networking.k8s.io/v1', 'Ingress'],
    fields: {
      spec: object(
        {
          rules: list(
            object({
              host: word,
              http: object({ paths: list(object({ path: word, pathType: word })) }),
            }),
          ),
          tls: list(object({ hosts: list(word), secretName: word })),
        },
        0.8,
      ),
    },
  },
  {
    type: ['networking.k8s.io/v1', 'NetworkPolicy'],
    fields: {
      spec: object(
        {
          ingress: list(
            object({
              from: list(object({ podSelector: selector })),
              ports: list(object({ port, protocol })),
            }),
          ),
          policyTypes: list(word),
        },
        0.8,
      ),
    },
  },
  {
    type: ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
    fields: {
      rules: list(object({ apiGroups: list(word), resources: list(word), verbs: list(word) })),
      aggregationRule: object({ clusterRoleSelectors: list(selector) }),
    },
  },
  {
    type: ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
    fields: {
      subjects: list(object({ kind: word, name: word, namespace: word })),
      roleRef: object({ kind: word, name: word }, 1),
    },
  },
  {
    type: ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    fields: {
      webhooks: keyed(
        { name: word },
        {
          clientConfig: object({ service: object({ name: word, namespace: word }) }),
          rules: list(object({ verbs: list(word) })),
          sideEffects: word,
        },
      ),
    },
  },
  {
    type: ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    fields: {
      spec: object(
        {
          versions: list(
            object({
              name: word,
              served: scalar,
              schema: object({
                openAPIV3Schema: object({
                  type: word,
                  properties: object({ a: object({ type: word }) }),
                }),
              }),
            }),
          ),
          names: object({ shortNames: list(word) }),
          conversion: object({ strategy: word }),
        },
        0.8,
      ),
    },
  },
  {
    type: ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    fields: {
      spec: object(
        {
          metrics: list(object({ type: word, resource: object({ name: word }) })),
          minReplicas: scalar,
        },
        0.8,
      ),
    },
  },
  {
    type: ['autoscaling/v2beta2', 'HorizontalPodAutoscaler'],
    fields: {
      spec: object(
        {
          metrics: list(object({ type: word, resource: object({ name: word }) })),
          minReplicas: scalar,
        },
        0.8,
      ),
    },
  },
  {
    type: ['policy/v1', 'PodDisruptionBudget'],
    fields: { spec: object({ selector, minAvailable: scalar }) },
  },
  {
    type: ['e.com/v1', 'Thing'],
    fields: {
      spec: object(
        {
          containers: container,
          list: list(object({ name: word, value: scalar })),
          template,
          words: list(word),
          nested: object({ a: object({ b: scalar, c: list(scalar) }) }),
        },
        0.6,
      ),
    },
  },
  { type: ['v1', 'PodTemplate'], fields: { template } },
  { type: ['v1', 'ReplicationController'], fields: { spec: workload } },
  {
    type: ['v1', 'Endpoints'],
    fields: {
      subsets: list(
        object({
          addresses: list(object({ ip: word })),
          ports: list(object({ port, name: word })),
        }),
      ),
    },
  },
  {
    type: ['v1', 'Node'],
    fields: {
      spec: object({ taints: list(object({ key: word, effect: word })), podCIDRs: list(word) }),
      status: object({ addresses: keyed({ type: word }, { address: word }) }),
    },
  },
  { type: ['v1', 'List'], fields: { items: list(object({ apiVersion: word, kind: word })) } },
]
