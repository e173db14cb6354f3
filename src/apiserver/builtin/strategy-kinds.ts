import { rfc3339 } from '../../base/index.ts'
import { fieldAt, gvkOf, type Json, type KubeObject, sameJson } from '../../object/index.ts'
import { type Draft, draftAt, draftOf, draftsAt, fill, madeAt } from './mutable.ts'
import { qosClass } from './qos.ts'

type Prepare = (draft: Draft, context: { readonly now: number }) => void

const RBAC_ROLE = 'rbac.authorization.k8s.io/Role'
const RBAC_CLUSTER_ROLE = 'rbac.authorization.k8s.io/ClusterRole'

/** What is stored knows no empty lists: one that is always written comes back as null. */
function emptyAsNull(draft: Draft, key: string): void {
  const value = draft[key]
  if (Array.isArray(value) && value.length === 0) draft[key] = null
}

function nullParts(draft: Draft): void {
  emptyAsNull(draft, 'endpoints')
  emptyAsNull(draft, 'ports')
}

/** Fields whose feature is off are as good as not given. */
function dropOff(draft: Draft): void {
  const rolling = draftAt(draftAt(draftAt(draft, 'spec'), 'updateStrategy'), 'rollingUpdate')
  if (rolling !== undefined) delete rolling['maxUnavailable']
}

/** Dynamic configuration of nodes is gone; what an old node has of it is kept. */
function dropConfigSource(draft: Draft, old?: Draft): void {
  const spec = draftAt(draft, 'spec')
  if (spec !== undefined && draftAt(old, 'spec')?.['configSource'] === undefined)
    delete spec['configSource']
}

