import { rfc3339 } from '../../base/index.ts'
import type { JsonObject, KubeObject } from '../../object/index.ts'
import type { Hands } from './hands.ts'

/** What happened to an object, as an Event tells it. */
export interface Happening {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** Who tells: `deployment-controller`, `kubelet`. */
  readonly component: string
}

/** Writes an Event about an object, or counts up the one that says the same already. */
export function record(hands: Hands, about: KubeObject, happening: Happening): void {
  const { namespace = 'default', name = '', uid = '', resourceVersion = '' } = about.metadata
  const live = hands.core.store.get('namespaces', namespace)
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return
  const kind = hands.kind('', 'Event')
  const now = rfc3339(hands.core.clock.now())
  const eventName = `${name}.${hashOf(`${uid} ${happening.reason} ${happening.message}`)}`
  const had = hands.get(kind, namespace, eventName)
  if (had !== undefined) {
    const count = typeof had['count'] === 'number' ? had['count'] + 1 : 2
    hands.update(kind, had, { ...had, count, lastTimestamp: now })
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
      namespace,
      uid,
      resourceVersion,
    },
    reason: happening.reason,
    message: happening.message,
    source,
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
    type: happening.type,
    reportingComponent: happening.component,
    reportingInstance: '',
  })
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
