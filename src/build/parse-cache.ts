import { createHash } from 'node:crypto'
import { copyYaml, type YamlNode } from '../object/index.ts'

/** Documents that were read before, by the digest of their text. */
export interface ParseCache {
  /** The documents of a text: a copy of what is known, else what `read` gives. */
  documents(bytes: Uint8Array, read: () => YamlNode[]): YamlNode[]
}

/** Text, in bytes, whose documents are kept unless told otherwise; documents take ten times as much. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024

const AMPERSAND = 0x26

interface Kept {
  readonly nodes: readonly YamlNode[]
  readonly bytes: number
}

/**
 * Keeps the documents of files, least recently used out first, so that builds that share files, and
 * the next build of a tree in which one file changed, read each content once.
 */
export function createParseCache(textBytesMax: number = TEXT_BYTES_MAX): ParseCache {
  const kept = new Map<string, Kept>()
  let held = 0
  return {
    documents: (bytes, read) => {
      const digest = createHash('sha256').update(bytes).digest('base64')
      const known = kept.get(digest)
      if (known !== undefined) {
        kept.delete(digest)
        kept.set(digest, known)
        return known.nodes.map((node) => copyYaml(node))
      }
      const nodes = read()
      // What anchors are unfolded to may be one node in two places, which a copy would be not.
      if (bytes.length > textBytesMax / 4 || bytes.includes(AMPERSAND)) return nodes
      kept.set(digest, { nodes: nodes.map((node) => copyYaml(node)), bytes: bytes.length })
      held += bytes.length
      for (const [old, each] of kept) {
        if (held <= textBytesMax) break
        kept.delete(old)
        held -= each.bytes
      }
      return nodes
    },
  }
}