const ON_CREATE: Readonly<Record<string, Prepare>> = {
  '/Namespace': (draft) => {
    draft['status'] = { phase: 'Active' }
    const spec = madeAt(draft, 'spec')
    const given = Array.isArray(spec['finalizers']) ? (spec['finalizers'] as Json[]) : []
    if (!given.includes('kubernetes')) spec['finalizers'] = [...given, 'kubernetes']
  },
  '/Pod': (draft) => {
    draft['status'] = { phase: 'Pending', qosClass: qosClass(draft) }
    const spec = madeAt(draft, 'spec')
    fill(spec, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    addTolerations(spec)
  },
  '/PersistentVolume': (draft, { now }) => {
    draft['status'] = { phase: 'Pending', lastPhaseTransitionTime: rfc3339(now) }
    addFinalizer(draft, 'kubernetes.io/pv-protection')
  },
  '/PersistentVolumeClaim': (draft) => {
    draft['status'] = { phase: 'Pending' }
    addFinalizer(draft, 'kubernetes.io/pvc-protection')
    dropDataSource(draft)
    mirrorDataSource(draft)
  },
  'storage.k8s.io/CSIDriver': (draft) => {
    delete draftAt(draft, 'spec')?.['preventPodSchedulingIfMissing']
  },
  'storage.k8s.io/VolumeAttributesClass': (draft) =>
    addFinalizer(draft, 'kubernetes.io/vac-protection'),
  '/ServiceAccount': cleanSecrets,
  '/Node': (draft) => dropConfigSource(draft),
  'apps/StatefulSet': dropOff,
  'coordination.k8s.io/Lease': (draft) => dropCoordination(draft),
  'batch/Job': (draft) => {
    if (draftAt(draft, 'spec')?.['manualSelector'] !== true) generateSelector(draft)
  },
  'apps/DaemonSet': (draft) => {
    const annotations = madeAt(madeAt(draft, 'metadata'), 'annotations')
    const given = Number(annotations['deprecated.daemonset.template.generation'] ?? 0)
    annotations['deprecated.daemonset.template.generation'] = String(Math.max(given, 1))
  },
  'apiextensions.k8s.io/CustomResourceDefinition': storeVersion,
  [RBAC_ROLE]: (draft) => emptyAsNull(draft, 'rules'),
  [RBAC_CLUSTER_ROLE]: (draft) => emptyAsNull(draft, 'rules'),
  'discovery.k8s.io/EndpointSlice': nullParts,
  'storage.k8s.io/CSINode': (draft) => emptyAsNull(madeAt(draft, 'spec'), 'drivers'),
  '/LimitRange': (draft) => emptyAsNull(madeAt(draft, 'spec'), 'limits'),
}

const ON_UPDATE: Readonly<Record<string, (draft: Draft, old: Draft) => void>> = {
  '/Namespace': (draft, old) => {
    const finalizers = draftAt(old, 'spec')?.['finalizers']
    const spec = madeAt(draft, 'spec')
    if (finalizers === undefined) delete spec['finalizers']
    else spec['finalizers'] = finalizers
  },
  '/Secret': (draft, old) => {
    if (!draft['type'] && old['type'] !== undefined) draft['type'] = old['type']
  },
  '/ServiceAccount': cleanSecrets,
  'certificates.k8s.io/CertificateSigningRequest': (draft, old) => {
    if (old['spec'] !== undefined) draft['spec'] = old['spec']
  },
  '/Node': dropConfigSource,
  'apps/StatefulSet': dropOff,
  // Admission looks at pods again when they are updated.
  '/Pod': (draft) => addTolerations(madeAt(draft, 'spec')),
  '/PersistentVolumeClaim': (draft, old) => {
    dropDataSource(draft, old)
    mirrorDataSource(draft)
  },
  'coordination.k8s.io/Lease': dropCoordination,
  'apps/DaemonSet': (draft, old) => {
    const key = 'deprecated.daemonset.template.generation'
    const before = draftAt(draftAt(old, 'metadata'), 'annotations')?.[key]
    const template = (of: Draft): Json | undefined => draftAt(of, 'spec')?.['template']
    const same = sameJson(template(draft), template(old))
    const count = Number(before ?? 0) + (same ? 0 : 1)
    madeAt(madeAt(draft, 'metadata'), 'annotations')[key] = String(count)
  },
  'apiextensions.k8s.io/CustomResourceDefinition': storeVersion,
  [RBAC_ROLE]: (draft) => emptyAsNull(draft, 'rules'),
  [RBAC_CLUSTER_ROLE]: (draft) => emptyAsNull(draft, 'rules'),
  'discovery.k8s.io/EndpointSlice': nullParts,
  'storage.k8s.io/CSINode': (draft) => emptyAsNull(madeAt(draft, 'spec'), 'drivers'),
  '/LimitRange': (draft) => emptyAsNull(madeAt(draft, 'spec'), 'limits'),
}

/** Where a kind has the spec of a pod. */
function podSpecOf(draft: Draft): Draft | undefined {
  const spec = draftAt(draft, 'spec')
  switch (draft['kind']) {
    case 'Pod':
      return spec
    case 'PodTemplate':
      return draftAt(draftAt(draft, 'template'), 'spec')
    case 'CronJob':
      return draftAt(draftAt(draftAt(draftAt(spec, 'jobTemplate'), 'spec'), 'template'), 'spec')
    default:
      return draftAt(draftAt(spec, 'template'), 'spec')
  }
}

/** Groups of pods are off. */
function withoutGroup(object: KubeObject): KubeObject {
  if (podSpecOf(object as unknown as Draft)?.['schedulingGroup'] === undefined) return object
  const draft = draftOf(object)
  delete podSpecOf(draft)?.['schedulingGroup']
  return draft as unknown as KubeObject
}

/** What one kind sets for itself when it is created. */
export function prepareKindForCreate(
  given: KubeObject,
  context: { readonly now: number },
): KubeObject {
  const object = withoutGroup(given)
  const prepare = ON_CREATE[keyOf(object)]
  if (prepare === undefined) return object
  const draft = draftOf(object)
  const shared = fieldAt(object, 'spec', 'template', 'metadata', 'labels')
  if (shared !== undefined && fieldAt(object, 'metadata', 'labels') === shared)
    madeAt(draft, 'metadata')['labels'] = templateLabels(draft) as Json
  prepare(draft, context)
  return draft as unknown as KubeObject
}

/** What one kind sets for itself when it is updated. */
export function prepareKindForUpdate(
  given: KubeObject,
  old: KubeObject,
  _context: { readonly now: number },
): KubeObject {
  const object = withoutGroup(given)
  const prepare = ON_UPDATE[keyOf(object)]
  if (prepare === undefined) return object
  const draft = draftOf(object)
  prepare(draft, old as unknown as Draft)
  return draft as unknown as KubeObject
}

function keyOf(object: KubeObject): string {
  const { group, kind } = gvkOf(object)
  return `${group}/${kind}`
}

function cleanSecrets(draft: Draft): void {
  const secrets = draftsAt(draft, 'secrets')
  if (secrets.length > 0)
    draft['secrets'] = secrets.map((secret) =>
      secret['name'] === undefined ? {} : { name: secret['name'] },
    )
}

/** Sources that are neither claims nor snapshots belong into the other field, and are forgotten here. */
function dropDataSource(draft: Draft, old?: Draft): void {
  const spec = draftAt(draft, 'spec')
  const source = draftAt(spec, 'dataSource')
  const ref = draftAt(spec, 'dataSourceRef')
  if (spec === undefined || source === undefined || ref !== undefined) return
  if (draftAt(draftAt(old, 'spec'), 'dataSource') !== undefined) return
  if (isForgotten(source)) delete spec['dataSource']
}

function isForgotten(source: Draft): boolean {
  const of = `${String(source['apiGroup'] ?? '')}/${String(source['kind'])}`
  return of !== '/PersistentVolumeClaim' && of !== 'snapshot.storage.k8s.io/VolumeSnapshot'
}

/** The election of leaders by the API server is off. */
function dropCoordination(draft: Draft, old?: Draft): void {
  const spec = draftAt(draft, 'spec')
  const before = draftAt(old, 'spec')
  for (const key of ['strategy', 'preferredHolder'])
    if (spec !== undefined && before?.[key] === undefined) delete spec[key]
}

/** The two names of a claim's source are kept equal where they can be. */
function mirrorDataSource(draft: Draft): void {
  const spec = draftAt(draft, 'spec')
  const source = draftAt(spec, 'dataSource')
  const reference = draftAt(spec, 'dataSourceRef')
  if (spec === undefined) return
  if (source !== undefined && reference === undefined) spec['dataSourceRef'] = source as Json
  if (reference !== undefined && source === undefined && reference['namespace'] === undefined)
    spec['dataSource'] = reference as Json
}

/** A job whose selector is not its user's selects its own pods by uid. */
function generateSelector(draft: Draft): void {
  const metadata = madeAt(draft, 'metadata')
  const spec = madeAt(draft, 'spec')
  const labels = templateLabels(draft)
  const name = metadata['name'] ?? ''
  const uid = metadata['uid'] ?? ''
  for (const label of ['job-name', 'batch.kubernetes.io/job-name']) labels[label] ??= name
  for (const label of ['controller-uid', 'batch.kubernetes.io/controller-uid'])
    labels[label] ??= uid
  madeAt(madeAt(spec, 'selector'), 'matchLabels')['batch.kubernetes.io/controller-uid'] ??= uid
}

function templateLabels(draft: Draft): Draft {
  return madeAt(madeAt(madeAt(madeAt(draft, 'spec'), 'template'), 'metadata'), 'labels')
}

/** As the admission plugin StorageObjectInUseProtection. */
function addFinalizer(draft: Draft, name: string): void {
  const metadata = madeAt(draft, 'metadata')
  const given = Array.isArray(metadata['finalizers']) ? (metadata['finalizers'] as Json[]) : []
  if (!given.includes(name)) metadata['finalizers'] = [...given, name]
}

/**
 * Adds how long a pod stays on a node that is gone, as the admission plugin DefaultTolerationSeconds:
 * webhooks are to see it, so admission does it first.
 */
export function addTolerations(spec: Draft): void {
  const given = draftsAt(spec, 'tolerations')
  const missing = ['not-ready', 'unreachable']
    .map((name) => `node.kubernetes.io/${name}`)
    .filter((key) => !given.some((each) => tolerates(each, key)))
  const added = missing.map(
    (key): Json => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }),
  )
  if (added.length > 0) spec['tolerations'] = [...(given as Json[]), ...added]
}

function tolerates(toleration: Draft, key: string): boolean {
  const effect = toleration['effect']
  const hasKey = !toleration['key'] || toleration['key'] === key
  return hasKey && (!effect || effect === 'NoExecute')
}

function storeVersion(draft: Draft): void {
  const storage = draftsAt(draftAt(draft, 'spec'), 'versions').find((each) => each['storage'])
  const name = storage?.['name']
  const status = madeAt(draft, 'status')
  const stored = Array.isArray(status['storedVersions']) ? (status['storedVersions'] as Json[]) : []
  if (name !== undefined && !stored.includes(name)) status['storedVersions'] = [...stored, name]
}
