import type { KubeObject } from '../object/index.ts'
import type { Kind } from './kind.ts'

/**
 * Claims are stored without the phase that a reader sees by default, Jobs without the labels that
 * they take over from their template once that has got some. The first update writes it, so that it
 * is a change even where nothing else is.
 */
const unsettled = new WeakSet<object>()

/** Notes an object that was just stored. */
export function noteStored(kind: Kind, stored: KubeObject): void {
  if (kind.group === '' && kind.kind === 'PersistentVolumeClaim') unsettled.add(stored)
  if (kind.group === 'batch' && kind.kind === 'Job' && hasOwnUid(stored)) unsettled.add(stored)
}

const GENERATED: ReadonlySet<string> = new Set([
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
])

/**
 * Whether a Job has the labels alone that its template got as it was made; no client knows the id in
 * them. Where the template had some of its own, both share one map from the start.
 */
function hasOwnUid({ metadata: { labels = {} } }: KubeObject): boolean {
  const names = Object.keys(labels)
  return names.length > 0 && names.every((name) => GENERATED.has(name))
}

/** Whether an update may write something new though the object stays as it is. */
export function isUnsettled(live: KubeObject): boolean {
  return unsettled.has(live) || reread.has(live)
}

/** Custom objects that read otherwise than they are stored: with defaults, or in another version. */
const reread = new WeakSet<object>()

/** Notes an object that was read otherwise than it is stored. */
export function noteReread(read: KubeObject): KubeObject {
  reread.add(read)
  return read
}

/** Whether what is stored has to be looked at to know whether an update writes something new. */
export function isReread(live: KubeObject): boolean {
  return reread.has(live)
}
