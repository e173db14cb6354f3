import { type HookCall, NOTIFICATION_GROUP, type Receiver } from '../../api/index.ts'
import { messageOf } from '../../base/index.ts'
import { isApiFault, type KubeObject } from '../../object/index.ts'
import { admitter, followShares } from '../follow-shares.ts'
import { type Change, Informer, keyOf } from '../informer.ts'
import { countRun } from '../metrics.ts'
import { type Outcome, WorkQueue } from '../queue.ts'
import {
  DEFAULT_RECEIVER_OPTIONS,
  type ReceiverContext,
  type ReceiverController,
  type ReceiverDeps,
} from './context.ts'
import { handleHook } from './hook.ts'
import { reconcileReceiver } from './reconcile.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
/** Secrets whose change is seen at once; Flux's default. */
const WATCHED = 'reconcile.fluxcd.io/watch=Enabled'
const CONFLICT_RETRY_MS = 50

/** Creates the reconciler of Receivers, which also answers their webhooks. */
export function createReceiverController(deps: ReceiverDeps): ReceiverController {
  const options = { ...DEFAULT_RECEIVER_OPTIONS, ...deps.options }
  const log = deps.log.with({
    controller: 'receiver',
    controllerGroup: NOTIFICATION_GROUP,
    controllerKind: 'Receiver',
  })
  const { concurrent: concurrency, minRetryMs, maxRetryMs } = options
  const queue = new WorkQueue(
    { ...deps, log },
    {
      name: 'receiver',
      concurrency,
      minRetryMs,
      maxRetryMs,
      admits: admitter(deps.shares, 'Receiver'),
    },
  )
  const where = options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }
  const receivers = new Informer<Receiver>(deps, {
    kind: { group: NOTIFICATION_GROUP, version: 'v1', kind: 'Receiver' },
    ...where,
    ...(options.watchLabelSelector === '' ? {} : { labelSelector: options.watchLabelSelector }),
  })
  const secrets = new Informer<KubeObject>(deps, {
    kind: { group: '', version: 'v1', kind: 'Secret' },
    labelSelector: WATCHED,
    metadataOnly: true,
    ...where,
  })
  const context: ReceiverContext = { ...deps, log, options, receivers }
  receivers.onChange((change) => {
    if (change.type === 'delete') queue.forget(keyOf(change.object))
    else if (isWorthARun(change)) queue.add(keyOf(change.object))
  })
  secrets.onChange(({ object }) => {
    for (const receiver of receivers.list())
      if (usesSecret(receiver, object)) queue.add(keyOf(receiver), `Secret/${keyOf(object)}`)
  })
  return {
    run: async (signal) => {
      const leave = followShares(deps.shares, {
        kind: 'Receiver',
        objects: receivers,
        queue,
        signal,
        forget: (key) => queue.forget(key),
      })
      const watching = [receivers.run(signal), secrets.run(signal)]
      await receivers.synced()
      await queue.run((key) => reconcileOne(context, key), signal)
      await Promise.all(watching)
      leave()
      await deps.events.flush()
    },
    handle: (call) => handle(context, call),
  }
}

async function reconcileOne(context: ReceiverContext, key: string): Promise<Outcome | undefined> {
  const [namespace = '', name = ''] = key.split('/')
  const receiver = context.receivers.get(namespace, name)
  if (receiver === undefined) return undefined
  const log = context.log.with({ Receiver: { name, namespace }, name, namespace })
  const startedMs = context.clock.now()
  try {
    return await reconcileReceiver(context, receiver, log)
  } catch (error) {
    if (isApiFault(error, 'CONFLICT')) return { afterMs: CONFLICT_RETRY_MS }
    throw error
  } finally {
    countRun(context.metrics, receiver, (context.clock.now() - startedMs) / 1000)
  }
}

async function handle(context: ReceiverContext, call: HookCall): Promise<number> {
  try {
    return await handleHook(context, call)
  } catch (error) {
    context.log.error('unable to handle a call', { error: messageOf(error) })
    return 500
  }
}

function usesSecret({ spec, metadata }: Receiver, secret: KubeObject): boolean {
  return (
    spec.secretRef?.name === secret.metadata.name &&
    metadata.namespace === secret.metadata.namespace
  )
}

function isWorthARun({ object, previous }: Change<Receiver>): boolean {
  if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return true
  const [now, before] = [object.metadata, previous.metadata]
  return (
    now.generation !== before.generation ||
    now.annotations?.[REQUESTED_AT] !== before.annotations?.[REQUESTED_AT] ||
    now.deletionTimestamp !== before.deletionTimestamp
  )
}
