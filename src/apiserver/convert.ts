import type { KubeObject } from '../object/index.ts'
import { groupVersion, inVersion, type Kind } from './kind.ts'

/** A stored object in the version of a kind. */
export function converted(stored: KubeObject, kind: Kind): KubeObject {
  return inVersion(stored, groupVersion(kind))
}
