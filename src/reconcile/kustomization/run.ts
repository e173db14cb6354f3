import { formatDuration, isFault, uuid } from '../../base/index.ts'
import { compileHealthExprs, type HealthRules } from '../../health/index.ts'
import {
  effectiveTimeoutMs,
  keepSurvivors,
  recordRun,
  retryIntervalMs,
  staleObjects,
} from '../../plan/index.ts'
import type { Outcome, Turn } from '../queue.ts'
import { beginStages } from '../stages.ts'
import { NOTHING_KNOWN } from './applied.ts'
import { applyAll } from './apply.ts'
import { buildObjects, openArtifact } from './build-step.ts'
import { clusterOf } from './clusters.ts'
import type { Context, Run } from './context.ts'
import { awaitDependencies, invalidExpression } from './depends.ts'
import { StatusDraft } from './draft.ts'
import { type Ending, failed, RunEnd } from './ending.ts'
import type { Action } from './examine.ts'
import { finalize } from './finalize.ts'
import { findArtifact, sourceNamespace } from './find-source.ts'
import { finish, historyMetadata } from './finish.ts'
import { checkHealth } from './health-step.ts'
import { maskEnding, maskError } from './mask-ending.ts'
import { deleteObjects } from './prune.ts'
import { emit, writeFinalizer, writeStatus } from './record.ts'

/** A run that takes longer than this shows its progress in the status. */
const PROGRESS_AFTER_MS = 1000
/** Under this annotation an empty build may delete everything. */
export const ALLOW_EMPTY = 'tidegate.dev/prune-all'

/** Reconciles one Kustomization once. */
export async function reconcileKustomization(
  context: Context,
  key: string,
  turn: Turn,
): Promise<Outcome | undefined> {
  const [namespace = '', name = ''] = key.split('/')
  const object = context.store.get(namespace, name)
  if (object === undefined) return undefined
  const reconcileID = uuid(context.random)
  const run: Run = {
    context,
    key,
    turn,
    object,
    draft: new StatusDraft(object, context.clock),
    applied: object.spec.kubeConfig === undefined ? context.applied : NOTHING_KNOWN,
    log: context.log.with({
      Kustomization: { name, namespace },
      namespace,
      name,
      reconcileID,
    }),
    stages: beginStages(context, 'Kustomization'),
    startedMs: context.clock.now(),
    timeoutMs: effectiveTimeoutMs(object.spec),
    retryMs: retryIntervalMs(object.spec),
    secrets: [],
    revision: '',
    originRevision: '',
    artifactMetadata: {},
    hasChanged: false,
  }
  context.blocked.delete(key)
  const ending = await endingOf(run)
  const outcome = await finish(run, ending)
  endStages(run, ending)
  if (ending.kind === 'undeleted') throw ending.fault
  return outcome
}

async function endingOf(run: Run): Promise<Ending> {
  const { metadata, spec } = run.object
  const stopProgress = showProgress(run)
  try {
    if (metadata.deletionTimestamp !== undefined) return await finalized(run)
    await writeFinalizer(run, true)
    if (spec.suspend === true) return { kind: 'suspended' }
    await reconcile(run)
    return { kind: 'succeeded' }
  } catch (error) {
    if (error instanceof RunEnd) return maskEnding(run, error.ending)
    throw maskError(run, error)
  } finally {
    stopProgress()
  }
}

/** What keeps an object from being let go is tried again soon; its status is not about that. */
async function finalized(run: Run): Promise<Ending> {
  try {
    await finalize(run)
    return { kind: 'gone' }
  } catch (error) {
    if (!(error instanceof RunEnd)) return { kind: 'undeleted', fault: error }
    const ending = maskEnding(run, error.ending)
    const words = 'message' in ending ? ending.message : ending.kind
    return { kind: 'undeleted', fault: new Error(words, { cause: error }), words }
  }
}

/** Writes the status once when the run has not ended after a moment. */
function showProgress(run: Run): () => void {
  return run.context.clock.after(PROGRESS_AFTER_MS, () => {
    // What goes wrong here goes wrong again, and is told, at the end of the run.
    void writeStatus(run).catch(() => undefined)
  })
}

