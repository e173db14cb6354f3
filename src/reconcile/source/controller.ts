import {
  type Bucket,
  type BucketStatus,
  type GitRepository,
  type GitRepositoryStatus,
  type OciRepository,
  type OciRepositoryStatus,
  SOURCE_GROUP,
  type SourceStatus,
} from '../../api/index.ts'
import type { Log } from '../../base/index.ts'
import { isApiFault } from '../../object/index.ts'
import { admitter, followShares } from '../follow-shares.ts'
import { type Change, Informer, keyOf } from '../informer.ts'
import { type Outcome, type Turn, WorkQueue } from '../queue.ts'
import { beginStages } from '../stages.ts'
import { reconcileBucket } from './bucket.ts'
import {
  type AnyRun,
  type AnySource,
  type BucketRun,
  DEFAULT_SOURCE_OPTIONS,
  type GitRun,
  type OciRun,
  type SourceContext,
  type SourceDeps,
  type SourceOptions,
  type SourceOutcome,
} from './context.ts'
import { SourceDraft } from './draft.ts'
import { createGate } from './gate.ts'
import { reconcileGit } from './git-repository.ts'
import { reconcileOci } from './oci-repository.ts'
import { reconcileOne } from './run.ts'

const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt'
/** Another try after the API server said that something else was faster. */
const CONFLICT_RETRY_MS = 50
/** A host that does not answer must not keep the others from being asked. */
const FETCHES_PER_WORKER = 8

/** The reconciler of one kind of source. */
export interface SourceController {
  /** Works until the signal ends it. */
  run(signal: AbortSignal): Promise<void>
  /** Makes the objects with this address due now: somebody has pushed to it. */
  wake(url: string): void
  /** Makes the object due now whose artifact, at this path of the store, is not what was stored. */
  lost(path: string): void
}

/** Creates the reconciler of GitRepositories. */
export function createGitRepositoryController(deps: SourceDeps): SourceController {
  return createController<GitRepository, GitRepositoryStatus, GitRun>(deps, {
    kind: 'GitRepository',
    reconcile: reconcileGit,
    onChange: (context, objects, change) => {
      if (!context.options.fluxTiming && hasNewArtifact(change))
        wakeIncluders(context, objects, change.object)
    },
  })
}

/** Creates the reconciler of OCIRepositories. */
export function createOciRepositoryController(
  deps: SourceDeps & Required<Pick<SourceDeps, 'registry'>>,
): SourceController {
  return createController<OciRepository, OciRepositoryStatus, OciRun>(deps, {
    kind: 'OCIRepository',
    reconcile: reconcileOci,
  })
}

/** Creates the reconciler of Buckets. */
export function createBucketController(
  deps: SourceDeps & Required<Pick<SourceDeps, 'buckets'>>,
): SourceController {
  return createController<Bucket, BucketStatus, BucketRun>(deps, {
    kind: 'Bucket',
    reconcile: reconcileBucket,
  })
}

interface Kind<T extends AnySource, R extends AnyRun> {
  readonly kind: string
  readonly reconcile: (run: R) => Promise<SourceOutcome>
  readonly onChange?: (context: SourceContext, objects: Informer<T>, change: Change<T>) => void
}

type RunOf<T extends AnySource, S extends SourceStatus> = AnyRun & {
  readonly object: T
  readonly objects: Informer<T>
  readonly draft: SourceDraft<S>
}

function createController<
  T extends AnySource & { readonly spec: { readonly url?: string }; readonly status?: S },
  S extends SourceStatus,
  R extends RunOf<T, S>,
