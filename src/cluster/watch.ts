import { isFault } from '../base/index.ts'
import {
  type ApiFault,
  isApiFault,
  isKubeObject,
  isObject,
  type Json,
  type KubeObject,
  type ListOptions,
  type Resource,
  stringAt,
  valueAt,
  type WatchEvent,
} from '../object/index.ts'
import type { KindRef } from './discovery.ts'
import { statusFault } from './faults.ts'
import { listAll, METADATA_ONE, named } from './list.ts'
import { resourcePath, resourceText, selectorQuery, withQuery } from './paths.ts'
import { requestOn, type Session, withResource } from './session.ts'

/** A watch is renewed after this much, jittered to its double, as client-go does. */
const AGE_SECONDS = 300
/** A watch that has said nothing for so long is replaced, unless its transport knows it alive. */
export const QUIET_MS = 7_000
/** A watch that ends sooner than this was no success; the next one waits. */
const SOON_MS = 1_000
const BACKOFF_MS_FIRST = 250
/** A server that is back is found within seconds. */
const BACKOFF_MS_MAX = 8_000

type Options = ListOptions & { readonly signal: AbortSignal }

/** What a watch has told its listener, and from where it goes on. */
interface Told {
  /** `namespace/name` to what is known of the object. */
  readonly objects: Map<string, KubeObject>
  /** undefined: a list is needed. */
  from: string | undefined
  synced: boolean
  failures: number
}

/** The watch of the Cluster port. */
export async function* watchResource(
  session: Session,
  kind: KindRef,
  options: Options,
): AsyncGenerator<WatchEvent, void, undefined> {
  const told: Told = { objects: new Map(), from: undefined, synced: false, failures: 0 }
  for (;;) {
    options.signal.throwIfAborted()
    const started = session.deps.clock.now()
    try {
      const resource = await session.discovery.resource(kind)
      if (told.from === undefined) yield* relist(session, kind, options, told)
      yield* follow(session, resource, options, told)
      const lived = session.deps.clock.now() - started
      told.failures = lived < SOON_MS ? told.failures + 1 : 0
    } catch (error) {
      options.signal.throwIfAborted()
      if (isApiFault(error, 'NOT_FOUND')) session.discovery.drop(kind)
      if (isEnd(error)) throw error
      if (!isFault(error)) throw error
      if (isApiFault(error, 'EXPIRED')) told.from = undefined
      told.failures += 1
      session.deps.log.debug('watch interrupted', { kind: kind.kind, error: error.message })
    }
    await pause(session, told.failures, options.signal)
  }
}

/** Faults that no further try will cure by itself. */
function isEnd(error: unknown): boolean {
  return isApiFault(error, 'FORBIDDEN', 'NO_MATCH', 'UNSUPPORTED', 'BAD_REQUEST', 'INVALID')
}

async function pause(session: Session, failures: number, signal: AbortSignal): Promise<void> {
  if (failures === 0) return
  const grown = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * 2 ** Math.min(failures - 1, 10))
  await session.deps.clock.sleep(grown * (0.5 + session.deps.random.next() / 2), signal)
}

async function* relist(
  session: Session,
  kind: KindRef,
  options: Options,
  told: Told,
): AsyncGenerator<WatchEvent, void, undefined> {
  const list = await withResource(session, kind, (resource) => listAll(session, resource, options))
  const present = new Set(list.items.map(keyOf))
  for (const [key, object] of told.objects) {
    if (present.has(key)) continue
    told.objects.delete(key)
    yield { type: 'delete', object }
  }
  for (const object of list.items) {
    const before = told.objects.get(keyOf(object))
    if (before !== undefined && before.metadata.uid !== object.metadata.uid)
      yield { type: 'delete', object: before }
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) continue
    told.objects.set(keyOf(object), trace(object))
    yield { type: 'upsert', object }
  }
  told.from = list.resourceVersion
  if (!told.synced) yield { type: 'synced' }
  told.synced = true
}

/** One connection's worth of events. Returns when the server has ended it, or it fell silent. */
async function* follow(
  session: Session,
  resource: Resource,
  options: Options,
  told: Told,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { clock, random } = session.deps
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(options.signal.reason)
  options.signal.addEventListener('abort', onAbort, { once: true })
  let takeBack: () => void = () => undefined
  const age = Math.round(AGE_SECONDS * (1 + random.next()))
  try {
    const response = await requestOn(session, resource, 'watch', {
      method: 'GET',
      path: withQuery(resourcePath(resource, options), {
        ...selectorQuery(options),
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: told.from,
        timeoutSeconds: String(age),
      }),
      signal: stop.signal,
      ...(options.metadataOnly === true ? { headers: { accept: METADATA_ONE } } : {}),
    })
    // A server that ignores timeoutSeconds is not waited for either.
    const endOfLife = clock.now() + age * 1000 + QUIET_MS
    const listen = (): void => {
      const quiet = response.monitored === true ? Number.POSITIVE_INFINITY : QUIET_MS
      const wait = Math.min(quiet, endOfLife - clock.now())
      takeBack = clock.after(wait, () => stop.abort(QUIET))
    }
    listen()
    for await (const line of response.lines()) {
      takeBack()
      told.failures = 0
      const event = eventOf(line, resource, told)
      if (event !== undefined) yield event
      listen()
    }
  } catch (error) {
    if (stop.signal.reason !== QUIET || options.signal.aborted) throw error
  } finally {
    takeBack()
    options.signal.removeEventListener('abort', onAbort)
    stop.abort(DONE)
  }
}

const QUIET = new Error('the watch fell silent')
const DONE = new Error('the watch is over')

/** Reads one line of a watch, keeps the books, and answers what the listener is to be told. */
function eventOf(line: string, resource: Resource, told: Told): WatchEvent | undefined {
  if (line.trim() === '') return undefined
  const event = parseLine(line)
  const object = valueAt(event, 'object')
  if (event === undefined || !isObject(object)) throw truncated(resource)
  const type = stringAt(event, 'type')
  if (type === 'ERROR') {
    const code = valueAt(object, 'code')
    throw statusFault(typeof code === 'number' ? code : 500, object, {
      verb: 'watch',
      resource: resourceText(resource),
    })
  }
  told.from = stringAt(object, 'metadata', 'resourceVersion') ?? told.from
  if (type === 'BOOKMARK' || !isKubeObject(object)) return undefined
  const known = named(object, resource)
  if (type === 'DELETED') {
    told.objects.delete(keyOf(known))
    return { type: 'delete', object: known }
  }
  told.objects.set(keyOf(known), trace(known))
  return { type: 'upsert', object: known }
}

function parseLine(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json
  } catch {
    return undefined
  }
}

/** A line that was cut: the connection broke in the middle of an event, which comes again. */
function truncated(resource: Resource): ApiFault {
  return statusFault(
    500,
    { message: `the watch of ${resourceText(resource)} broke off in the middle of an event` },
    { verb: 'watch', resource: resourceText(resource) },
  )
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

/** What is remembered of an object, so that its deletion can be told when no event said so. */
function trace(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, metadata }
}