async function reconcile(run: Run): Promise<void> {
  const rules = healthRules(run)
  refuseGated(run)
  const found = findArtifact(run)
  awaitDependencies(run, found.revision)
  const { draft } = run
  draft.mark('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
  run.stages.to('fetch')
  progress(run, 'Fetching manifests')
  const { artifact, from } = await openArtifact(run, found)
  draft.status.lastAttemptedRevision = run.revision
  run.stages.to('build')
  progress(run, 'Building manifests')
  const cluster = await clusterOf(run)
  const set = await buildObjects(run, artifact, from)
  run.stages.to('apply')
  progress(run, 'Detecting drift')
  if (set.refusal !== undefined)
    throw failed('ReconciliationFailed', set.refusal, { digest: set.digest })
  const old = draft.status.inventory?.entries ?? []
  refuseEmpty(run, set.objects.length, old.length, set.digest)
  const actions = await applyAll(run, cluster, set)
  warnOfUnknown(run, set.unknown)
  run.stages.to('prune')
  await pruneStale(run, { cluster, actions, old, digest: set.digest })
  run.stages.to('health')
  await checkHealth(run, { cluster, set, actions, rules })
  draft.status.lastAppliedRevision = run.revision
  draft.status.lastAppliedOriginRevision =
    run.originRevision === '' ? undefined : run.originRevision
  draft.mark('Ready', 'True', 'ReconciliationSucceeded', `Applied revision: ${run.revision}`)
  draft.status.history = recordRun(draft.status.history ?? [], {
    digest: set.digest,
    status: 'ReconciliationSucceeded',
    nowMs: run.context.clock.now(),
    durationMs: run.context.clock.now() - run.startedMs,
    metadata: historyMetadata(run),
  })
}

/** What came of a revision is one trace with the fetch that brought it; a run for its own sake is not. */
function endStages(run: Run, ending: Ending): void {
  const { object, revision } = run
  const { kind, name } = object.spec.sourceRef
  const source = `${kind}/${sourceNamespace(object)}/${name}`
  const isNew = revision !== '' && object.status?.lastAppliedRevision !== revision
  run.stages.end({
    attributes: {
      'k8s.object.kind': 'Kustomization',
      'k8s.namespace.name': object.metadata.namespace ?? '',
      'k8s.object.name': object.metadata.name ?? '',
      'gitops.source': source,
      'gitops.revision': revision,
      'gitops.result': ending.kind,
    },
    ...(isNew ? { key: `${source}@${revision}` } : {}),
    ...('reason' in ending ? { failure: ending.reason } : {}),
  })
}

function progress(run: Run, doing: string): void {
  const timeout = formatDuration(run.timeoutMs)
  const message = `${doing} for revision ${run.revision} with a timeout of ${timeout}`
  run.draft.mark('Reconciling', 'True', 'Progressing', message)
}

function healthRules(run: Run): HealthRules | undefined {
  const { healthCheckExprs = [] } = run.object.spec
  if (healthCheckExprs.length === 0) return undefined
  try {
    return compileHealthExprs(healthCheckExprs)
  } catch (error) {
    if (!isFault(error)) throw error
    throw invalidExpression(error.message)
  }
}

function refuseGated(run: Run): void {
  const account = run.object.spec.decryption?.serviceAccountName ?? ''
  if (account === '' || run.context.options.gates.ObjectLevelWorkloadIdentity) return
  throw new RunEnd({
    kind: 'stalled',
    reason: 'FeatureGateDisabled',
    message:
      'to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller',
    isObserved: false,
  })
}

/** Flux drops unknown fields without a word; a mistake in a field's name is worth one. */
function warnOfUnknown(run: Run, unknown: readonly string[]): void {
  if (unknown.length === 0 || !run.hasChanged || run.context.options.fluxTiming) return
  emit(run, 'error', `unknown fields were dropped:\n${unknown.join('\n')}`)
}

/** An empty build that would delete everything is more often a mistake than a wish. */
function refuseEmpty(run: Run, built: number, tracked: number, digest: string): void {
  const { spec, metadata } = run.object
  if (built > 0 || tracked === 0 || !spec.prune) return
  if (metadata.annotations?.[ALLOW_EMPTY]?.toLowerCase() === 'enabled') return
  const message = `the build is empty and would delete all ${tracked} objects of the inventory: annotate the Kustomization with ${ALLOW_EMPTY}: enabled to allow it`
  throw failed('PruneFailed', message, { digest })
}

async function pruneStale(
  run: Run,
  done: {
    readonly cluster: Awaited<ReturnType<typeof clusterOf>>
    readonly actions: readonly Action[]
    readonly old: NonNullable<Run['draft']['status']['inventory']>['entries']
    readonly digest: string
  },
): Promise<void> {
  const { draft, object } = run
  const entries = done.actions.map(({ entry }) => entry)
  const stale = staleObjects(done.old, entries)
  for (const gone of stale) run.applied.forget(gone)
  if (!object.spec.prune || stale.length === 0) {
    draft.status.inventory = { entries }
    return
  }
  // The status may be written meanwhile: what is not deleted yet must not have left the inventory.
  const pruned = await deleteObjects(run, done.cluster, stale)
  draft.status.inventory = { entries: keepSurvivors(entries, pruned.survivors) }
  if (pruned.fault !== undefined) throw failed('PruneFailed', pruned.fault, { digest: done.digest })
  run.hasChanged = true
  run.log.info(`garbage collection completed: ${pruned.lines.join('\n')}`)
  emit(run, 'info', pruned.lines.join('\n'))
}
