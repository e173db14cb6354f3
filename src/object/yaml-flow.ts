import {
  ALIAS,
  FLOW,
  MAPPING,
  SEQUENCE,
  scalarNode,
  TAGGED,
  YamlError,
  type YamlNode,
  yamlNode,
} from './yaml-node.ts'
import { ScalarReader } from './yaml-quoted.ts'
import { resolveScalar } from './yaml-scalar.ts'
import { isBlankEnd, isFlowMark } from './yaml-text.ts'

/** Deepest nesting that is read. Go's library stops at 10,000; no manifest comes near either. */
const MAX_DEPTH = 800

/** Reads what stands within a line or between brackets, on top of the scalars. */
export class FlowReader extends ScalarReader {
  protected readonly anchors: Map<string, YamlNode> = new Map()
  protected readonly handles: Map<string, string> = new Map()
  protected depth = 0

  protected enter(): void {
    this.depth += 1
    if (this.depth > MAX_DEPTH) throw this.fail(`exceeded max depth of ${MAX_DEPTH}`)
  }

  /** A scalar, alias or flow collection in block context. */
  protected atom(minColumn: number): YamlNode {
    const node = this.marked()
    if (node !== undefined) return node
    this.checkPlainStart(this.code())
    return this.plain(minColumn, false)
  }

  /** A node that its first character tells: quoted, bracketed or an alias; undefined for a plain one. */
  private marked(): YamlNode | undefined {
    switch (this.code()) {
      case 0x22:
        return this.doubleQuoted()
      case 0x27:
        return this.singleQuoted()
      case 0x5b:
      case 0x7b:
        return this.flow()
      case 0x2a:
        return this.alias()
      default:
        return undefined
    }
  }

  private checkPlainStart(code: number): void {
    const next = this.text.charCodeAt(this.pos + 1)
    if ((code === 0x3a || code === 0x3f || code === 0x2d) && !isBlankEnd(next)) return
    if (code === 0x3a) throw this.fail('mapping values are not allowed in this context')
    if (code === 0x2d) throw this.fail('block sequence entries are not allowed in this context')
    if (code === 0x40 || code === 0x60 || code === 0x25 || code === 0x09 || code === 0x3f)
      throw this.fail('found character that cannot start any token')
    if (code === 0x26 || code === 0x21) throw this.fail('did not find expected key')
    if (isFlowMark(code) || code === 0x7c || code === 0x3e)
      throw this.refuse('did not find expected node content', this.line)
  }

  /** Anchor and tag at the position, with the blanks after them on the line. */
  protected properties(): { anchor: string; tag: string } | undefined {
    let anchor = ''
    let tag = ''
    for (;;) {
      const code = this.code()
      if (code === 0x26 && anchor === '') anchor = this.name('anchor')
      else if (code === 0x21 && tag === '') tag = this.tagName()
      else break
      this.blanks()
    }
    return anchor === '' && tag === '' ? undefined : { anchor, tag }
  }

  protected adorn(node: YamlNode, properties: { anchor: string; tag: string }): YamlNode {
    const { anchor, tag } = properties
    if (node.kind === ALIAS) throw this.fail('did not find expected key')
    if (tag !== '' && tag !== '!') {
      node.tag = tag
      node.style |= TAGGED
    } else if (tag === '!' && node.style === 0 && node.tag !== '!!map' && node.tag !== '!!seq') {
      node.tag = resolveScalar(node.value).tag
    }
    if (anchor !== '') this.anchors.set(anchor, node)
    return node
  }

  private alias(): YamlNode {
    const node = this.stamp(yamlNode(ALIAS, '', ''))
    node.value = this.name('alias')
    node.alias = this.anchors.get(node.value)
    if (node.alias === undefined)
      throw new YamlError(`unknown anchor '${node.value}' referenced`, node.line, 1, 0)
    return node
  }

  private name(what: string): string {
    const match = this.sticky(/[\w-]+/y, this.pos + 1)
    if (match === '')
      throw this.fail(
        `did not find expected alphabetic or numeric character (while scanning an ${what})`,
      )
    const next = this.text.charCodeAt(this.pos + 1 + match.length)
    if (!isBlankEnd(next) && !',]}?:%@`'.includes(String.fromCharCode(next)))
      throw this.fail('did not find expected alphabetic or numeric character')
    this.pos += 1 + match.length
    return match
  }

