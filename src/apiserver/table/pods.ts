import { isArray, type Json, type JsonObject, valueAt } from '../../object/index.ts'
import {
  age,
  type Cells,
  conditionOf,
  count,
  flag,
  isTerminating,
  items,
  nameOf,
  since,
  text,
  textOrNone,
} from './read.ts'

/**
 * The cells of a Pod.
 * @see k8s.io/kubernetes pkg/printers/internalversion/printers.go printPod (v1.36.3)
 */
export const podCells: Cells = (pod, now) => {
  const seen = summaryOf(pod)
  const { restarts, lastRestart } = seen
  const ago = lastRestart === '' ? '' : ` (${since(lastRestart, now)} ago)`
  return [
    nameOf(pod),
    `${seen.ready}/${seen.total}`,
    seen.reason,
    restarts === 0 ? '0' : `${restarts}${ago}`,
    age(pod, now),
    textOrNone(pod, 'status', 'podIPs', 0, 'ip'),
    textOrNone(pod, 'spec', 'nodeName'),
    textOrNone(pod, 'status', 'nominatedNodeName'),
    gatesText(pod),
  ]
}

/** The row of a finished pod says so. */
export function podConditions(pod: JsonObject): Json | undefined {
  const phase = text(pod, 'status', 'phase')
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined
  const message = phase === 'Failed' ? 'The pod failed.' : 'The pod has completed successfully.'
  return [{ type: 'Completed', status: 'True', reason: phase, message }]
}

interface Summary {
  reason: string
  ready: number
  total: number
  restarts: number
  /** When a container was last restarted; `''` when none was. */
  lastRestart: string
}

function summaryOf(pod: JsonObject): Summary {
  const sidecars = sidecarsOf(pod)
  const summary: Summary = {
    reason: phaseReason(pod),
    ready: 0,
    total: items(pod, 'spec', 'containers').length + sidecars.size,
    restarts: 0,
    lastRestart: '',
  }
  const ofSidecars = { restarts: 0, lastRestart: '' }
  const initializing = addInitContainers(summary, ofSidecars, pod, sidecars)
  const isInitialized = text(conditionOf(pod, 'Initialized'), 'status') === 'True'
  if (!initializing || isInitialized) {
    Object.assign(summary, ofSidecars)
    addContainers(summary, pod)
  }
  const phase = text(pod, 'status', 'phase')
  if (isTerminating(pod)) {
    if (text(pod, 'status', 'reason') === 'NodeLost') summary.reason = 'Unknown'
    else if (phase !== 'Failed' && phase !== 'Succeeded') summary.reason = 'Terminating'
  }
  return summary
}

function phaseReason(pod: JsonObject): string {
  const scheduled = items(pod, 'status', 'conditions').some(
    (each) => text(each, 'type') === 'PodScheduled' && text(each, 'reason') === 'SchedulingGated',
  )
  if (scheduled) return 'SchedulingGated'
  return text(pod, 'status', 'reason') || text(pod, 'status', 'phase')
}

function sidecarsOf(pod: JsonObject): Set<string> {
  const restartable = items(pod, 'spec', 'initContainers').filter(
    (each) => text(each, 'restartPolicy') === 'Always',
  )
  return new Set(restartable.map((each) => text(each, 'name')))
}

interface Restarts {
  restarts: number
  lastRestart: string
}

function addRestarts(to: Restarts, container: Json): void {
  to.restarts += count(container, 'restartCount')
  const finished = text(container, 'lastState', 'terminated', 'finishedAt')
  if (finished > to.lastRestart) to.lastRestart = finished
}

/** Returns whether the pod is still, or failed, at its init containers. */
function addInitContainers(
  summary: Summary,
  ofSidecars: Restarts,
  pod: JsonObject,
  sidecars: ReadonlySet<string>,
): boolean {
  const total = items(pod, 'spec', 'initContainers').length
  for (const [i, container] of items(pod, 'status', 'initContainerStatuses').entries()) {
    const isSidecar = sidecars.has(text(container, 'name'))
    addRestarts(summary, container)
    if (isSidecar) addRestarts(ofSidecars, container)
    const ended = valueAt(container, 'state', 'terminated')
    if (ended !== undefined && count(ended, 'exitCode') === 0) continue
    if (isSidecar && flag(container, 'started')) {
      if (flag(container, 'ready')) summary.ready++
      continue
    }
    summary.reason = `Init:${initReason(container, `${i}/${total}`)}`
    return true
  }
  return false
}

function initReason(container: Json, progress: string): string {
  const ended = valueAt(container, 'state', 'terminated')
  if (ended !== undefined) return endReason(ended)
  const waiting = text(container, 'state', 'waiting', 'reason')
  return waiting === '' || waiting === 'PodInitializing' ? progress : waiting
}

function endReason(ended: Json): string {
  const reason = text(ended, 'reason')
  if (reason !== '') return reason
  const signal = count(ended, 'signal')
  return signal === 0 ? `ExitCode:${count(ended, 'exitCode')}` : `Signal:${signal}`
}

function addContainers(summary: Summary, pod: JsonObject): void {
  let running = false
  let failure = ''
  for (const container of [...items(pod, 'status', 'containerStatuses')].reverse()) {
    addRestarts(summary, container)
    const waiting = text(container, 'state', 'waiting', 'reason')
    const ended = valueAt(container, 'state', 'terminated')
    if (waiting !== '') summary.reason = waiting
    else if (ended !== undefined) {
      summary.reason = endReason(ended)
      if (count(ended, 'exitCode') !== 0) failure = summary.reason
    } else if (flag(container, 'ready') && valueAt(container, 'state', 'running') !== undefined) {
      running = true
      summary.ready++
    }
  }
  if (summary.reason !== 'Completed') return
  const isReady = items(pod, 'status', 'conditions').some(
    (each) => text(each, 'type') === 'Ready' && text(each, 'status') === 'True',
  )
  if (running && isReady) summary.reason = 'Running'
  else if (failure !== '') summary.reason = failure
  else if (running) summary.reason = 'NotReady'
}

function gatesText(pod: JsonObject): string {
  const gates = valueAt(pod, 'spec', 'readinessGates')
  if (!isArray(gates) || gates.length === 0) return '<none>'
  const open = gates.filter(
    (gate) => text(conditionOf(pod, text(gate, 'conditionType')), 'status') === 'True',
  )
  return `${open.length}/${gates.length}`
}
