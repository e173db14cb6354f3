import type { Clock } from '../base/index.ts'
import type { Json, JsonObject, KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { blankOf } from './blank.ts'
import { converted } from './convert/convert.ts'
import type { Core } from './core.ts'
import { type ListOptions, listOptions } from './list-options.ts'
import { tooLarge, unreadable } from './revisions.ts'
import type { ObjectMatcher } from './select.ts'
import { StatusFault } from './status.ts'
import { LineQueue } from './store/line-queue.ts'
import type { StoreEvent } from './store/store.ts'
import type { Answer } from './wire/respond.ts'
import { shapeObject } from './wire/shape.ts'
import { jsonText } from './wire/texts.ts'

/** A watch lives between these, chosen at random unless the client says. */
const DEFAULT_TIMEOUT_MS = 30 * 60_000
const BOOKMARK_EVERY_MS = 60_000
/** So long before its end a watch is told how far it has come. */
const LAST_BOOKMARK_MS = 2000
/** Changes that may wait for a client that does not read; then its watch ends, as on the real server. */
const WAITING_MAX = 10_000

interface Watching {
  readonly core: Core
  readonly ask: Ask
  readonly options: ListOptions
  readonly matches: ObjectMatcher
  readonly queue: LineQueue
  /** The columns of a table are told once. */
  told: boolean
  /** Changes up to this revision are not told: who asks knows of them, or will not hear of them. */
  readonly after: number
}

/** Answers a watch: what exists where that is asked for, then every change as a line. */
export function watchObjects(core: Core, ask: Ask): Answer {
  const { kind, query } = ask
  const options = listOptions(kind, query, ask.name)
  const { selection, resourceVersion: text } = options
  const fault = unreadable(text)
  if (fault !== undefined) throw fault
  const matches: ObjectMatcher = (object) =>
    (ask.namespace === '' || object.metadata.namespace === ask.namespace) &&
    selection.matches(object)
  const queue = new LineQueue()
  const after = options.initial === true ? 0 : Number(text)
  const watching: Watching = { core, ask, options, matches, queue, told: false, after }
  begin(watching)
  queue.bound(WAITING_MAX)
  if (!queue.closed) follow(watching)
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    body: queue,
  }
}

/** What is told before anything changes. @see watchCache.getAllEventsSinceLocked */
function begin(watching: Watching): void {
  const { core, queue } = watching
  const { initial, resourceVersion: text } = watching.options
  const revision = Number(text)
  if (initial === true && revision > core.store.revision) {
    // It may be reached while the client waits; the real server gives it 3 s.
    const fault = tooLarge(core, text)
    queue.push(() => line('ERROR', fault.body()))
    queue.close()
    return
  }
  if (initial === true || (revision === 0 && initial === undefined)) {
    tellExisting(watching, initial === true)
    return
  }
  if (revision !== 0 && !tellHistory(watching, revision)) tooOld(watching, revision)
}

function tellExisting(watching: Watching, bookmark: boolean): void {
  const { core, ask, options } = watching
  const prefix = ask.namespace === '' ? '' : `${ask.namespace}/`
  for (const stored of core.store.list(ask.kind.table, prefix)) {
    const object = converted(stored, ask.kind)
    if (watching.matches(object)) tell(watching, 'ADDED', object)
  }
  if (bookmark && options.bookmarks) tellBookmark(watching, { 'k8s.io/initial-events-end': 'true' })
}

function tellHistory(watching: Watching, revision: number): boolean {
  const events = watching.core.store.since(watching.ask.kind.table, revision)
  if (events === undefined) return false
  for (const event of events) tellEvent(watching, event)
  return true
}

function tooOld(watching: Watching, revision: number): void {
  const { store } = watching.core
  const fault = new StatusFault({
    code: 410,
    reason: 'Expired',
    message: `too old resource version: ${revision} (${store.compacted})`,
  })
  watching.queue.push(() => line('ERROR', fault.body()))
  watching.queue.close()
}

function follow(watching: Watching): void {
  const { core, ask, queue, options } = watching
  const stops = [
    core.store.subscribe(ask.kind.table, (event) => {
      if (event.revision > watching.after) tellEvent(watching, event)
    }),
  ]
  const seconds = options.timeoutSeconds
  const timeout =
    seconds === 0 ? DEFAULT_TIMEOUT_MS * (1 + core.random.next()) : Math.max(0, seconds * 1000)
  stops.push(core.clock.after(timeout, () => queue.close()))
  if (options.bookmarks) {
    const mark = (): void => tellBookmark(watching, undefined)
    stops.push(every(core.clock, BOOKMARK_EVERY_MS, mark))
    // A last one, so that the client can go on from where this watch ends.
    if (timeout > LAST_BOOKMARK_MS) stops.push(core.clock.after(timeout - LAST_BOOKMARK_MS, mark))
  }
  const abort = (): void => queue.close()
  ask.signal?.addEventListener('abort', abort, { once: true })
  stops.push(() => ask.signal?.removeEventListener('abort', abort))
  queue.onClose(() => {
    for (const stop of stops) stop()
  })
  if (ask.signal?.aborted) queue.close()
}

function every(clock: Clock, ms: number, fn: () => void): () => void {
  let cancel = clock.after(ms, again)
  function again(): void {
    fn()
    cancel = clock.after(ms, again)
  }
  return () => cancel()
}

/** What a change means to one watch: an object may enter and leave its selection. */
function tellEvent(watching: Watching, event: StoreEvent): void {
  const { kind } = watching.ask
  const object = converted(event.object, kind)
  const before = event.previous !== undefined && watching.matches(converted(event.previous, kind))
  if (event.type === 'DELETED') {
    if (before) tell(watching, 'DELETED', object)
    return
  }
  const now = watching.matches(object)
  if (now) tell(watching, before ? 'MODIFIED' : 'ADDED', object)
  else if (before && event.previous !== undefined)
    tell(watching, 'DELETED', withRevision(converted(event.previous, kind), event.revision))
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}

function tell(watching: Watching, type: string, object: KubeObject): void {
  const { core, ask, told } = watching
  // What can not be shaped so is refused now, not in the middle of the stream.
  const shaped = shapeObject(core, ask.kind, object, ask) as JsonObject
  const again = ask.accepted.as === 'Table' && told
  watching.told = true
  watching.queue.push(() => line(type, again ? { ...shaped, columnDefinitions: null } : shaped))
}

function tellBookmark(watching: Watching, annotations: Record<string, string> | undefined): void {
  const { core, ask } = watching
  const metadata = {
    resourceVersion: String(core.store.revision),
    ...(annotations === undefined ? {} : { annotations }),
  }
  const object = { ...blankOf(ask.kind), metadata }
  const again = ask.accepted.as === 'Table' && watching.told
  const shaped = shapeObject(core, ask.kind, object, ask) as JsonObject
  watching.told = true
  watching.queue.push(() =>
    line('BOOKMARK', again ? { ...shaped, columnDefinitions: null } : shaped),
  )
}

function line(type: string, object: Json): string {
  return `{"type":${JSON.stringify(type)},"object":${jsonText(object)}}`
}
