import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import type { Hands } from './hands.ts'

/** What happened to an object, as an Event tells it. */
export interface Happening {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Who tells: `deployment-controller`, `kubelet`. */
  readonly component: string
}

/** Different messages of one kind about an object after which they are told together. */
const SIMILAR_MAX = 10
/** For how long messages count as similar. */
const SIMILAR_MS = 600_000
/** Events about an object that a component has at once, and how soon it gets another one. */
const BURST = 25
const REFILL_MS = 300_000
/** Objects and reasons remembered; the one not heard of for longest is forgotten. */
const REMEMBERED_MAX = 4096

interface Similar {
  readonly messages: Set<string>
  last: number
}

interface Bucket {
  tokens: number
  since: number
}

/** What was told lately: it decides what is told next. */
interface Memory {
  readonly similar: Map<string, Similar>
  readonly buckets: Map<string, Bucket>
}

const memories = new WeakMap<Core, Memory>()

/**
 * Writes an Event about an object, or counts up the one that says the same already. Many different
 * ones of a kind become one, and too many about one object are not told.
 * @see client-go tools/record/events_cache.go (v0.36.3)
 */
export function record(hands: Hands, about: KubeObject, happening: Happening): void {
  const { namespace = 'default', name = '', uid, resourceVersion = '' } = about.metadata
  const live = hands.core.store.get('namespaces', namespace)
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return
  const nowMs = hands.core.clock.now()
  const memory = memoryOf(hands.core)
  const whom = `${happening.component} ${uid} ${name}`
  const isCombined = isOneOfMany(memory, `${whom} ${happening.type} ${happening.reason}`, {
    message: happening.message,
    nowMs,
  })
  if (!isAllowed(memory, whom, nowMs)) return
  const message = isCombined
    ? `(combined from similar events): ${happening.message}`
    : happening.message
  const kind = hands.kind('', 'Event')
  const now = rfc3339(nowMs)
  const what = isCombined ? 'combined' : message
  const eventName = `${name}.${hashOf(`${uid} ${happening.reason} ${what}`)}`
  const had = hands.get(kind, namespace, eventName)
  if (had !== undefined) {
    const count = typeof had['count'] === 'number' ? had['count'] + 1 : 2
    hands.update(kind, had, { ...had, count, message, lastTimestamp: now })
    return
  }
  const source: JsonObject =
    happening.component === 'kubelet'
      ? { component: 'kubelet', host: 'tidegate' }
      : { component: happening.component }
  hands.create(kind, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: eventName, namespace },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      namespace: about.metadata.namespace,
      uid,
      resourceVersion,
    },
    reason: happening.reason,
    message,
    source,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type: happening.type,
    reportingComponent: isCombined ? '' : happening.component,
    reportingInstance: '',
  } as KubeObject)
}

function memoryOf(core: Core): Memory {
  const known = memories.get(core)
  if (known !== undefined) return known
  const memory: Memory = { similar: new Map(), buckets: new Map() }
  memories.set(core, memory)
  return memory
}

/** Whether as many other messages of the same kind were told as are told one by one. */
function isOneOfMany(
  { similar }: Memory,
  key: string,
  { message, nowMs }: { readonly message: string; readonly nowMs: number },
): boolean {
  const had = similar.get(key)
  const isFresh = had !== undefined && nowMs - had.last <= SIMILAR_MS
  const entry = isFresh ? had : { messages: new Set<string>(), last: nowMs }
  remember(similar, key, entry)
  entry.last = nowMs
  entry.messages.add(message)
  if (entry.messages.size < SIMILAR_MAX) return false
  const [first] = entry.messages
  if (first !== undefined) entry.messages.delete(first)
  return true
}

function isAllowed({ buckets }: Memory, key: string, nowMs: number): boolean {
  const bucket = buckets.get(key) ?? { tokens: BURST, since: nowMs }
  bucket.tokens = Math.min(BURST, bucket.tokens + (nowMs - bucket.since) / REFILL_MS)
  bucket.since = nowMs
  remember(buckets, key, bucket)
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > REMEMBERED_MAX && oldest !== undefined) map.delete(oldest)
}

/** Sixteen hexadecimal digits, as names of Events end. */
function hashOf(text: string): string {
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let i = 0; i < text.length; i += 1) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193) >>> 0
    low = Math.imul(low ^ text.charCodeAt(text.length - 1 - i), 0x811c9dc5) >>> 0
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
