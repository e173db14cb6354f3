import { createHash } from 'node:crypto'
import type { Receiver, ReceiverStatus } from '../../api/index.ts'
import { Fault, formatDuration, isFault, type Log, parseDuration } from '../../base/index.ts'
import { isApiFault } from '../../object/index.ts'
import { newestOf, type OwnObject, patchFinalizer, patchStatus } from '../own-object.ts'
import type { Outcome } from '../queue.ts'
import { SourceDraft } from '../source/draft.ts'
import { secretData } from '../source/secrets.ts'
import type { ReceiverContext } from './context.ts'
import { specFault } from './expressions.ts'

const MANAGER = 'notification-controller'
const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
const INTERVAL_MS = 600_000
const TERMINAL = 'Reconciliation failed terminally due to configuration error'

interface Run {
  readonly context: ReceiverContext
  readonly receiver: Receiver
  readonly draft: SourceDraft<ReceiverStatus>
  readonly log: Log
}

/**
 * Gives a Receiver its path, or says why it has none.
 * @throws Fault HOOK when the token cannot be had; it is tried again
 * @see notification-controller internal/controller/receiver_controller.go (v1.9.3)
 */
export async function reconcileReceiver(
  context: ReceiverContext,
  receiver: Receiver,
  log: Log,
): Promise<Outcome | undefined> {
  const { metadata, spec } = receiver
  if (metadata.deletionTimestamp !== undefined) {
    await patchFinalizer(ownOf(context, receiver), false)
    return undefined
  }
  await patchFinalizer(ownOf(context, receiver), true)
  const run: Run = { context, receiver, log, draft: new SourceDraft(receiver, context.clock) }
  try {
    if (spec.suspend === true) {
      log.info('Reconciliation is suspended for this object')
      await finish(run)
      return undefined
    }
    return await initialise(run)
  } catch (error) {
    if (!isFault(error, 'HOOK')) throw error
    emit(run, 'Warning', 'Failed', error.message)
    throw error
  }
}

async function initialise(run: Run): Promise<Outcome | undefined> {
  const { receiver, draft, log } = run
  const wrong = specFault(receiver)
  if (wrong !== undefined) {
    const message = `${TERMINAL}: ${wrong.message}`
    draft.mark('Ready', 'False', wrong.reason, message)
    draft.mark('Stalled', 'True', wrong.reason, message)
    draft.status.observedGeneration = receiver.metadata.generation
    log.error(TERMINAL, { error: wrong.message })
    emit(run, 'Warning', wrong.reason, message)
    await finish(run)
    return undefined
  }
  draft.mark('Reconciling', 'True', 'Progressing', 'Reconciliation in progress')
  const token = await readToken(run)
  const { name = '', namespace = '' } = receiver.metadata
  const digest = createHash('sha256').update(token).update(`${name}${namespace}`).digest('hex')
  const path = `/hook/${digest}`
  draft.mark('Ready', 'True', 'Succeeded', `Receiver initialized for path: ${path}`)
  draft.status.webhookPath = path
  await finish(run)
  const afterMs = parseDuration(receiver.spec.interval ?? '') ?? INTERVAL_MS
  const message = `Reconciliation finished, next run in ${formatDuration(afterMs)}`
  log.info(message)
  // Flux says so after each run; one that changed nothing is not worth a word.
  if (hasChanged(run)) emit(run, 'Normal', 'Succeeded', message)
  return { afterMs }
}

function hasChanged({ receiver, draft }: Run): boolean {
  const { status } = receiver
  return (
    status?.webhookPath !== draft.status.webhookPath ||
    status?.observedGeneration !== draft.status.observedGeneration ||
    status?.lastHandledReconcileAt !== draft.status.lastHandledReconcileAt
  )
}

async function readToken(run: Run): Promise<Uint8Array> {
  const { context, receiver, draft } = run
  const { secretRef } = receiver.spec
  if (secretRef === undefined) return new Uint8Array()
  const { namespace = '' } = receiver.metadata
  const { name } = secretRef
  let why = `invalid '${namespace}/${name}' secret data: required fields 'token'`
  try {
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
    const token = secretData(await context.cluster.get(ref))['token']
    if (token !== undefined) return token
  } catch (error) {
    if (!isApiFault(error)) throw error
    const words = error.code === 'NOT_FOUND' ? `secrets "${name}" not found` : error.message
    why = `unable to read token from secret '${namespace}/${name}' error: ${words}`
  }
  draft.mark('Ready', 'False', 'TokenNotFound', why)
  draft.status.webhookPath = undefined
  await finish(run)
  throw new Fault({ code: 'HOOK', message: why })
}

/** Writes the status as the run has left it. */
async function finish({ context, receiver, draft }: Run): Promise<void> {
  const requested = receiver.metadata.annotations?.[REQUESTED_AT]
  if (requested !== undefined) draft.status.lastHandledReconcileAt = requested
  const reconciling = draft.condition('Reconciling')
  if (draft.is('Ready', 'True')) {
    draft.remove('Reconciling')
    draft.status.observedGeneration = receiver.metadata.generation
  } else if (draft.is('Ready', 'False') && reconciling !== undefined)
    draft.mark('Reconciling', 'True', 'ProgressingWithRetry', reconciling.message)
  await patchStatus(ownOf(context, receiver), draft)
}

function emit(run: Run, type: 'Normal' | 'Warning', reason: string, message: string): void {
  const { context, receiver } = run
  const involved = newestOf(ownOf(context, receiver)) ?? receiver
  context.events.emit({ involved, type, reason, message })
}

function ownOf({ cluster, receivers }: ReceiverContext, object: Receiver): OwnObject<Receiver> {
  return { cluster, manager: MANAGER, object, store: receivers }
}