  private tagName(): string {
    const raw = this.sticky(
      /!<[^>\s]+>|!(?!<)(?:[\w;/?:@&=+$,.!~*'()[\]-]|%[0-9a-fA-F]{2})*/y,
      this.pos,
    )
    this.pos += raw.length
    if (raw === '' || !isBlankEnd(this.code()))
      throw this.fail('did not find expected whitespace or line break')
    if (raw.startsWith('!<')) return shortTag(raw.slice(2, -1))
    const [, handle = '!', suffix = ''] = /^(!(?:[\w-]*!)?)(.*)$/.exec(raw) ?? []
    const prefix = this.handles.get(handle)
    if (prefix !== undefined) return shortTag(prefix + suffix)
    if (handle === '!!') return `!!${suffix}`
    if (handle !== '!') throw this.fail('found undefined tag handle')
    return raw
  }

  private flow(): YamlNode {
    this.enter()
    const node = this.code() === 0x5b ? this.flowSequence() : this.flowMapping()
    this.depth -= 1
    return node
  }

  private flowSequence(): YamlNode {
    const node = this.stamp(yamlNode(SEQUENCE, '!!seq', '', FLOW))
    this.pos += 1
    for (;;) {
      this.skipFlow(node)
      if (this.code() === 0x5d) break
      node.content.push(this.flowEntry())
      this.skipFlow(node)
      if (this.code() === 0x5d) break
      if (this.code() !== 0x2c) throw this.refuse("did not find expected ',' or ']'", node.line)
      this.pos += 1
    }
    this.pos += 1
    return node
  }

  /** An item of a flow sequence: a node, or a single pair. */
  private flowEntry(): YamlNode {
    const explicit = this.code() === 0x3f
    if (explicit) this.pos += 1
    if (explicit) this.skip(true)
    const { line } = this
    const key = this.flowNode()
    this.skip(true)
    if (this.code() === 0x3a && !explicit && this.line !== line)
      throw this.refuse("did not find expected ',' or ']'", line)
    if (this.code() !== 0x3a) return explicit ? this.pair(key, this.nullNode()) : key
    this.pos += 1
    return this.pair(key, this.flowValue())
  }

  private pair(key: YamlNode, value: YamlNode): YamlNode {
    const node = yamlNode(MAPPING, '!!map', '', FLOW)
    node.line = key.line
    node.content.push(key, value)
    return node
  }

  private flowMapping(): YamlNode {
    const node = this.stamp(yamlNode(MAPPING, '!!map', '', FLOW))
    this.pos += 1
    for (;;) {
      this.skipFlow(node)
      if (this.code() === 0x7d) break
      const explicit = this.code() === 0x3f
      if (explicit) this.pos += 1
      this.skipFlow(node)
      const { line } = this
      if (!explicit && this.code() === 0x3a && isBlankEnd(this.text.charCodeAt(this.pos + 1)))
        throw this.refuse('did not find expected node content', node.line)
      node.content.push(this.flowNode())
      this.skipFlow(node)
      if (this.code() === 0x3a) {
        if (!explicit && this.line !== line)
          throw this.refuse("did not find expected ',' or '}'", node.line)
        this.pos += 1
        node.content.push(this.flowValue())
        this.skipFlow(node)
      } else node.content.push(this.nullNode())
      if (this.code() === 0x7d) break
      if (this.code() !== 0x2c) throw this.refuse("did not find expected ',' or '}'", node.line)
      this.pos += 1
    }
    this.pos += 1
    return node
  }

  private flowValue(): YamlNode {
    this.skip(true)
    const code = this.code()
    return code === 0x2c || code === 0x5d || code === 0x7d ? this.nullNode() : this.flowNode()
  }

  private flowNode(): YamlNode {
    const properties = this.properties()
    if (properties !== undefined) this.skip(true)
    const code = this.code()
    const isEmpty = code === 0x2c || code === 0x5d || code === 0x7d
    const isKey = code === 0x3a
    const node =
      isEmpty || isKey ? this.emptyFlow(properties !== undefined || isKey) : this.flowContent(code)
    return properties === undefined ? node : this.adorn(node, properties)
  }

  private emptyFlow(allowed: boolean): YamlNode {
    if (!allowed) throw this.refuse('did not find expected node content', this.line)
    return this.nullNode()
  }

  private flowContent(code: number): YamlNode {
    const node = this.marked()
    if (node !== undefined) return node
    if (code !== 0x09) this.checkPlainStart(code)
    return this.plain(0, true)
  }

  private skipFlow(open: YamlNode): void {
    this.skip(true)
    if (!this.atEnd()) return
    const mark =
      open.kind === SEQUENCE
        ? "did not find expected ',' or ']'"
        : "did not find expected ',' or '}'"
    // After an opening bracket or a comma a node is wanted, after a node what ends it.
    const before = this.text.slice(0, this.pos).trimEnd().at(-1) ?? ''
    if ('[{,'.includes(before)) throw this.refuse('did not find expected node content', this.line)
    throw this.refuse(mark, open.line)
  }

  private nullNode(): YamlNode {
    const node = scalarNode('')
    node.tag = '!!null'
    return this.stamp(node)
  }
}

const LONG = 'tag:yaml.org,2002:'

function shortTag(tag: string): string {
  return tag.startsWith(LONG) ? `!!${tag.slice(LONG.length)}` : tag
}
