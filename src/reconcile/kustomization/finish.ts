import { formatDuration } from '../../base/index.ts'
import { conditionOf, intervalMs, jitteredMs, recordRun } from '../../plan/index.ts'
import { countRun } from '../metrics.ts'
import type { Outcome } from '../queue.ts'
import type { Run } from './context.ts'
import { type Ending, requestedAt } from './ending.ts'
import { emit, newest, writeStatus } from './record.ts'

/** Records how a run ended: conditions, events, log, metrics; answers when the next one is due. */
export async function finish(run: Run, ending: Ending): Promise<Outcome | undefined> {
  const outcome = conclude(run, ending)
  const { draft, object, context } = run
  const requested = requestedAt(object)
  if (requested !== undefined) draft.status.lastHandledReconcileAt = requested || undefined
  const ready = draft.condition('Ready')
  if (ready?.status === 'True') {
    draft.remove('Reconciling')
    draft.status.observedGeneration = object.metadata.generation
  }
  const reconciling = draft.condition('Reconciling')
  if (ready?.status === 'False' && reconciling !== undefined)
    draft.mark('Reconciling', 'True', 'ProgressingWithRetry', reconciling.message)
  if (ending.kind !== 'gone' || isHeld(run)) await writeStatus(run)
  countRun(context.metrics, object, (context.clock.now() - run.startedMs) / 1000)
  // Flux reports success for a deletion that failed, too.
  const isSuccess = ending.kind !== 'undeleted' || context.options.fluxTiming
  if (isSuccess && ready?.status === 'True' && object.spec.suspend !== true) announceSuccess(run)
  return outcome
}

/** After our finalizer is off, the object is only there still when others hold it. */
function isHeld(run: Run): boolean {
  return (newest(run)?.metadata.finalizers ?? []).length > 0
}

function announceSuccess(run: Run): void {
  const { context, draft, object } = run
  const took = formatDuration(context.clock.now() - run.startedMs)
  const next = formatDuration(intervalMs(object.spec))
  const message = `Reconciliation finished in ${took}, next run in ${next}`
  const { lastAppliedRevision = '', lastAppliedOriginRevision = '' } = draft.status
  run.log.info(message, { revision: draft.status.lastAttemptedRevision })
  if (!context.options.fluxTiming && !run.hasChanged && !wasRequested(run)) return
  emit(run, 'info', message, {
    revision: lastAppliedRevision,
    originRevision: lastAppliedOriginRevision,
    isCommitStatus: true,
  })
}

function conclude(run: Run, ending: Ending): Outcome | undefined {
  const { draft, context, log } = run
  switch (ending.kind) {
    case 'gone':
      return undefined
    case 'undeleted':
      if (ending.words !== undefined && !context.options.fluxTiming)
        emit(run, 'error', ending.words)
      return undefined
    case 'suspended':
      log.info('Reconciliation is suspended for this object')
      return undefined
    case 'succeeded':
      return {
        afterMs: jitteredMs(
          intervalMs(run.object.spec),
          context.options.intervalJitterPercent,
          context.random,
        ),
      }
    case 'stalled':
      draft.mark('Ready', 'False', ending.reason, ending.message)
      draft.mark('Stalled', 'True', ending.reason, ending.message)
      if (ending.isObserved) draft.status.observedGeneration = run.object.metadata.generation
      log.error('Reconciliation failed terminally', { error: ending.message })
      emit(run, 'error', ending.message)
      return undefined
    case 'waiting':
      return concludeWaiting(run, ending)
    case 'cancelled':
      draft.mark(
        'Ready',
        'False',
        'HealthCheckCanceled',
        `New reconciliation triggered by ${ending.trigger}`,
      )
      log.info('New reconciliation triggered, canceling health checks', { trigger: ending.trigger })
      emit(
        run,
        'info',
        `Health checks canceled due to new reconciliation triggered by ${ending.trigger}`,
      )
      return { afterMs: 0 }
    case 'failed':
      return concludeFailed(run, ending)
    default:
      return ending satisfies never
  }
}

function concludeWaiting(run: Run, ending: Ending & { readonly kind: 'waiting' }): Outcome {
  const before = run.draft.condition('Ready')
  run.draft.mark('Ready', 'False', ending.reason, ending.message)
  run.log.info(ending.log)
  const isTold = before?.reason === ending.reason && before.message === ending.message
  const isSilent = isTold && !run.context.options.fluxTiming
  if (ending.event !== undefined && !isSilent) emit(run, 'info', ending.event)
  return { afterMs: ending.afterMs }
}

function concludeFailed(run: Run, ending: Ending & { readonly kind: 'failed' }): Outcome {
  const { draft, context, log } = run
  draft.mark('Ready', 'False', ending.reason, ending.message)
  const now = context.clock.now()
  if (ending.history !== undefined)
    draft.status.history = recordRun(draft.status.history ?? [], {
      ...ending.history,
      nowMs: now,
      durationMs: now - run.startedMs,
      metadata: historyMetadata(run),
    })
  if (ending.missing !== undefined) context.blocked.set(run.key, { missing: ending.missing })
  else if (ending.isTrouble) context.blocked.set(run.key, { trouble: ending.message })
  const took = formatDuration(now - run.startedMs)
  const next = formatDuration(run.retryMs)
  log.error(`Reconciliation failed after ${took}, next try in ${next}`, {
    error: ending.event ?? ending.message,
    revision: run.revision,
  })
  emit(run, 'error', ending.event ?? ending.message)
  return { afterMs: run.retryMs }
}

/** What the history keeps of a run beside its digest. */
export function historyMetadata(run: Run): Readonly<Record<string, string>> {
  const { revision, originRevision } = run
  return { revision, ...(originRevision === '' ? {} : { originRevision }) }
}

/** Says whether the run was asked for and not merely due. */
function wasRequested(run: Run): boolean {
  const { status, metadata } = run.object
  const ready = conditionOf(status?.conditions, 'Ready')
  const isNewRequest = requestedAt(run.object) !== status?.lastHandledReconcileAt
  return (
    isNewRequest ||
    ready?.status !== 'True' ||
    status?.observedGeneration !== metadata.generation ||
    status?.lastAppliedRevision !== run.revision
  )
}
