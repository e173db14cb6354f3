import type { SourceStatus } from '../../api/index.ts'
import { type Fault, isFault, parseDuration } from '../../base/index.ts'
import { jitteredMs } from '../../plan/index.ts'
import { keyOf } from '../informer.ts'
import { countRun } from '../metrics.ts'
import { FINALIZER } from '../own-object.ts'
import type { Outcome, Turn } from '../queue.ts'
import type { AnyRun, SourceKind, SourceOutcome } from './context.ts'
import { emit, writeFinalizer, writeStatus } from './record.ts'
import { ownerOf } from './storage.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
/** A run that takes longer tells what it is doing. */
const PROGRESS_MS = 500
/** Conditions whose end is worth an event. */
const FAILURES: readonly string[] = ['FetchFailed', 'IncludeUnavailable', 'StorageOperationFailed']
/** How often, and how far apart, a host that was lost is asked whether it is back. */
const SOON_TRIES = 60
const SOON_MS = 4000
const CONDITION_BY_CODE: Readonly<Record<string, string>> = {
  SOURCE_FETCH: 'FetchFailed',
  SOURCE_STORAGE: 'StorageOperationFailed',
  SOURCE_INCLUDE: 'IncludeUnavailable',
}

/**
 * Reconciles one source. What fails is in its status when this rejects; the queue tries again.
 */
export async function reconcileOne<R extends AnyRun>(
  kind: SourceKind<R>,
  key: string,
  turn: Turn,
): Promise<Outcome | undefined> {
  const run = kind.begin(key, turn)
  if (run === undefined) return undefined
  const { clock, metrics } = run.context
  const startedMs = clock.now()
  try {
    return await reconcileRun(run, () => kind.reconcile(run))
  } finally {
    countRun(metrics, run.object, (clock.now() - startedMs) / 1000)
    endStages(run)
  }
}

/** The fetch that brought a revision is where its trace begins. */
function endStages(run: AnyRun): void {
  const { name = '', namespace = '' } = run.object.metadata
  const { kind } = run.object
  const revision = run.draft.status.artifact?.revision ?? ''
  const isNew = revision !== '' && run.object.status?.artifact?.revision !== revision
  const ready = run.draft.condition('Ready')
  run.stages.end({
    attributes: {
      'k8s.object.kind': kind,
      'k8s.namespace.name': namespace,
      'k8s.object.name': name,
      'gitops.revision': revision,
    },
    ...(isNew ? { key: `${kind}/${namespace}/${name}@${revision}`, isOrigin: true } : {}),
    ...(ready?.status === 'False' ? { failure: ready.reason } : {}),
  })
}

async function reconcileRun(
  run: AnyRun,
  reconcile: () => Promise<SourceOutcome>,
): Promise<Outcome | undefined> {
  const { object, draft } = run
  const { metadata, spec } = object
  if (metadata.deletionTimestamp !== undefined) return finalize(run)
  await writeFinalizer(run, true)
  const requested = metadata.annotations?.[REQUESTED_AT]
  if (requested !== undefined) draft.status.lastHandledReconcileAt = requested || undefined
  if (spec.suspend) {
    run.log.info('reconciliation is suspended for this object')
    return finish(run, { kind: 'idle' })
  }
  draft.progress('reconciliation in progress')
  const { generation = 0 } = metadata
  const observed = draft.status.observedGeneration ?? -1
  if (generation !== observed)
    draft.progress(`processing object: new generation ${observed} -> ${generation}`)
  const stopTelling = tellLater(run, requested)
  run.stages.to('fetch')
  try {
    const outcome = await reconcile()
    run.context.unreachable.delete(keyOf(run.object))
    await stopTelling()
    notify(run, outcome)
    return await finish(run, outcome)
  } catch (error) {
    await stopTelling()
    if (run.signal.aborted || !isFault(error)) throw error
    return finish(run, { kind: 'failed', fault: error })
  }
}

/** Writes the status once on the way when the run takes its time; the answer ends that. */
function tellLater(run: AnyRun, requested: string | undefined): () => Promise<void> {
  let writing: Promise<void> = Promise.resolve()
  const { clock, waiting } = run.context
  const isTold = run.object.status?.conditions?.some(({ type }) => type === 'Ready') === true
  const tell = (): void => {
    // Who waits for a place does nothing yet: what the last run told still holds.
    if (isTold && waiting.has(run)) {
      cancel = clock.after(PROGRESS_MS, tell)
      return
    }
    // The request counts as handled only when the run is over.
    const handled = run.draft.status.lastHandledReconcileAt
    run.draft.status.lastHandledReconcileAt =
      requested === undefined ? handled : run.object.status?.lastHandledReconcileAt
    writing = writeStatus(run).catch(() => undefined)
    run.draft.status.lastHandledReconcileAt = handled
  }
  let cancel = clock.after(PROGRESS_MS, tell)
  return () => {
    cancel()
    return writing
  }
}

