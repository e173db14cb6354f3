import type { KubeObject } from '../object/index.ts'
import type { Kind } from './kind.ts'

/**
 * Claims are stored without the phase that a reader sees by default. The first update writes it, so
 * that it is a change even where nothing else is.
 */
const unsettled = new WeakSet<object>()

/** Notes an object that was just stored. */
export function noteStored(kind: Kind, stored: KubeObject): void {
  if (kind.group === '' && kind.kind === 'PersistentVolumeClaim') unsettled.add(stored)
}

/** Whether an update writes something new though the object stays as it is. */
export function isUnsettled(live: KubeObject): boolean {
  return unsettled.has(live)
}
