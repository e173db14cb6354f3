import { isFault } from '../base/index.ts'
import {
  isObject,
  type JsonObject,
  type KubeObject,
  type LabelMatcher,
  parseSelector,
  valueAt,
} from '../object/index.ts'
import { groupResource, type Kind } from './kind.ts'
import { badRequest } from './status.ts'

/** Says whether an object is selected by labels and fields. */
export type ObjectMatcher = (object: KubeObject) => boolean

/** Fields beside `metadata.name` and `metadata.namespace` that a kind may be selected by. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
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
  'replicasets.apps': ['status.replicas'],
  'jobs.batch': ['status.successful'],
  'certificatesigningrequests.certificates.k8s.io': ['spec.signerName'],
}

/**
 * Reads the label and field selector of a request.
 * @throws StatusFault 400 for what can not be read, or a field that the kind does not offer
 */
export function selectorOf(kind: Kind, query: URLSearchParams): ObjectMatcher {
  const labels = labelsOf(query.get('labelSelector') ?? '')
  const fields = fieldsOf(kind, query.get('fieldSelector') ?? '')
  return (object) => labels(object.metadata.labels) && fields(object)
}

/** The list of operators is worded anew in the server; libraries that others carry have the old one. */
const OLD_OPERATORS = "'=', '!=', '==', 'in', notin'"
const OPERATORS = 'in, notin, =, ==, !=, gt, lt'

function labelsOf(text: string): LabelMatcher {
  try {
    return parseSelector(text)
  } catch (error) {
    if (isFault(error)) throw badRequest(error.message.replace(OLD_OPERATORS, OPERATORS))
    throw error
  }
}

/** The fields that a kind may be selected by. */
export function selectableFields(kind: Kind): readonly string[] {
  const own = kind.custom?.selectableFields ?? FIELDS[groupResource(kind)] ?? []
  return ['metadata.name', 'metadata.namespace', ...own]
}

function fieldsOf(kind: Kind, text: string): ObjectMatcher {
  const allowed = selectableFields(kind)
  const requirements = text
    .split(/(?<!\\),/)
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(.*?)(==|!=|=)(.*)$/.exec(part)
      if (match === null)
        throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
      const [, field = '', operator, value = ''] = match
      if (!allowed.includes(field)) throw badRequest(unsupported(kind, field))
      const wanted = value.replaceAll(/\\([\\,=])/g, '$1')
      return (object: KubeObject) => (fieldText(object, field) === wanted) === (operator !== '!=')
    })
  return (object) => requirements.every((each) => each(object))
}

function unsupported(kind: Kind, field: string): string {
  if (kind.custom !== undefined) return `field label not supported: ${field}`
  return FIELDS[groupResource(kind)] === undefined
    ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : `field label not supported: ${field}`
}

function fieldText(object: KubeObject, field: string): string {
  const value = valueAt(object as unknown as JsonObject, ...field.split('.'))
  if (field === 'source' && isObject(value)) return String(value['component'] ?? '')
  if (field === 'status.successful')
    return String(valueAt(object as unknown as JsonObject, 'status', 'succeeded') ?? 0)
  if (field === 'status.replicas' || field === 'spec.unschedulable')
    return String(value ?? (field === 'status.replicas' ? 0 : false))
  return value === undefined || value === null ? '' : String(value)
}