>(deps: SourceDeps, { kind, reconcile, onChange }: Kind<T, R>): SourceController {
  const options = { ...DEFAULT_SOURCE_OPTIONS, ...deps.options }
  const name = kind.toLowerCase()
  const log = logOf(deps, kind)
  const { concurrent: concurrency, minRetryMs, maxRetryMs } = options
  const admits = admitter(deps.shares, kind)
  const limits = { concurrency, minRetryMs, maxRetryMs }
  const queue = new WorkQueue({ ...deps, log }, { name, admits, ...limits })
  const objects = informerOf<T>(deps, options, kind)
  const context: SourceContext = {
    ...deps,
    log,
    options,
    queue,
    unreachable: new Map(),
    waiting: new Set(),
    gate: createGate(FETCHES_PER_WORKER * concurrency, deps.clock),
  }
  const drop = (key: string): void => forget(context, key)
  objects.onChange((change) => {
    const key = keyOf(change.object)
    if (change.type === 'delete') drop(key)
    else if (isWorthARun(change)) queue.add(key)
    onChange?.(context, objects, change)
  })
  const begin = (key: string, turn: Turn): R | undefined => {
    const [namespace = '', own = ''] = key.split('/')
    const object = objects.get(namespace, own)
    if (object === undefined) return undefined
    const run: RunOf<T, S> = {
      context,
      objects,
      object,
      draft: new SourceDraft<S>(object, context.clock),
      stages: beginStages(context, kind),
      log: log.with({ [kind]: { name: own, namespace }, name: own, namespace }),
      signal: turn.signal,
      parked: (wait) => turn.parked(wait),
    }
    return run as R
  }
  return {
    run: async (signal) => {
      const leave = followShares(deps.shares, { kind, objects, queue, signal, forget: drop })
      const watching = objects.run(signal)
      await Promise.race([objects.synced(), ended(signal)])
      const work = (key: string, turn: Turn) =>
        calmly(() => reconcileOne({ begin, reconcile }, key, turn))
      await queue.run(work, signal)
      await watching
      leave()
      await deps.events.flush()
    },
    wake: (url) => {
      for (const object of objects.list())
        if (object.spec.url === url) queue.add(keyOf(object), `push to ${url}`)
    },
    lost: (path) => {
      const [folder, namespace = '', own = ''] = path.split('/')
      if (folder === name && objects.get(namespace, own) !== undefined)
        queue.add(`${namespace}/${own}`, 'its artifact is not what was stored')
    },
  }
}

function logOf({ log }: SourceDeps, kind: string): Log {
  return log.with({
    controller: kind.toLowerCase(),
    controllerGroup: SOURCE_GROUP,
    controllerKind: kind,
  })
}

function informerOf<T extends AnySource>(
  deps: SourceDeps,
  { watchNamespace, watchLabelSelector }: SourceOptions,
  kind: string,
): Informer<T> {
  return new Informer<T>(deps, {
    kind: { group: SOURCE_GROUP, version: 'v1', kind },
    ...(watchNamespace === undefined ? {} : { namespace: watchNamespace }),
    ...(watchLabelSelector === '' ? {} : { labelSelector: watchLabelSelector }),
  })
}

async function calmly(work: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> {
  try {
    return await work()
  } catch (error) {
    // Somebody else wrote in between: not worth a word.
    if (isApiFault(error, 'CONFLICT')) return { afterMs: CONFLICT_RETRY_MS }
    throw error
  }
}

function forget(context: SourceContext, key: string): void {
  context.queue.forget(key)
  context.unreachable.delete(key)
}

/** A new object, a new generation, a request or the wish to be deleted; no status, no label. */
function isWorthARun({ object, previous }: Change<AnySource>): boolean {
  if (previous === undefined || previous.metadata.uid !== object.metadata.uid) return true
  const now = object.metadata
  const before = previous.metadata
  return (
    now.generation !== before.generation ||
    (now.annotations?.[REQUESTED_AT] !== undefined &&
      now.annotations[REQUESTED_AT] !== before.annotations?.[REQUESTED_AT]) ||
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
function wakeIncluders(
  context: SourceContext,
  objects: Informer<GitRepository>,
  included: GitRepository,
): void {
  const { namespace, name } = included.metadata
  for (const object of objects.list())
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
