import { type Json, type JsonObject, stringAt, valueAt } from '../../object/index.ts'
import {
  age,
  between,
  type Cells,
  conditionOf,
  containerCells,
  count,
  isTerminating,
  items,
  labelsText,
  nameOf,
  selectorText,
  since,
  text,
  textOr,
} from './read.ts'

/** Cells of what runs pods, by resource. */
export const WORKLOADS: Readonly<Record<string, Cells>> = {
  'deployments.apps': (o, now) => [
    nameOf(o),
    `${count(o, 'status', 'readyReplicas')}/${count(o, 'spec', 'replicas')}`,
    count(o, 'status', 'updatedReplicas'),
    count(o, 'status', 'availableReplicas'),
    age(o, now),
    ...containerCells(templateOf(o)),
    selectorText(o, 'spec', 'selector'),
  ],
  'replicasets.apps': (o, now) => [
    ...replicaCells(o, now),
    ...containerCells(templateOf(o)),
    selectorText(o, 'spec', 'selector') || '<none>',
  ],
  replicationcontrollers: (o, now) => [
    ...replicaCells(o, now),
    ...containerCells(templateOf(o)),
    labelsText(o, 'spec', 'selector'),
  ],
  'statefulsets.apps': (o, now) => [
    nameOf(o),
    `${count(o, 'status', 'readyReplicas')}/${count(o, 'spec', 'replicas')}`,
    age(o, now),
    ...containerCells(templateOf(o)),
  ],
  'daemonsets.apps': (o, now) => [
    nameOf(o),
    count(o, 'status', 'desiredNumberScheduled'),
    count(o, 'status', 'currentNumberScheduled'),
    count(o, 'status', 'numberReady'),
    count(o, 'status', 'updatedNumberScheduled'),
    count(o, 'status', 'numberAvailable'),
    labelsText(o, 'spec', 'template', 'spec', 'nodeSelector'),
    age(o, now),
    ...containerCells(templateOf(o)),
    selectorText(o, 'spec', 'selector') || '<none>',
  ],
  'controllerrevisions.apps': (o, now) => [
    nameOf(o),
    controllerText(o),
    count(o, 'revision'),
    age(o, now),
  ],
  'jobs.batch': (o, now) => [
    nameOf(o),
    jobStatus(o),
    completionsText(o),
    jobDuration(o, now),
    age(o, now),
    ...containerCells(templateOf(o)),
    selectorText(o, 'spec', 'selector') || '<none>',
  ],
  'cronjobs.batch': (o, now) => {
    const job = valueAt(o, 'spec', 'jobTemplate', 'spec')
    const last = stringAt(o, 'status', 'lastScheduleTime')
    return [
      nameOf(o),
      text(o, 'spec', 'schedule'),
      textOr('<none>', o, 'spec', 'timeZone'),
      truthText(valueAt(o, 'spec', 'suspend')),
      items(o, 'status', 'active').length,
      last === undefined ? '<none>' : since(last, now),
      age(o, now),
      ...containerCells(valueAt(job, 'template', 'spec')),
      selectorText(job, 'selector') || '<none>',
    ]
  },
  podtemplates: (o) => [
    nameOf(o),
    ...containerCells(valueAt(o, 'template', 'spec')),
    labelsText(o, 'template', 'metadata', 'labels'),
  ],
  'poddisruptionbudgets.policy': (o, now) => [
    nameOf(o),
    textOr('N/A', o, 'spec', 'minAvailable'),
    textOr('N/A', o, 'spec', 'maxUnavailable'),
    count(o, 'status', 'disruptionsAllowed'),
    age(o, now),
  ],
}

function templateOf(object: JsonObject): Json | undefined {
  return valueAt(object, 'spec', 'template', 'spec')
}

function replicaCells(object: JsonObject, now: number): Json[] {
  return [
    nameOf(object),
    count(object, 'spec', 'replicas'),
    count(object, 'status', 'replicas'),
    count(object, 'status', 'readyReplicas'),
    age(object, now),
  ]
}

function truthText(value: Json | undefined): string {
  if (typeof value !== 'boolean') return '<unset>'
  return value ? 'True' : 'False'
}

function controllerText(object: JsonObject): string {
  const owner = items(object, 'metadata', 'ownerReferences').find(
    (each) => valueAt(each, 'controller') === true,
  )
  if (owner === undefined) return '<none>'
  const [group = '', version] = text(owner, 'apiVersion').split('/')
  const kind = version === undefined ? text(owner, 'kind') : `${text(owner, 'kind')}.${group}`
  return `${kind.toLowerCase()}/${text(owner, 'name')}`
}

function completionsText(job: JsonObject): string {
  const done = count(job, 'status', 'succeeded')
  const wanted = valueAt(job, 'spec', 'completions')
  if (typeof wanted === 'number') return `${done}/${wanted}`
  const parallelism = count(job, 'spec', 'parallelism')
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function jobDuration(job: JsonObject, now: number): string {
  const started = text(job, 'status', 'startTime')
  if (started === '') return ''
  const done = text(job, 'status', 'completionTime')
  return done === '' ? since(started, now) : between(started, done)
}

/** In the order in which they outrank each other; deletion comes after the second. */
const JOB_ENDS = ['Complete', 'Failed']
const JOB_STATES = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']

function jobStatus(job: JsonObject): string {
  const has = (type: string): boolean => text(conditionOf(job, type), 'status') === 'True'
  const end = JOB_ENDS.find(has)
  if (end !== undefined) return end
  if (isTerminating(job)) return 'Terminating'
  return JOB_STATES.find(has) ?? 'Running'
}
