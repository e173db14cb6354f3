import { FLOW, MAPPING, SCALAR, SEQUENCE, type YamlNode } from './yaml-node.ts'
import { parseYamlNoted, type YamlNotes } from './yaml-parse.ts'

/** Comments of one entry of a block map or list. */
export interface EntryComments {
  /** Blocks of lines above it. */
  readonly head: string[]
  /** What stands at the end of its line; `''` for nothing. */
  line: string
  /** Says whether that belongs to brackets, and so goes when something else takes their place. */
  readonly inFlow: boolean
  /** Blocks of lines below it. */
  readonly foot: string[]
}

/** The comments of a document: by key or list item, and those at its ends. */
export interface YamlComments {
  readonly entries: ReadonlyMap<YamlNode, EntryComments>
  /** Says whether an empty line parts the first comments from the content. */
  readonly gap: boolean
  /** Blocks that an empty line parts from the content before them. */
  readonly tail: readonly string[]
}

/** A key or list item where it begins. */
interface Entry {
  readonly node: YamlNode
  readonly line: number
  readonly column: number
  /** Columns of the block collections that it stands in, with the last entry that each has then. */
  readonly open: readonly Level[]
  /** Says whether nothing at all follows its key. */
  readonly isBare: boolean
  readonly isFlow: boolean
}

interface Level {
  readonly column: number
  last: YamlNode
}

interface Block {
  readonly first: number
  readonly last: number
  readonly column: number
  readonly text: string
}

/**
 * Reads a document with its comments, given to keys and list items as Go's YAML library gives them:
 * what stands above an entry is its own, what stands right below one and apart from the next is
 * that one's. Comments between brackets are dropped.
 * @see go.yaml.in/yaml/v3 v3.0.3 scannerc.go yaml_parser_scan_comments
 */
export function parseYamlCommented(
  text: string,
): { root: YamlNode; comments: YamlComments } | undefined {
  const read = parseYamlNoted(text)
  if (read === undefined) return undefined
  const comments = commentsOf(read.root, read.notes, text.split('\n'))
  return { root: read.root, comments }
}

function commentsOf(root: YamlNode, notes: YamlNotes, lines: readonly string[]): YamlComments {
  const entries = entriesOf(root, notes)
  const byNode = new Map<YamlNode, EntryComments>()
  const tail: string[] = []
  const of = (node: YamlNode): EntryComments => {
    let found = byNode.get(node)
    if (found === undefined) {
      const inFlow = entries.some((entry) => entry.node === node && entry.isFlow)
      found = { head: [], line: '', foot: [], inFlow }
      byNode.set(node, found)
    }
    return found
  }
  for (const { line, text, full } of notes.comments) {
    const owner = full ? undefined : entries.findLast((entry) => entry.line <= line)
    if (owner !== undefined) of(owner.node).line = text
  }
  let gap = false
  for (const block of blocksOf(notes)) {
    const place = placeOf(block, entries, lines)
    if (place === 'tail') tail.push(block.text)
    else if (place.side === 'head') of(place.node).head.push(block.text)
    else of(place.node).foot.push(block.text)
    if (entries[0] !== undefined && block.last < entries[0].line)
      gap = isBlank(lines, block.last + 1)
  }
  return { entries: byNode, gap, tail }
}

/** Comments on lines of their own; those on lines that follow each other are one block. */
function blocksOf(notes: YamlNotes): Block[] {
  const blocks: Block[] = []
  for (const { line, column, text, full } of notes.comments) {
    if (!full) continue
    const before = blocks.at(-1)
    if (before?.last !== line - 1) blocks.push({ first: line, last: line, column, text })
    else blocks.splice(-1, 1, { ...before, last: line, text: `${before.text}\n${text}` })
  }
  return blocks
}

type Place = 'tail' | { readonly side: 'head' | 'foot'; readonly node: YamlNode }

function placeOf(block: Block, entries: readonly Entry[], lines: readonly string[]): Place {
  const at = entries.findIndex((entry) => entry.line > block.last)
  const next = at < 0 ? undefined : entries[at]
  const previous = at < 0 ? entries.at(-1) : entries[at - 1]
  const isNear = !isBlank(lines, block.first - 1)
  if (previous === undefined) return next === undefined ? 'tail' : { side: 'head', node: next.node }
  if (next === undefined && (!isNear || previous.isBare)) return 'tail'
  const level = previous.open.findLast((each) => each.column <= block.column) ?? previous.open[0]
  if (level === undefined || (next !== undefined && next.open.length > previous.open.length))
    return next === undefined ? 'tail' : { side: 'head', node: next.node }
  const isAbove = next !== undefined && next.column >= level.column
  const isBelow = isNear && isBlank(lines, block.last + 1)
  return isAbove && !isBelow
    ? { side: 'head', node: next.node }
    : { side: 'foot', node: level.last }
}

function isBlank(lines: readonly string[], line: number): boolean {
  return (lines[line - 1] ?? '').trim() === ''
}

/** All entries of block collections in the order of the text. */
function entriesOf(root: YamlNode, notes: YamlNotes): Entry[] {
  const entries: Entry[] = []
  const visit = (node: YamlNode, open: readonly Level[]): void => {
    if ((node.style & FLOW) !== 0 || (node.kind !== MAPPING && node.kind !== SEQUENCE)) return
    const isMap = node.kind === MAPPING
    for (let i = 0; i < node.content.length; i += isMap ? 2 : 1) {
      const own = node.content[i] as YamlNode
      const start = notes.starts.get(own)
      if (start === undefined) continue
      const levels = [...open, { column: start.column, last: own }]
      const value = isMap ? (node.content[i + 1] as YamlNode) : own
      const isBare = value.kind === SCALAR && value.value === '' && value.style === 0
      const isFlow = value.kind !== SCALAR && (value.style & FLOW) !== 0
      const { line, column } = start
      entries.push({ node: own, line, column, open: levels, isBare, isFlow })
      visit(value, levels)
    }
  }
  visit(root, [])
  return entries
}
