import { FlowReader } from './yaml-flow.ts'
import {
  MAPPING,
  SEQUENCE,
  scalarNode,
  type YamlError,
  type YamlNode,
  yamlNode,
} from './yaml-node.ts'
import type { YamlNotes } from './yaml-quoted.ts'
import { isBlankEnd } from './yaml-text.ts'

export type { YamlNotes }

/**
 * Reads a stream of YAML documents as nodes; a document without content is a null scalar. Comments
 * are dropped, aliases stay nodes of their own, repeated keys stay.
 * @throws YamlError in the words of Go's YAML library
 * @see go.yaml.in/yaml/v3 v3.0.3 scannerc.go, parserc.go
 */
export function parseYamlStream(text: string): YamlNode[] {
  const reader = new BlockReader(text)
  const documents: YamlNode[] = []
  for (;;) {
    const document = reader.document()
    if (document === undefined) return documents
    documents.push(document)
  }
}

/** Reads the first document of a stream; undefined when there is none. What follows is not read. */
export function parseYamlDocument(text: string): YamlNode | undefined {
  return new BlockReader(text).document()
}

/** As {@link parseYamlDocument}, with what the reader notes beside the nodes. */
export function parseYamlNoted(text: string): { root: YamlNode; notes: YamlNotes } | undefined {
  const notes: YamlNotes = { comments: [], starts: new Map() }
  const root = new BlockReader(text, notes).document()
  return root === undefined ? undefined : { root, notes }
}

/** Anchor and tag in front of a node. */
interface Properties {
  anchor: string
  tag: string
}

/** Reads block collections. Columns are 0-based; -1 is the column of the document itself. */
class BlockReader extends FlowReader {
  private started = false

  constructor(text: string, notes?: YamlNotes) {
    super(text)
    this.notes = notes
  }

  document(): YamlNode | undefined {
    this.anchors.clear()
    this.skip()
    if (this.started && !this.atEnd() && !this.atAnyMarker())
      throw this.refuse('did not find expected <document start>', 0)
    let explicit = this.prologue()
    while (this.atMarker('...')) {
      this.pos += 3
      explicit = this.prologue()
    }
    if (this.pos >= this.text.length && !explicit) return undefined
    const root = this.atEnd() || this.atAnyMarker() ? this.emptyNode() : this.block(-1, true)
    this.started = true
    return root
  }

  /** Skips to the content of the next document; says whether a `---` was there. */
  private prologue(): boolean {
    this.skip()
    let directives = false
    while (this.column() === 0 && this.code() === 0x25) {
      directives = true
      this.directive()
      this.skip()
    }
    if (!this.atMarker('---')) {
      if (directives) throw this.refuse('did not find expected <document start>', 0)
      return false
    }
    this.pos += 3
    this.skip()
    return true
  }

  private directive(): void {
    const end = this.lineEnd()
    const line = this.text.slice(this.pos, end)
    const tag = /^%TAG\s+(![\w-]*!?)\s+(\S+)/.exec(line)
    if (tag !== null) this.handles.set(tag[1] ?? '!', tag[2] ?? '')
    else if (!/^%(YAML\s+1\.\d+|TAG\s)/.test(line)) throw this.fail('found unknown directive name')
    this.pos = end
  }

  /**
   * A node in block context. `parent` is the column of the collection around it; `fresh` says that
   * a block collection may begin here, `isItem` that a dash in the same column is the next item.
   */
  private block(parent: number, fresh: boolean, isItem = false): YamlNode {
    this.enter()
    const node = this.blockInner(parent, fresh, isItem)
    this.depth -= 1
    return node
  }

  private blockInner(parent: number, fresh: boolean, isItem: boolean): YamlNode {
    const column = this.column()
    const line = this.line
    const properties = this.properties()
    if (properties === undefined) return this.content({ parent, fresh, column, line })
    const sameLine = this.line === line && !this.skip()
    if (sameLine && !this.atEnd()) return this.content({ parent, fresh, column, line, properties })
    const here = this.column()
    const isSequence = !isItem && here === parent && this.atDash()
    if (this.atEnd() || this.atAnyMarker() || (here <= parent && !isSequence))
      return this.finish(this.emptyNode(), properties)
    if (isSequence) return this.finish(this.sequence(here, true), properties)
    const more = this.code() === 0x26 || this.code() === 0x21
    const node = more
      ? this.blockInner(parent, true, isItem)
      : this.content({ parent, fresh: true, column: here, line: this.line })
    return this.finish(node, properties)
  }

  private content(at: {
    readonly parent: number
    readonly fresh: boolean
    readonly column: number
    readonly line: number
    readonly properties?: Properties
  }): YamlNode {
    const { parent, fresh, column, properties } = at
    const code = this.code()
    if (code === 0x2d && isBlankEnd(this.text.charCodeAt(this.pos + 1))) {
      if (!fresh || properties !== undefined)
        throw this.fail('block sequence entries are not allowed in this context')
      return this.sequence(column, false)
    }
    if (code === 0x3f && isBlankEnd(this.text.charCodeAt(this.pos + 1))) {
      if (!fresh) throw this.fail('mapping keys are not allowed in this context')
      return this.mapping(column, undefined)
    }
    if (code === 0x7c || code === 0x3e) return this.finish(this.blockScalar(parent), properties)
    const start = this.line
    const isBareKey = properties !== undefined && fresh && code === 0x3a
    const atom =
      isBareKey && isBlankEnd(this.text.charCodeAt(this.pos + 1))
        ? this.emptyNode()
        : this.atom(parent + 1)
    if (!this.colonFollows()) return this.finish(atom, properties)
    if (!fresh || this.line !== start || start !== at.line)
      throw this.fail('mapping values are not allowed in this context')
    return this.mapping(column, this.finish(atom, properties))
  }

