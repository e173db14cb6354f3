import type { Clock } from '../base/index.ts'
import type { JsonObject, KubeObject } from '../object/index.ts'
import type { Ask } from './ask.ts'
import { blankOf } from './blank.ts'
import { converting, listed, listedAll } from './convert/convert.ts'
import type { Core } from './core.ts'
import { type ListOptions, listOptions } from './list-options.ts'
import { PROTOBUF } from './protobuf/index.ts'
import { FRESH_MS, tooLarge, unreadable } from './revisions.ts'
import type { ObjectMatcher } from './select.ts'
import { StatusFault } from './status.ts'
import { LineQueue } from './store/line-queue.ts'
import type { StoreEvent } from './store/store.ts'
import { type EventType, eventText } from './watch-lines.ts'
import type { Format } from './wire/media.ts'
import type { Answer } from './wire/respond.ts'
import { shapeObject } from './wire/shape.ts'

/** A watch lives between these, chosen at random unless the client says. */
const DEFAULT_TIMEOUT_MS = 30 * 60_000
const BOOKMARK_EVERY_MS = 60_000
/** So long before its end a watch is told how far it has come. */
const LAST_BOOKMARK_MS = 2000
/** Changes that may wait for a client that does not read; then its watch ends, as on the real server. */
const WAITING_MAX = 10_000

/** What a stream in a format calls itself. */
const STREAMED: Readonly<Record<Format, string>> = {
  json: 'application/json',
  pretty: 'application/json',
  yaml: 'application/json',
  protobuf: `${PROTOBUF};stream=watch`,
}

interface Watching {
  readonly core: Core
  readonly ask: Ask
  readonly options: ListOptions
  readonly matches: ObjectMatcher
  readonly queue: LineQueue
  /** The columns of a table are told once. */
  told: boolean
  /** Changes up to this revision are not told: who asks knows of them, or will not hear of them. */
  after: number
  /** Until the revision that was asked for has come, nothing is told. */
  waits: boolean
  /** What is told by and by, because a webhook has to be asked first; nothing waits without one. */
  turn: Promise<void>
  /** How much waits for its turn. */
  turns: number
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
  const watching: Watching = {
    core,
    ask,
    options,
    matches,
    queue,
    told: false,
    after,
    waits: false,
    turn: Promise.resolve(),
    turns: 0,
  }
  begin(watching)
  queue.bound(WAITING_MAX)
  if (!queue.closed) follow(watching)
  return {
    status: 200,
    headers: { 'content-type': STREAMED[ask.accepted.format], 'transfer-encoding': 'chunked' },
    body: queue,
    ...(ask.accepted.format === 'protobuf' ? { isBinary: true as const } : {}),
  }
}

/** What is told before anything changes. @see watchCache.getAllEventsSinceLocked */
function begin(watching: Watching): void {
  const { core } = watching
  const { initial, resourceVersion: text } = watching.options
  const revision = Number(text)
  if (initial === true && revision > core.store.revision) {
    awaitRevision(watching, revision)
    return
  }
  if (initial === true || (revision === 0 && initial === undefined)) {
    tellExisting(watching, initial === true)
    return
  }
  if (revision !== 0 && !tellHistory(watching, revision)) tooOld(watching, revision)
}

/** Begins when a revision that has not been yet has come, and gives up when it does not come soon. */
function awaitRevision(watching: Watching, revision: number): void {
  const { core, queue } = watching
  watching.waits = true
  const stop = core.store.subscribeAll((event) => {
    if (event.revision < revision) return
    over()
    watching.waits = false
    watching.after = event.revision
    tellExisting(watching, true)
  })
  const cancel = core.clock.after(FRESH_MS, () => {
    over()
    end(watching, tooLarge(core, String(revision)))
  })
  function over(): void {
    stop()
    cancel()
  }
  queue.onClose(over)
}

function tellExisting(watching: Watching, bookmark: boolean): void {
  const { core, ask, options } = watching
  const prefix = ask.namespace === '' ? '' : `${ask.namespace}/`
  const there = [...core.store.list(ask.kind.table, prefix)]
  listedAll(there, ask.kind)
  for (const stored of there) {
    const object = listed(stored, ask.kind)
    if (watching.matches(object)) tell(watching, 'ADDED', object)
  }
  if (bookmark && options.bookmarks) tellBookmark(watching, { 'k8s.io/initial-events-end': 'true' })
}

