import { setMaxListeners } from 'node:events'
import { KUSTOMIZE_GROUP, type Kustomization, SOURCE_GROUP } from '../../api/index.ts'
import { buildMounted } from '../../build/index.ts'
import { isApiFault } from '../../object/index.ts'
import { dependencyKeys, inDependencyOrder, sourceKey } from '../../plan/index.ts'
import { admitter, followShares } from '../follow-shares.ts'
import { type Change, Informer, keyOf } from '../informer.ts'
import { type Outcome, type Turn, WorkQueue } from '../queue.ts'
import { AppliedView } from './applied.ts'
import { Appearances, SERVED_AFTER_MS } from './blockers.ts'
import { BuildCache } from './build-cache.ts'
import { Configs, refersTo } from './configs.ts'
import type { Blocker, Context, KustomizationDeps, SourceObject } from './context.ts'
import { dependencyFault } from './depends.ts'
import { DriftPace } from './drift-pace.ts'
import { requestedAt } from './ending.ts'
import { SOURCE_KINDS, sourceNamespace } from './find-source.ts'
import { DEFAULT_OPTIONS, type KustomizationOptions } from './options.ts'
import { reconcileKustomization } from './run.ts'
import { Troubles } from './troubles.ts'

/** A controller that works until its signal ends it. */
export interface Controller {
  run(signal: AbortSignal): Promise<void>
}

/**
 * What `--concurrent` counts are workers of Flux, which sit through every answer of the API server;
 * a run here holds no thread while it waits for one.
 */
const RUNS_PER_WORKER = 4
/** Another try after the API server said that something else was faster. */
const CONFLICT_RETRY_MS = 50

/**
 * The reconciler of Kustomizations. It is woken by what happens: a source's new revision, a
 * dependency that became ready, a change of what was applied, a referenced ConfigMap or Secret,
 * something that was missing and appears; Flux's intervals are the safety net.
 */
export function createKustomizationController(deps: KustomizationDeps): Controller {
  const options = { ...DEFAULT_OPTIONS, ...deps.options }
  const log = deps.log.with({
    controller: 'kustomization',
    controllerGroup: KUSTOMIZE_GROUP,
    controllerKind: 'Kustomization',
  })
  return {
    run: async (signal) => {
      // Every wait listens to it; Node takes more than ten listeners for a leak.
      setMaxListeners(0, signal)
      const queue = new WorkQueue(
        { ...deps, log },
        {
          name: 'kustomization',
          concurrency: options.concurrent * RUNS_PER_WORKER,
          minRetryMs: options.minRetryMs,
          maxRetryMs: options.maxRetryMs,
          admits: admitter(deps.shares, 'Kustomization'),
        },
      )
      const context = createContext({ ...deps, log }, options, queue, signal)
      wireWakes(context, queue)
      const leave = followShares(deps.shares, {
        kind: 'Kustomization',
        objects: context.store,
        beside: [...context.sources.values()],
        queue,
        signal,
        forget: (key) => forget(context, queue, key),
      })
      const informers = [context.store, ...context.sources.values()]
      const watches = [...informers, context.configs, ...appearances(deps, context, queue)]
      const running = watches.map((watch) => watch.run(signal))
      await Promise.race([Promise.all(informers.map((i) => i.synced())), aborted(signal)])
      await queue.run((key, turn) => work(context, key, turn), signal)
      await Promise.all(running)
      leave()
      await deps.events.flush()
    },
  }
}

function createContext(
  deps: KustomizationDeps,
  options: KustomizationOptions,
  queue: WorkQueue,
  signal: AbortSignal,
): Context {
  const namespace =
    options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }
  const store = new Informer<Kustomization>(deps, {
    kind: { group: KUSTOMIZE_GROUP, version: 'v1', kind: 'Kustomization' },
    ...namespace,
    ...(options.watchLabelSelector === '' ? {} : { labelSelector: options.watchLabelSelector }),
  })
  const pace = new DriftPace(deps.clock)
  const builds = new BuildCache()
  const blocked = new Map<string, Blocker>()
  const configs = new Configs(deps, options, (kind, namespace, name) => {
    for (const object of store.list())
      if (object.metadata.namespace === namespace && refersTo(object, kind, name))
        queue.add(keyOf(object), `${kind}/${namespace}/${name}`)
  })
  const kinds = SOURCE_KINDS.filter(
    (kind) => kind !== 'ExternalArtifact' || options.gates.ExternalArtifact,
  )
  const sources = new Map(
    kinds.map((kind) => [
      kind,
      new Informer<SourceObject>(deps, {
        kind: { group: SOURCE_GROUP, version: 'v1', kind },
        ...namespace,
      }),
    ]),
  )
  const applied = new AppliedView(deps, signal, {
    onDrift: (owner) => {
      // During a run of the owner its own end looks for what came in meanwhile.
      if (!options.fluxTiming && !queue.isBusy(owner)) queue.addAfter(owner, pace.next(owner))
    },
    exists: (owner) => {
      const [namespace = '', name = ''] = owner.split('/')
      return store.get(namespace, name) !== undefined
    },
  })
  return {
    ...deps,
    options,
    store,
    sources,
    applied,
    builds,
    blocked,
    plurals: new Map(),
    configs,
    pace,
    troubles: new Troubles(deps, signal, (key) => queue.addAfter(key, SERVED_AFTER_MS)),
    build: deps.build ?? ((request) => Promise.resolve(buildMounted(request, builds.digests))),
  }
}