  private sequence(column: number, indentless: boolean): YamlNode {
    const node = this.stamp(yamlNode(SEQUENCE, '!!seq', ''))
    for (;;) {
      const { line } = this
      this.pos += 1
      const item = this.item(column)
      this.notes?.starts.set(item, { line, column })
      node.content.push(item)
      this.skip()
      if (this.atEnd() || this.atAnyMarker()) return node
      const here = this.column()
      if (here === column && this.atDash()) continue
      if (here < column || indentless) return node
      throw this.refuse("did not find expected '-' indicator", node.line)
    }
  }

  private item(column: number): YamlNode {
    if (this.sticky(/ *\t/y, this.pos) !== '')
      throw this.fail('found character that cannot start any token')
    if (!this.skip()) {
      if (this.atEnd()) return this.emptyNode()
      return this.block(column, true, true)
    }
    if (this.atEnd() || this.atAnyMarker() || this.column() <= column) return this.emptyNode()
    return this.block(column, true, true)
  }

  private mapping(column: number, firstKey: YamlNode | undefined): YamlNode {
    const node = yamlNode(MAPPING, '!!map', '')
    node.line = firstKey?.line ?? this.line
    let key = firstKey
    for (;;) {
      if (key === undefined && this.atQuestion()) this.explicitPair(node, column)
      else {
        const named = key ?? this.key(column)
        this.notes?.starts.set(named, { line: named.line, column })
        node.content.push(named)
        this.pos += 1
        node.content.push(this.valueAfterColon(column))
      }
      key = undefined
      this.skip()
      if (this.atEnd() || this.atAnyMarker()) return node
      const here = this.column()
      if (here < column) return node
      if (here > column || this.atDash()) throw this.refuse('did not find expected key', node.line)
    }
  }

  private key(column: number): YamlNode {
    const line = this.line
    const properties = this.properties()
    if (properties !== undefined) this.skip()
    if (this.code() === 0x3a && isBlankEnd(this.text.charCodeAt(this.pos + 1))) {
      if (properties === undefined) throw this.refuse('did not find expected key', line)
      return this.finish(this.emptyNode(), properties)
    }
    const atom = this.atom(column + 1)
    if (this.line !== line || !this.colonFollows()) throw this.noColon()
    return this.finish(atom, properties)
  }

  private explicitPair(node: YamlNode, column: number): void {
    this.pos += 1
    node.content.push(this.explicitPart(column))
    this.skip()
    const isColon = this.code() === 0x3a && isBlankEnd(this.text.charCodeAt(this.pos + 1))
    if (this.atEnd() || this.column() !== column || !isColon) {
      node.content.push(this.emptyNode())
      return
    }
    this.pos += 1
    node.content.push(this.explicitPart(column))
  }

  /** What follows a `?`, or the colon that belongs to it: any node, a list in its column too. */
  private explicitPart(column: number): YamlNode {
    if (!this.skip()) return this.atEnd() ? this.emptyNode() : this.block(column, true)
    if (this.atEnd() || this.atAnyMarker()) return this.emptyNode()
    const here = this.column()
    if (here > column) return this.block(column, true)
    return here === column && this.atDash() ? this.sequence(column, true) : this.emptyNode()
  }

  private valueAfterColon(column: number): YamlNode {
    if (!this.skip()) {
      if (this.atEnd()) return this.emptyNode()
      return this.block(column, false)
    }
    if (this.atEnd() || this.atAnyMarker()) return this.emptyNode()
    const here = this.column()
    if (here > column) return this.block(column, true)
    return here === column && this.atDash() ? this.sequence(column, true) : this.emptyNode()
  }

  private atDash(): boolean {
    return this.code() === 0x2d && isBlankEnd(this.text.charCodeAt(this.pos + 1))
  }

  private atQuestion(): boolean {
    return this.code() === 0x3f && isBlankEnd(this.text.charCodeAt(this.pos + 1))
  }

  /** The older library notices at the next token. */
  private noColon(): YamlError {
    const problem = "could not find expected ':'"
    const error = this.fail(problem)
    this.pos = this.lineEnd()
    this.skip()
    const isCut = this.atEnd() && this.column() > 0
    error.older = `yaml: line ${isCut ? this.line + 1 : this.line}: ${problem}`
    return error
  }

  /** Skips blanks on the line; says whether a colon that ends a key is next. */
  private colonFollows(): boolean {
    let at = this.pos
    for (;;) {
      const code = this.text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x09) break
      at += 1
    }
    if (this.text.charCodeAt(at) !== 0x3a || !isBlankEnd(this.text.charCodeAt(at + 1))) return false
    this.pos = at
    return true
  }

  private emptyNode(): YamlNode {
    const node = scalarNode('')
    node.tag = '!!null'
    return this.stamp(node)
  }

  /** Gives a node the properties in front of it. */
  private finish(node: YamlNode, properties: Properties | undefined): YamlNode {
    return properties === undefined ? node : this.adorn(node, properties)
  }
}
