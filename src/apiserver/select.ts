import { isArray, isObject, type JsonObject, type KubeObject, valueAt } from '../object/index.ts'
import { type FieldTerm, fieldTerms } from './field-terms.ts'
import { groupResource, groupVersion, type Kind } from './kind.ts'
import { labelsOf } from './select-labels.ts'
import { badRequest } from './status.ts'

/** Says whether an object is selected by labels and fields. */
export type ObjectMatcher = (object: KubeObject) => boolean

/** What labels and fields select. */
export interface Selection {
  readonly matches: ObjectMatcher
  /** Whether everything is selected. */
  readonly isEmpty: boolean
  /** Whether no field is asked for. */
  readonly isEmptyOfFields: boolean
  /** The one name, or namespace, that can be selected; undefined where there may be several. */
  readonly name: string | undefined
  readonly namespace: string | undefined
}

/** Fields beside `metadata.name` and `metadata.namespace` that a kind may be selected by. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.host',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'events.events.k8s.io': [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
  ],
  secrets: ['type'],
  namespaces: ['status.phase'],
  nodes: ['spec.unschedulable'],
  services: ['spec.clusterIP', 'spec.type'],
  replicationcontrollers: ['status.replicas'],
  'jobs.batch': ['status.successful'],
  'certificatesigningrequests.certificates.k8s.io': ['spec.signerName'],
  'resourceslices.resource.k8s.io': ['spec.nodeName', 'spec.driver'],
}

/** Kinds whose own list of fields leaves out the namespace, as they have none. */
const WITHOUT_NAMESPACE: ReadonlySet<string> = new Set([
  'nodes',
  'namespaces',
  'certificatesigningrequests.certificates.k8s.io',
  'resourceslices.resource.k8s.io',
])

/** A selection that was read, but not yet held against what a kind offers. */
export interface ReadSelection {
  readonly labels: ReturnType<typeof labelsOf>
  readonly terms: readonly FieldTerm[]
  readonly hasLabels: boolean
}

/**
 * Reads the label and field selector of a request.
 * @throws StatusFault 400 for what can not be read
 */
export function readSelection(query: URLSearchParams): ReadSelection {
  const labels = query.get('labelSelector') ?? ''
  return {
    labels: labelsOf(labels),
    terms: fieldTerms(query.get('fieldSelector') ?? ''),
    hasLabels: labels.trim() !== '',
  }
}

/**
 * What a selection selects among the objects of a kind.
 * @throws StatusFault 400 for a field that the kind does not offer
 */
export function selectionOf(kind: Kind, { labels, terms, hasLabels }: ReadSelection): Selection {
  const allowed = selectableFields(kind)
  for (const { field } of terms)
    if (!allowed.includes(field)) throw badRequest(unsupported(kind, field))
  const only = (field: string): string | undefined =>
    terms.find((term) => term.field === field && term.isWanted)?.value
  return {
    matches: (object) =>
      labels(object.metadata.labels) &&
      terms.every(
        ({ field, value, isWanted }) => (fieldText(kind, object, field) === value) === isWanted,
      ),
    isEmpty: !hasLabels && terms.length === 0,
    isEmptyOfFields: terms.length === 0,
    name: only('metadata.name'),
    namespace: only('metadata.namespace'),
  }
}

/** The fields that a kind may be selected by. */
export function selectableFields(kind: Kind): readonly string[] {
  const resource = groupResource(kind)
  const own = kind.custom?.selectableFields ?? FIELDS[resource] ?? []
  const isAlone = WITHOUT_NAMESPACE.has(resource) || (kind.custom !== undefined && !kind.namespaced)
  return isAlone ? ['metadata.name', ...own] : ['metadata.name', 'metadata.namespace', ...own]
}

function unsupported(kind: Kind, field: string): string {
  const resource = groupResource(kind)
  if (resource === 'jobs.batch') return `field label ${JSON.stringify(field)} not supported for Job`
  if (resource === 'resourceslices.resource.k8s.io')
    return `field label not supported for ${groupVersion(kind)}, Kind=ResourceSlice: ${field}`
  return kind.custom === undefined && FIELDS[resource] === undefined
    ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : `field label not supported: ${field}`
}

/** Fields that are kept elsewhere than where their names say, or are written when absent. */
const PLACES: Readonly<Record<string, (object: JsonObject) => unknown>> = {
  'pods spec.host': (object) => valueAt(object, 'spec', 'nodeName'),
  'pods spec.hostNetwork': (object) => valueAt(object, 'spec', 'hostNetwork') ?? false,
  'pods status.podIP': firstAddress,
  // It may be asked for, but nothing is kept under this name.
  'pods status.podIPs': () => '',
  'events source': (object) =>
    valueAt(object, 'source', 'component') || valueAt(object, 'reportingComponent'),
  'jobs.batch status.successful': (object) => valueAt(object, 'status', 'succeeded') ?? 0,
  'replicationcontrollers status.replicas': (object) => valueAt(object, 'status', 'replicas') ?? 0,
  'nodes spec.unschedulable': (object) => valueAt(object, 'spec', 'unschedulable') ?? false,
}

function firstAddress(object: JsonObject): unknown {
  const ips = valueAt(object, 'status', 'podIPs')
  const first = isArray(ips) ? ips[0] : undefined
  return isObject(first) ? first['ip'] : valueAt(object, 'status', 'podIP')
}

function fieldText(kind: Kind, object: KubeObject, field: string): string {
  const plain = object as unknown as JsonObject
  const place = PLACES[`${groupResource(kind)} ${field}`]
  const value = place === undefined ? valueAt(plain, ...field.split('.')) : place(plain)
  return value === undefined || value === null ? '' : String(value)
}