/** Watches what a failed run may be waiting for, unless Flux's timing is wanted. */
function appearances(deps: KustomizationDeps, context: Context, queue: WorkQueue): Appearances[] {
  if (context.options.fluxTiming) return []
  return [
    new Appearances(deps, (afterMs) => {
      deps.cluster.forgetDiscovery()
      for (const [key, blocker] of context.blocked)
        if (blocker.missing !== undefined) queue.addAfter(key, afterMs)
    }),
  ]
}

async function work(context: Context, key: string, turn: Turn): Promise<Outcome | undefined> {
  try {
    const outcome = await reconcileKustomization(context, key, turn)
    if (context.options.fluxTiming) return outcome
    return soonest(outcome, troubleMs(context, key), driftMs(context, key))
  } catch (error) {
    // Somebody else wrote in between: not worth a word.
    if (isApiFault(error, 'CONFLICT')) return { afterMs: CONFLICT_RETRY_MS }
    throw error
  }
}

/** When a run that failed for the server's sake is worth another try. */
function troubleMs(context: Context, key: string): number | undefined {
  const trouble = context.blocked.get(key)?.trouble
  if (trouble !== undefined) return context.troubles.note(key, trouble)
  context.troubles.forget(key)
  return undefined
}

function driftMs(context: Context, key: string): number | undefined {
  return context.applied.hasDrift(key) ? context.pace.next(key) : undefined
}

function soonest(
  outcome: Outcome | undefined,
  ...others: readonly (number | undefined)[]
): Outcome | undefined {
  const all = [outcome?.afterMs, ...others].filter((ms) => ms !== undefined)
  return all.length === 0 ? outcome : { afterMs: Math.min(...all) }
}

function wireWakes(context: Context, queue: WorkQueue): void {
  context.store.onChange((change) => {
    const key = keyOf(change.object)
    if (change.type === 'delete') forget(context, queue, key)
    else if (isWorthARun(change)) queue.add(key, `Kustomization/${key}`)
    // Flux asks dependencies again after a while; that they became ready wakes nobody.
    if (!context.options.fluxTiming) wakeDependants(context, queue, change)
  })
  for (const [kind, informer] of context.sources)
    informer.onChange((change) => {
      const before = change.previous?.status?.artifact?.revision
      const after = change.object.status?.artifact?.revision
      if (change.previous !== undefined && change.type === 'upsert' && before === after) return
      wakeUsers(context, queue, `${kind}/${keyOf(change.object)}`, after)
    })
}

function forget(context: Context, queue: WorkQueue, key: string): void {
  queue.forget(key)
  context.builds.forget(key)
  context.applied.forgetOwner(key)
  context.pace.forget(key)
  context.troubles.forget(key)
  context.blocked.delete(key)
}

/** A change of the spec, a new request, or the wish to be deleted; a change of the status is none. */
function isWorthARun({ object, previous }: Change<Kustomization>): boolean {
  return (
    previous === undefined ||
    previous.metadata.generation !== object.metadata.generation ||
    previous.metadata.deletionTimestamp !== object.metadata.deletionTimestamp ||
    (requestedAt(object) !== undefined && requestedAt(previous) !== requestedAt(object))
  )
}

/** Wakes those that wait for this one, as soon as nothing, or something else, keeps them. */
function wakeDependants(context: Context, queue: WorkQueue, change: Change<Kustomization>): void {
  const key = keyOf(change.object)
  for (const [waiting, blocker] of context.blocked) {
    if (blocker.dependency !== key) continue
    const [namespace = '', name = ''] = waiting.split('/')
    const object = context.store.get(namespace, name)
    const revision = object === undefined ? undefined : artifactRevision(context, object)
    if (object === undefined || revision === undefined) continue
    const fault = dependencyFault(context, object, revision)
    if (fault?.message !== blocker.message) queue.add(waiting, `Kustomization/${key}`)
  }
}

function artifactRevision(context: Context, object: Kustomization): string | undefined {
  const source = context.sources
    .get(object.spec.sourceRef.kind)
    ?.get(sourceNamespace(object), object.spec.sourceRef.name)
  return source?.status?.artifact?.revision
}

/** Wakes the Kustomizations of a source that have not dealt with its revision, dependencies first. */
function wakeUsers(
  context: Context,
  queue: WorkQueue,
  source: string,
  revision: string | undefined,
): void {
  const users = new Map<string, Kustomization>()
  for (const object of context.store.list())
    if (sourceKey(object) === source && !hasTried(object, revision))
      users.set(keyOf(object), object)
  const order = inDependencyOrder([...users.keys()], (key) => {
    const object = users.get(key)
    return object === undefined ? [] : dependencyKeys(object)
  })
  for (const key of order) queue.add(key, source)
}

function hasTried(object: Kustomization, revision: string | undefined): boolean {
  if (revision === undefined || object.status?.lastAttemptedRevision !== revision) return false
  return (object.status.conditions ?? []).some(
    ({ type, status }) => (type === 'Ready' || type === 'Reconciling') && status === 'True',
  )
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
