import { compareText } from '../../../src/base/index.ts'
import {
  isApiFault,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../../src/object/index.ts'
import { type MaskRules, maskDeep, maskText } from './mask.ts'
import type { Scenario, Step } from './scenario.ts'
import type { Stage } from './stage.ts'

const KINDS: readonly (readonly [string, string])[] = [
  ...['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'ResourceQuota', 'LimitRange'].map(
    (kind) => ['', kind] as const,
  ),
  ['', 'PersistentVolumeClaim'],
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['batch', 'Job'],
  ['batch', 'CronJob'],
  ['rbac.authorization.k8s.io', 'Role'],
  ['rbac.authorization.k8s.io', 'RoleBinding'],
  ['policy', 'PodDisruptionBudget'],
  ['autoscaling', 'HorizontalPodAutoscaler'],
  ['networking.k8s.io', 'Ingress'],
  ['networking.k8s.io', 'NetworkPolicy'],
]
/** Nobody but their applier writes to these. */
const QUIET: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'PriorityClass',
  'StorageClass',
])
const CONTROL_PLANE = ['kube-controller-manager', 'kube-apiserver', 'etcd', 'tidegate']

/** Writes down what a scenario shows, as the recorder of the real Flux did. */
export class Recorder {
  readonly #scenario: Scenario
  readonly #stage: Stage
  readonly #masks: () => MaskRules
  readonly #digests = new Map<string, string>()
  readonly #events = new Map<string, unknown>()
  #objects = new Map<string, readonly [string, string]>()

  constructor(scenario: Scenario, stage: Stage, masks: () => MaskRules) {
    this.#scenario = scenario
    this.#stage = stage
    this.#masks = masks
  }

