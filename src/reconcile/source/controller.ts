import { type GitRepository, SOURCE_GROUP } from '../../api/index.ts'
import { isApiFault } from '../../object/index.ts'
import { type Change, Informer, keyOf } from '../informer.ts'
import { type Outcome, type Turn, WorkQueue } from '../queue.ts'
import { DEFAULT_SOURCE_OPTIONS, type SourceContext, type SourceDeps } from './context.ts'
import { reconcileOne } from './run.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
/** Another try after the API server said that something else was faster. */
const CONFLICT_RETRY_MS = 50

/** The reconciler of GitRepositories. */
export interface GitRepositoryController {
  /** Works until the signal ends it. */
  run(signal: AbortSignal): Promise<void>
  /** Makes the objects with this address due now: somebody has pushed to it. */
  wake(url: string): void
}

/** Creates the reconciler of GitRepositories. */
export function createGitRepositoryController(deps: SourceDeps): GitRepositoryController {
  const options = { ...DEFAULT_SOURCE_OPTIONS, ...deps.options }
  const log = deps.log.with({
    controller: 'gitrepository',
    controllerGroup: SOURCE_GROUP,
    controllerKind: 'GitRepository',
  })
  const queue = new WorkQueue(
    { ...deps, log },
    {
      name: 'gitrepository',
      concurrency: options.concurrent,
      minRetryMs: options.minRetryMs,
      maxRetryMs: options.maxRetryMs,
    },
  )
  const objects = new Informer<GitRepository>(deps, {
    kind: { group: SOURCE_GROUP, version: 'v1', kind: 'GitRepository' },
    ...(options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }),
    ...(options.watchLabelSelector === '' ? {} : { labelSelector: options.watchLabelSelector }),
  })
  const context: SourceContext = {
    ...deps,
    log,
    options,
    objects,
    queue,
    unreachable: new Map(),
  }
  objects.onChange((change) => onChange(context, change))
  return {
    run: async (signal) => {
      const watching = objects.run(signal)
      await Promise.race([objects.synced(), ended(signal)])
      await queue.run((key, turn) => work(context, key, turn), signal)
      await watching
      await deps.events.flush()
    },
    wake: (url) => {
      for (const object of objects.list())
        if (object.spec.url === url) queue.add(keyOf(object), `push to ${url}`)
    },
  }
}

async function work(context: SourceContext, key: string, turn: Turn): Promise<Outcome | undefined> {
  try {
    return await reconcileOne(context, key, turn)
  } catch (error) {
    // Somebody else wrote in between: not worth a word.
    if (isApiFault(error, 'CONFLICT')) return { afterMs: CONFLICT_RETRY_MS }
    throw error
  }
}

function onChange(context: SourceContext, change: Change<GitRepository>): void {
  const key = keyOf(change.object)
  if (change.type === 'delete') forget(context, key)
  else if (isWorthARun(change)) context.queue.add(key)
  if (!context.options.fluxTiming && hasNewArtifact(change)) wakeIncluders(context, change.object)
}

function forget(context: SourceContext, key: string): void {
  context.queue.forget(key)
  context.unreachable.delete(key)
}

/** A new object, a new generation, a request or the wish to be deleted; no status, no label. */
function isWorthARun({ object, previous }: Change<GitRepository>): boolean {
  if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return true
  const now = object.metadata
  const before = previous.metadata
  return (
    now.generation !== before.generation ||
    now.annotations?.[REQUESTED_AT] !== before.annotations?.[REQUESTED_AT] ||
    now.deletionTimestamp !== before.deletionTimestamp
  )
}

function hasNewArtifact({ object, previous }: Change<GitRepository>): boolean {
  return (
    object.status?.artifact !== undefined &&
    object.status.artifact.digest !== previous?.status?.artifact?.digest
  )
}

/** Flux lets them wait for their interval; the content is there now. */
function wakeIncluders(context: SourceContext, included: GitRepository): void {
  const { namespace, name } = included.metadata
  for (const object of context.objects.list())
    if (
      object.metadata.namespace === namespace &&
      object.spec.include?.some((include) => include.repository.name === name)
    )
      context.queue.add(keyOf(object), `GitRepository/${keyOf(included)}`)
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
