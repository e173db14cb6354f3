import type { YamlNode } from '../../object/index.ts'
import type { Definitions } from './definitions.ts'
import type { SchemaAt } from './schema.ts'

/** A node, or nothing. */
export type MaybeNode = YamlNode | undefined

/** What goes on with a merge at one place. */
export interface MergeAt {
  readonly definitions: Definitions
  readonly schema: SchemaAt | undefined
  /** Merges what is below: two nodes, either of which may be missing. */
  readonly merge: (dest: MaybeNode, patch: MaybeNode, at: MergeAt) => Merged
}

/** The result of a merge at one place; `keep` says that a null is meant. */
export interface Merged {
  readonly node: MaybeNode
  readonly keepNull?: boolean
}
