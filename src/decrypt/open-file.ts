import type { Loaded } from './load.ts'
import type { Metadata } from './metadata.ts'
import type { TreeValue } from './tree.ts'
import type { Opened } from './walk.ts'

/** A file whose values are open. */
export interface OpenFile {
  readonly loaded: Loaded
  readonly metadata: Metadata
  readonly dataKey: Uint8Array
  readonly opened: Opened
  /** Each value that was decrypted, by its text in the file. */
  readonly values: ReadonlyMap<string, TreeValue>
}