  async record(step: Step): Promise<JsonObject> {
    const found = await this.#list(
      'kustomize.toolkit.fluxcd.io',
      'Kustomization',
      this.#scenario.name,
    )
    const all = new Map(found.map((object) => [object.metadata.name ?? '', object]))
    const events = await this.#newEvents()
    const names = this.#scenario.kustomizations.map(({ name }) => name)
    const kustomizations: Record<string, Json> = {}
    for (const name of [...new Set([...names, ...all.keys(), ...events.keys()])].sort(compareText))
      kustomizations[name] = this.#kustomization(all.get(name), events.get(name) ?? [])
    return {
      scenario: this.#scenario.name,
      step: step.name,
      kustomizations,
      objects: await this.#allObjects(),
    }
  }

  #kustomization(object: KubeObject | undefined, newEvents: Json[]): Json {
    if (object === undefined) return { exists: false, newEvents }
    const isGoing = object.metadata.deletionTimestamp !== undefined
    return {
      finalizers: [...(object.metadata.finalizers ?? [])],
      ...(isGoing ? { deleting: true } : {}),
      status: this.#status(object),
      newEvents,
    }
  }

  #status(object: KubeObject): Json {
    const { generation } = object.metadata
    const { observedGeneration, conditions, inventory, history, ...rest } = (object['status'] ??
      {}) as Record<string, never>
    const seen = (value: unknown): Json => {
      if (value === undefined) return 'none'
      return value === generation ? 'current' : 'behind'
    }
    const out: Record<string, Json> = {
      observedGeneration:
        observedGeneration === -1 || observedGeneration === undefined
          ? (observedGeneration ?? null)
          : seen(observedGeneration),
      conditions: [...((conditions ?? []) as Record<string, string>[])]
        .sort((a, b) => compareText(a['type'] ?? '', b['type'] ?? ''))
        .map((each) => ({
          type: each['type'] ?? '',
          status: each['status'] ?? '',
          reason: each['reason'] ?? '',
          message: maskText(each['message'] ?? '', this.#masks()),
          observedGeneration: seen(each['observedGeneration']),
        })),
    }
    if (inventory !== undefined)
      out['inventory'] = (
        (inventory as { entries?: { id: string; v: string }[] }).entries ?? []
      ).map(({ id, v }) => `${id} ${v}`)
    if (history !== undefined)
      out['history'] = (history as Record<string, Json>[]).map((entry) => this.#entry(entry))
    for (const [key, value] of Object.entries(rest)) out[key] = maskDeep(value, this.#masks())
    return out
  }

  #entry(entry: Record<string, Json>): Json {
    const digest = String(entry['digest'])
    if (!this.#digests.has(digest)) this.#digests.set(digest, `{DIGEST${this.#digests.size + 1}}`)
    const named = ['digest', 'lastReconciledStatus', 'totalReconciliations', 'metadata']
    return {
      digest: this.#digests.get(digest) ?? '',
      lastReconciledStatus: entry['lastReconciledStatus'] ?? null,
      ...(this.#scenario.totals
        ? { totalReconciliations: entry['totalReconciliations'] ?? null }
        : {}),
      metadata: maskDeep(entry['metadata'], this.#masks()),
      otherKeys: Object.keys(entry)
        .filter((key) => !named.includes(key))
        .sort(compareText),
    }
  }

  async #newEvents(): Promise<Map<string, Json[]>> {
    const out = new Map<string, Map<string, Json>>()
    for (const event of await this.#list('', 'Event', this.#scenario.name)) {
      const involved = event['involvedObject'] as Record<string, string>
      if (involved['kind'] !== 'Kustomization') continue
      const uid = event.metadata.uid ?? ''
      if (this.#events.get(uid) === event['count']) continue
      this.#events.set(uid, event['count'])
      const message = maskText(String(event['message']), this.#masks())
      const seen = {
        type: String(event['type']),
        reason: String(event['reason']),
        from: String(event['reportingComponent']),
        message,
        annotations: maskDeep((event.metadata.annotations ?? {}) as Json, this.#masks()),
      }
      const name = involved['name'] ?? ''
      const list = out.get(name) ?? new Map<string, Json>()
      out.set(name, list.set(JSON.stringify(seen), seen))
    }
    return new Map(
      [...out].map(([name, list]) => {
        const order = (each: Json): string => {
          const { type, reason, message } = each as Record<string, string>
          return [type, reason, message].join('\0')
        }
        return [name, [...list.values()].sort((a, b) => compareText(order(a), order(b)))]
      }),
    )
  }

  async #allObjects(): Promise<Json> {
    const { name, namespaces, listNamespaces, skipObjects, record } = this.#scenario
    const now = new Map<string, readonly [string, string]>()
    const out: Record<string, Json> = {}
    for (const namespace of [name, ...namespaces, ...listNamespaces])
      for (const [group, kind] of KINDS)
        for (const object of await this.#list(group, kind, namespace)) {
          const own = object.metadata.name ?? ''
          const isMade = kind === 'ServiceAccount' && own === 'default'
          if (own === 'kube-root-ca.crt' || isMade || skipObjects.includes(own)) continue
          const [key, seen] = this.#object(object, now)
          out[key] = seen
        }
    for (const path of record) {
      const object = await this.#stage.get(path)
      if (object === undefined) out[path] = 'absent'
      else {
        const [key, seen] = this.#object(object, now)
        out[key] = seen
      }
    }
    this.#objects = now
    return Object.fromEntries(Object.entries(out).sort(([a], [b]) => compareText(a, b)))
  }

  #object(object: KubeObject, now: Map<string, readonly [string, string]>): [string, Json] {
    const { uid = '', resourceVersion = '', managedFields, ...meta } = object.metadata
    const key = `${object.kind}/${meta.namespace ?? ''}/${meta.name ?? ''}`
    const before = this.#objects.get(key)
    now.set(key, [uid, resourceVersion])
    const managers = (managedFields ?? [])
      .filter(({ manager = '' }) => !CONTROL_PLANE.includes(manager))
      .map(({ manager, operation, subresource }) =>
        [manager, operation, subresource].filter((part) => (part ?? '') !== '').join('/'),
      )
    const since =
      before === undefined
        ? 'created'
        : before[0] !== uid
          ? 'recreated'
          : !QUIET.has(object.kind)
            ? 'kept'
            : before[1] === resourceVersion
              ? 'untouched'
              : 'written'
    const seen = {
      sinceLastStep: since,
      managers: [...new Set(managers)].sort(compareText),
      object: maskDeep(clean(object, meta as JsonObject), this.#masks()),
    }
    return [key, seen]
  }

  async #list(group: string, kind: string, namespace: string): Promise<readonly KubeObject[]> {
    try {
      const { items } = await this.#stage.cluster.list({ group, kind }, { namespace })
      return items.map((item) => ({ ...item, kind }))
    } catch (error) {
      if (isApiFault(error)) return []
      throw error
    }
  }
}

function clean(object: KubeObject, meta: JsonObject): JsonObject {
  const { status: _, ...rest } = object as unknown as JsonObject
  const { creationTimestamp: _1, deletionGracePeriodSeconds: _2, ...metadata } = meta
  const out: Record<string, Json> = { ...metadata } as Record<string, Json>
  if ('deletionTimestamp' in out) out['deletionTimestamp'] = '{TIME}'
  const annotations = { ...(out['annotations'] as JsonObject | undefined) }
  delete (annotations as Record<string, unknown>)['deployment.kubernetes.io/revision']
  if (Object.keys(annotations).length > 0) out['annotations'] = annotations
  else delete out['annotations']
  const owners = out['ownerReferences'] as readonly JsonObject[] | undefined
  if (owners !== undefined)
    out['ownerReferences'] = owners.map(({ uid: _uid, ...owner }) => owner as JsonObject)
  return {
    ...rest,
    ...(object.kind === 'Service' ? { spec: serviceSpec(rest) } : {}),
    metadata: out,
  }
}

function serviceSpec(service: JsonObject): Json {
  const spec = { ...(service['spec'] as Record<string, Json>) }
  for (const key of ['clusterIP', 'clusterIPs'])
    if (JSON.stringify(spec[key] ?? 'None').replaceAll(/[[\]"]/g, '') !== 'None') delete spec[key]
  return spec
}