function tellHistory(watching: Watching, revision: number): boolean {
  const events = watching.core.store.since(watching.ask.kind.table, revision)
  if (events === undefined) return false
  for (const event of events) inTurn(watching, () => tellEvent(watching, event))
  return true
}

function tooOld(watching: Watching, revision: number): void {
  const { store } = watching.core
  const fault = new StatusFault({
    code: 410,
    reason: 'Expired',
    message:
      watching.ask.kind.table === 'events'
        ? // They are in no cache: it is the storage that has left it.
          'The resourceVersion for the provided watch is too old.'
        : `too old resource version: ${revision} (${store.compacted})`,
  })
  end(watching, fault)
}

/** Tells why a watch can not go on, and ends it. */
function end({ ask, queue }: Watching, fault: StatusFault): void {
  queue.push(() => eventText(ask.accepted.format, 'ERROR', fault.body()))
  queue.close()
}

function follow(watching: Watching): void {
  const { core, ask, queue, options } = watching
  const stops = [
    core.store.subscribe(ask.kind.table, (event) => {
      if (!watching.waits && event.revision > watching.after)
        inTurn(watching, () => tellEvent(watching, event))
    }),
  ]
  const seconds = options.timeoutSeconds
  const timeout =
    seconds === 0 ? DEFAULT_TIMEOUT_MS * (1 + core.random.next()) : Math.max(0, seconds * 1000)
  stops.push(core.clock.after(timeout, () => queue.close()))
  const { crdName } = ask.kind.custom ?? {}
  // What a definition said of its objects before it changed is not gone on with.
  if (crdName !== undefined)
    stops.push(core.registry.onRenewal(crdName, () => inTurn(watching, () => queue.close())))
  if (options.bookmarks) {
    const mark = (): void => inTurn(watching, () => tellBookmark(watching, undefined))
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

/** How long a webhook that fails is left alone. */
const RETRY_MS = 1000

/**
 * Tells something now, or after what waits for webhooks. While one fails its watches stand still, as they
 * do on the real server, and go on where they were when it answers again.
 */
function inTurn(watching: Watching, next: () => void): void {
  const { ask, queue } = watching
  if (ask.kind.custom?.conversion === undefined) {
    next()
    return
  }
  if (watching.turns >= WAITING_MAX) queue.close()
  if (queue.closed) return
  watching.turns += 1
  watching.turn = watching.turn.then(async () => {
    while (!queue.closed && !(await isTold(watching, next)))
      await new Promise<void>((resolve) => watching.core.clock.after(RETRY_MS, resolve))
    watching.turns -= 1
  })
}

async function isTold({ core, queue }: Watching, next: () => void): Promise<boolean> {
  try {
    await converting(core, [], next)
    return true
  } catch (error) {
    if (error instanceof StatusFault) return false
    queue.close()
    return true
  }
}

/** What a change means to one watch: an object may enter and leave its selection. */
function tellEvent(watching: Watching, event: StoreEvent): void {
  const { kind } = watching.ask
  const object = listed(event.object, kind)
  const previous = event.previous && listed(event.previous, kind)
  const before = previous !== undefined && watching.matches(previous)
  if (event.type === 'DELETED') {
    if (before) tell(watching, 'DELETED', object)
    return
  }
  const now = watching.matches(object)
  if (now) tell(watching, before ? 'MODIFIED' : 'ADDED', object)
  else if (before) tell(watching, 'DELETED', withRevision(previous, event.revision))
}

function withRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
}

function tell(watching: Watching, type: EventType, object: KubeObject): void {
  const { ask, told, queue } = watching
  const shaped = shapedOf(watching, object)
  if (shaped === undefined) return
  const { format } = ask.accepted
  const again = ask.accepted.as === 'Table' && told
  watching.told = true
  queue.push(() => eventText(format, type, again ? { ...shaped, columnDefinitions: null } : shaped))
}

/** What can not be shaped as was asked ends the watch without a word, as it does on the real server. */
function shapedOf({ core, ask, queue }: Watching, object: KubeObject): JsonObject | undefined {
  try {
    return shapeObject(core, ask.kind, object, ask) as JsonObject
  } catch (error) {
    if (!(error instanceof StatusFault)) throw error
    queue.close()
    return undefined
  }
}

function tellBookmark(watching: Watching, annotations: Record<string, string> | undefined): void {
  const { core, ask } = watching
  const metadata = {
    resourceVersion: String(core.store.revision),
    ...(annotations === undefined ? {} : { annotations }),
  }
  tell(watching, 'BOOKMARK', { ...blankOf(ask.kind), metadata })
}
