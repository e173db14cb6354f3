import { Fault } from '../base/index.ts'

/** Codes of faults in YAML text. */
export type YamlCode = 'YAML_SYNTAX'

/** Kinds of {@link YamlNode}. `NONE` is a node that nobody has filled yet; it prints as null. */
export const NONE = 0
/** A list; `content` holds its items. */
export const SEQUENCE = 2
/** A map; `content` holds key, value, key, value … in written order, repeated keys included. */
export const MAPPING = 4
/** One value; `value` is its text without quotes. */
export const SCALAR = 8
/** A reference to an anchored node, in `alias`. */
export const ALIAS = 16

/** Bits of {@link YamlNode.style}. A tag that was written out. */
export const TAGGED = 1
/** "double quoted" */
export const DOUBLE = 2
/** 'single quoted' */
export const SINGLE = 4
/** A literal block. */
export const LITERAL = 8
/** A folded block. */
export const FOLDED = 16
/** Written with brackets or braces. */
export const FLOW = 32
/** Any of the styles that make a scalar a string whatever its text. */
export const QUOTED: number = DOUBLE | SINGLE | LITERAL | FOLDED

/**
 * A node of a YAML document as it was written: scalars keep their text and style, so that `0777`,
 * `1.10` and `"yes"` are told apart until the end. One shape for all kinds keeps engines fast.
 * Nodes are mutable: who parsed or copied them owns them.
 * @see go.yaml.in/yaml/v3 v3.0.3 Node
 */
export interface YamlNode {
  kind: number
  /** Short tag (`!!str`); `''` where a program made the node and left the tag to its text. */
  tag: string
  value: string
  style: number
  content: YamlNode[]
  alias: YamlNode | undefined
  /** 1-based line in the source; 0 for a node that was made by a program. */
  line: number
  /** Number of the source, as the reader counts them; 0 when unknown. */
  source: number
}

/** Shared by all scalars; frozen, so that a slip in one build can not reach another. */
const NO_CONTENT = Object.freeze([]) as unknown as YamlNode[]

/** Adds to the content of a node; to that of a null too, which is a scalar, as Go's library does. */
export function addYaml(node: YamlNode, ...more: readonly YamlNode[]): void {
  if (node.content === NO_CONTENT) node.content = [...more]
  else node.content.push(...more)
}

/** Makes a node. */
export function yamlNode(kind: number, tag: string, value: string, style = 0): YamlNode {
  const content = kind === SCALAR || kind === ALIAS ? NO_CONTENT : []
  return { kind, tag, value, style, content, alias: undefined, line: 0, source: 0 }
}

/** A scalar without tag: its text decides what it is. */
export function scalarNode(value: string): YamlNode {
  return yamlNode(SCALAR, '', value)
}

/** A scalar that is a string whatever its text. */
export function stringNode(value: string): YamlNode {
  return yamlNode(SCALAR, '!!str', value, value.includes('\n') ? LITERAL : 0)
}

/** A deep copy that shares nothing. */
export function copyYaml(node: YamlNode, source: number = node.source): YamlNode {
  const { kind, tag, value, style, alias, line } = node
  const content = node.content.length === 0 ? freshContent(kind) : copyAll(node.content, source)
  return { kind, tag, value, style, content, alias, line, source }
}

function copyAll(content: readonly YamlNode[], source: number): YamlNode[] {
  const copies: YamlNode[] = []
  for (const child of content) copies.push(copyYaml(child, source))
  return copies
}

function freshContent(kind: number): YamlNode[] {
  return kind === SCALAR || kind === ALIAS ? NO_CONTENT : []
}

/** Makes one node equal to another without copying what is below. */
export function assignYaml(target: YamlNode, from: YamlNode): void {
  target.kind = from.kind
  target.tag = from.tag
  target.value = from.value
  target.style = from.style
  target.content = from.content
  target.alias = from.alias
  target.line = from.line
  target.source = from.source
}

/** A failure to read YAML, at a line and column (1-based) of the text. */
export class YamlError extends Error {
  readonly line: number
  readonly column: number
  /** The same in the words of the older of Go's two libraries, which names other lines. */
  older: string

  /**
   * `told` is the line that Go's parser names; it is often one less, or that of the collection that
   * was begun, and none at all for 0.
   */
  constructor(problem: string, line: number, column: number, told: number = line) {
    super(`yaml: ${told === 0 ? '' : `line ${told}: `}${problem}`)
    this.line = line
    this.column = column
    this.older = this.message
  }

  /** The same as a fault that names the file. */
  toFault(file: string): Fault<YamlCode> {
    return new Fault({
      code: 'YAML_SYNTAX',
      message: `${file}:${this.line}:${this.column}: ${this.message}`,
      at: { file, line: this.line, column: this.column },
      cause: this,
    })
  }
}