async function finalize(run: AnyRun): Promise<undefined> {
  if (await run.context.store.remove(ownerOf(run))) {
    const message = 'garbage collected artifacts for deleted resource'
    emit(run, { reason: 'GarbageCollectionSucceeded', message, isTrace: true })
  }
  await writeFinalizer(run, false)
  if (run.object.metadata.finalizers?.some((finalizer) => finalizer !== FINALIZER))
    await tellGone(run)
  return undefined
}

/** Others still hold the object: it says that its artifact is no more. */
async function tellGone(run: AnyRun): Promise<void> {
  const { draft, object } = run
  draft.status.artifact = undefined
  if (draft.status.conditions.length > 0)
    draft.status.observedGeneration = object.metadata.generation
  draft.summarise()
  await writeStatus(run)
}

/** Tells of a new artifact, and of a success after failures. */
function notify(run: AnyRun, { message }: SourceOutcome): void {
  const before = run.object.status
  const isNew = before?.artifact?.digest !== run.draft.status.artifact?.digest
  const failed = (status: Pick<SourceStatus, 'conditions'> | undefined): boolean =>
    status?.conditions?.some(({ type }) => FAILURES.includes(type)) === true
  if (!isNew && (!failed(before) || failed(run.draft.status))) return
  run.log.info(message)
  emit(run, { reason: isNew ? 'NewArtifact' : 'Succeeded', message, withArtifact: true })
}

type Ending =
  | { readonly kind: 'idle' }
  | Pick<SourceOutcome, 'kind' | 'revision'>
  | { readonly kind: 'failed'; readonly fault: Fault }

/**
 * Writes how the run ended and says when the next one is due.
 * @see source-controller internal/reconcile/reconcile.go ComputeReconcileResult (v1.9.1)
 */
async function finish(run: AnyRun, ending: Ending): Promise<Outcome | undefined> {
  const { draft } = run
  if (ending.kind === 'failed') return fail(run, ending.fault)
  draft.remove('Stalled')
  if (ending.kind !== 'idle') draft.remove('Reconciling')
  else keepTrying(run)
  if (ending.kind === 'unchanged') {
    const message = `no changes since last reconciliation: observed revision '${ending.revision}'`
    emit(run, { reason: 'GitOperationSucceeded', message, isTrace: true })
  }
  if (draft.status.conditions.length > 0)
    draft.status.observedGeneration = run.object.metadata.generation
  draft.summarise()
  await writeStatus(run)
  return ending.kind === 'idle' ? undefined : { afterMs: nextMs(run) }
}

/** What is still going on after a run has not been done: it will be tried again. */
function keepTrying(run: AnyRun): void {
  const reconciling = run.draft.condition('Reconciling')
  if (reconciling !== undefined)
    run.draft.mark('Reconciling', 'True', 'ProgressingWithRetry', reconciling.message)
}

async function fail(run: AnyRun, fault: Fault): Promise<Outcome | undefined> {
  const { draft } = run
  const reason = fault.reason ?? 'Failed'
  const type = CONDITION_BY_CODE[fault.code]
  if (type !== undefined) draft.mark(type, 'True', reason, fault.message)
  if (fault.code === 'SOURCE_VERIFY') draft.mark('SourceVerified', 'False', reason, fault.message)
  keepTrying(run)
  const isWaiting = fault.retry.kind === 'after'
  emit(run, {
    type: isWaiting ? 'Normal' : 'Warning',
    reason,
    message: fault.message,
    isTrace: isWaiting,
  })
  if (fault.retry.kind === 'stalled') {
    draft.mark('Stalled', 'True', reason, fault.message)
    draft.status.observedGeneration = run.object.metadata.generation
  } else draft.remove('Stalled')
  draft.summarise()
  await writeStatus(run)
  if (fault.retry.kind === 'stalled') {
    run.log.error('reconciliation stalled', { error: fault.message })
    return undefined
  }
  if (fault.retry.kind === 'after') {
    run.log.info('reconciliation waiting', { reason: fault.message })
    return { afterMs: fault.retry.ms }
  }
  const ms = soonMs(run, fault)
  if (ms === undefined) throw fault
  run.log.error('Reconciler error', { error: fault.message })
  return { afterMs: ms }
}

/**
 * A host that could not be reached is asked again within seconds for some minutes, so that its return
 * is noticed at once; only then the pauses grow as Flux has them from the start.
 */
function soonMs(run: AnyRun, fault: Fault): number | undefined {
  const { options, unreachable } = run.context
  if (options.fluxTiming || !isFault(fault.cause, 'GIT_HOST', 'GIT_TIMEOUT')) return undefined
  const key = keyOf(run.object)
  const count = (unreachable.get(key) ?? 0) + 1
  unreachable.set(key, count)
  if (count <= SOON_TRIES) return Math.min(options.minRetryMs * 2 ** (count - 1), SOON_MS)
  return Math.min(SOON_MS * 2 ** (count - SOON_TRIES), options.maxRetryMs)
}

function nextMs(run: AnyRun): number {
  const { random, options } = run.context
  const ms = parseDuration(run.object.spec.interval) ?? 0
  return jitteredMs(ms, options.intervalJitterPercent, random)
}
