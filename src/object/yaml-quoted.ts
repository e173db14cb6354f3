import {
  DOUBLE,
  FOLDED,
  LITERAL,
  SCALAR,
  SINGLE,
  YamlError,
  type YamlNode,
  yamlNode,
} from './yaml-node.ts'
import { resolveScalar } from './yaml-scalar.ts'
import { escapeOf, findControl, hexDigits, isBlankEnd, isFlowMark } from './yaml-text.ts'

/** What a reader notes beside the nodes, for those who write a document again. */
export interface YamlNotes {
  /** Comments outside of brackets, in order; a full one has its line for itself. */
  readonly comments: {
    readonly line: number
    readonly column: number
    readonly text: string
    readonly full: boolean
  }[]
  /** Where keys and list items of block collections begin. */
  readonly starts: Map<YamlNode, { readonly line: number; readonly column: number }>
}

/** Reads scalars and the space between tokens. */
export class ScalarReader {
  protected readonly text: string
  protected notes: YamlNotes | undefined
  protected pos = 0
  protected line = 1
  protected lineStart = 0

  constructor(text: string) {
    const clean = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
    this.text = clean.includes('\r') ? clean.replaceAll(/\r\n?/g, '\n') : clean
    const control = findControl(this.text)
    if (control < 0) return
    const line = this.text.slice(0, control).split('\n').length
    throw new YamlError('control characters are not allowed', line, 1, 0)
  }

  protected code(): number {
    return this.text.charCodeAt(this.pos)
  }

  protected column(): number {
    return this.pos - this.lineStart
  }

  protected atEnd(): boolean {
    return this.pos >= this.text.length
  }

  protected fail(problem: string): YamlError {
    return new YamlError(problem, this.line, this.column() + 1, this.line === 1 ? 0 : this.line)
  }

  /** A problem of the grammar; Go's parser names the line before that of the collection, or of here. */
  protected refuse(problem: string, begunAt: number): YamlError {
    const told = begunAt > 1 ? begunAt - 1 : this.line - 1
    const error = new YamlError(problem, this.line, this.column() + 1, told)
    if (this.line > 1) error.older = `yaml: line ${this.line - 1}: ${problem}`
    return error
  }

  /** A quoted text without end: Go's scanner names its first line, or the last one of all. */
  protected unclosed(): YamlError {
    const last = this.text.split('\n').length
    const told = this.line > 1 ? this.line : last
    const problem = 'found unexpected end of stream'
    const error = new YamlError(problem, this.line, this.column() + 1, told === 1 ? 0 : told)
    error.older = `yaml: ${last === 1 ? '' : `line ${last}: `}${problem}`
    return error
  }

  protected stamp(node: YamlNode): YamlNode {
    node.line = this.line
    return node
  }

  protected sticky(pattern: RegExp, at: number): string {
    pattern.lastIndex = at
    return pattern.exec(this.text)?.[0] ?? ''
  }

  protected lineEnd(): number {
    const end = this.text.indexOf('\n', this.pos)
    return end < 0 ? this.text.length : end
  }

  /** At `---` or `...` in the first column, with a blank after it. */
  protected atMarker(marker: string): boolean {
    return (
      this.pos === this.lineStart &&
      this.text.startsWith(marker, this.pos) &&
      isBlankEnd(this.text.charCodeAt(this.pos + 3))
    )
  }

  protected atAnyMarker(): boolean {
    return this.atMarker('---') || this.atMarker('...')
  }

  protected blanks(): void {
    while (this.code() === 0x20 || this.code() === 0x09) this.pos += 1
  }

  /**
   * Skips blanks, comments and line breaks; says whether a line was ended. Between tokens a comment
   * needs no blank before it. Outside of brackets a tab is no indentation.
   */
  protected skip(flow = false): boolean {
    let crossed = false
    const { text } = this
    for (;;) {
      const code = text.charCodeAt(this.pos)
      if (code === 0x20) this.pos += 1
      else if (code === 0x09) this.tab(flow)
      else if (code === 0x0a) {
        this.pos += 1
        this.line += 1
        this.lineStart = this.pos
        crossed = true
      } else if (code === 0x23) {
        if (!flow) this.noteComment(this.pos)
        this.pos = this.lineEnd()
      } else return crossed
    }
  }

  private noteComment(at: number): void {
    this.notes?.comments.push({
      line: this.line,
      column: at - this.lineStart,
      text: this.text.slice(at, this.lineEnd()).trimEnd(),
      full: this.text.slice(this.lineStart, at).trim() === '',
    })
  }

  private tab(flow: boolean): void {
    const isIndentation = !flow && /^ *$/.test(this.text.slice(this.lineStart, this.pos))
    if (isIndentation) throw this.fail('found character that cannot start any token')
    this.pos += 1
  }

  protected plain(minColumn: number, flow: boolean): YamlNode {
    const node = this.stamp(yamlNode(SCALAR, '', ''))
    let value = this.plainLine(flow)
    while (this.code() === 0x0a) {
      const breaks = this.continuation(minColumn, flow)
      if (breaks === 0) break
      value += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
      value += this.plainLine(flow)
    }
    node.value = value
    node.tag = value === '<<' ? '!!merge' : resolveScalar(value).tag
    return node
  }

  /** The part of a plain scalar on this line, without the blanks at its end. */
  private plainLine(flow: boolean): string {
    const { text } = this
    const start = this.pos
    let end = start
    let at = start
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x0a || Number.isNaN(code)) break
      if (code === 0x20 || code === 0x09) {
        at += 1
        if (text.charCodeAt(at) === 0x23) break
        continue
      }
      if (code === 0x3a) {
        const next = text.charCodeAt(at + 1)
        if (isBlankEnd(next)) break
      } else if (flow && (isFlowMark(code) || code === 0x3f)) break
      at += 1
      end = at
    }
    this.pos = at >= text.length || text.charCodeAt(at) === 0x0a ? at : end
    return text.slice(start, end)
  }

  /** Goes to the next line of a plain scalar; answers the line breaks crossed, 0 at its end. */
  private continuation(minColumn: number, flow: boolean): number {
    const match = this.sticky(/(?:\n[ \t]*)+/y, this.pos)
    const at = this.pos + match.length
    const lineStart = this.pos + match.lastIndexOf('\n') + 1
    const code = this.text.charCodeAt(at)
    if (Number.isNaN(code) || code === 0x23) return 0
    if (!flow && at - lineStart < minColumn) return 0
    if (at === lineStart && /^(?:---|\.\.\.)(?:\s|$)/.test(this.text.slice(at, at + 4))) return 0
    if (flow && (isFlowMark(code) || code === 0x3f)) return 0
    if (flow && code === 0x3a && isBlankEnd(this.text.charCodeAt(at + 1))) return 0
    const breaks = match.split('\n').length - 1
    this.line += breaks
    this.lineStart = lineStart
    this.pos = at
    return breaks
  }

  protected singleQuoted(): YamlNode {
    const node = this.stamp(yamlNode(SCALAR, '!!str', '', SINGLE))
    this.pos += 1
    const start = this.pos
    let at = start
    for (;;) {
      at = this.text.indexOf("'", at)
      if (at < 0) throw this.unclosed()
      if (this.text.charCodeAt(at + 1) !== 0x27) break
      at += 2
    }
    const raw = this.text.slice(start, at)
    node.value = this.foldQuoted(raw.includes("''") ? raw.replaceAll("''", "'") : raw)
    this.advance(raw, at + 1)
    return node
  }

  protected doubleQuoted(): YamlNode {
    const node = this.stamp(yamlNode(SCALAR, '!!str', '', DOUBLE))
    const raw = this.sticky(/"(?:[^"\\]|\\[^])*"/y, this.pos)
    if (raw === '') throw this.unclosed()
    const inner = raw.slice(1, -1)
    node.value = inner.includes('\\') ? this.unescape(inner) : this.foldQuoted(inner)
    this.advance(raw, this.pos + raw.length)
    return node
  }

  private advance(raw: string, end: number): void {
    const last = raw.lastIndexOf('\n')
    if (last >= 0) {
      this.line += raw.split('\n').length - 1
      this.lineStart = end - raw.length + last + 1
      this.lineStart = this.text.lastIndexOf('\n', end - 1) + 1
    }
    this.pos = end
  }

  /** Folds the line breaks of a quoted scalar without escapes. */
  private foldQuoted(raw: string): string {
    if (!raw.includes('\n')) return raw
    if (/^(?:---|\.\.\.)(?:\s|$)/m.test(raw.slice(raw.indexOf('\n') + 1)))
      throw this.fail('found unexpected document indicator')
    return raw.replaceAll(/[ \t]*\n(?:[ \t]*\n)*[ \t]*/g, folded)
  }

  private unescape(inner: string): string {
    let out = ''
    let at = 0
    while (at < inner.length) {
      const slash = inner.indexOf('\\', at)
      if (slash < 0) return out + this.foldQuoted(inner.slice(at))
      out += this.foldTail(inner.slice(at, slash))
      const letter = inner[slash + 1] ?? ''
      const digits = hexDigits(letter)
      if (letter === '\n') {
        at = slash + 2 + (/^(?:[ \t]*\n)*[ \t]*/.exec(inner.slice(slash + 2))?.[0].length ?? 0)
        out += '\n'.repeat(inner.slice(slash + 2, at).split('\n').length - 1)
      } else if (digits === undefined) {
        const plain = escapeOf(letter)
        if (plain === undefined) throw this.fail('found unknown escape character')
        out += plain
        at = slash + 2
      } else {
        out += this.hex(inner.slice(slash + 2, slash + 2 + digits), digits)
        at = slash + 2 + digits
      }
    }
    return out
  }

  /** Folds a part that an escape follows: blanks before the escape stay. */
  private foldTail(part: string): string {
    return part.includes('\n') ? this.foldQuoted(part) : part
  }

  private hex(text: string, digits: number): string {
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text))
      throw this.fail('did not find expected hexdecimal number')
    const code = Number.parseInt(text, 16)
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
      throw this.fail('found invalid Unicode character escape code')
    return String.fromCodePoint(code)
  }

  /** A literal or folded block below a collection in column `parent`. */
  protected blockScalar(parent: number): YamlNode {
    const isLiteral = this.code() === 0x7c
    const node = this.stamp(yamlNode(SCALAR, '!!str', '', isLiteral ? LITERAL : FOLDED))
    const header = this.sticky(
      /[|>](?:[-+][1-9]?|[1-9][-+]?)?(?=[ \t]*(?:#[^\n]*)?(?:\n|$))/y,
      this.pos,
    )
    if (header === '') throw this.fail('did not find expected comment or line break')
    const digit = /[1-9]/.exec(header)?.[0]
    const hash = this.text.slice(this.pos, this.lineEnd()).indexOf('#')
    if (hash >= 0) this.noteComment(this.pos + hash)
    this.pos = this.lineEnd()
    this.breakLine()
    const indent =
      digit === undefined ? this.detectIndent(parent) : Math.max(parent, 0) + Number(digit)
    node.value = chomp(this.blockLines(indent, isLiteral), header)
    return node
  }

  private breakLine(): void {
    if (this.atEnd()) return
    this.pos += 1
    this.line += 1
    this.lineStart = this.pos
  }

  /** The indentation of a block: that of its first line with content, or of a longer blank one. */
  private detectIndent(parent: number): number {
    let at = this.pos
    let widest = 0
    for (;;) {
      const spaces = this.sticky(/ */y, at).length
      widest = Math.max(widest, spaces)
      const code = this.text.charCodeAt(at + spaces)
      if (code === 0x09) {
        this.pos = at + spaces
        throw this.fail('found a tab character where an indentation space is expected')
      }
      if (code !== 0x0a) return Math.max(widest, parent + 1, 1)
      at += spaces + 1
    }
  }

  private blockLines(indent: number, isLiteral: boolean): BlockText {
    const lines: string[] = []
    const margin = new RegExp(` {0,${indent}}`, 'y')
    while (!this.atEnd()) {
      const spaces = this.sticky(margin, this.pos).length
      const code = this.text.charCodeAt(this.pos + spaces)
      if (code === 0x0a) lines.push('')
      else if (spaces < indent || Number.isNaN(code)) break
      else lines.push(this.text.slice(this.pos + spaces, this.lineEnd()))
      this.pos = this.lineEnd()
      if (this.atEnd()) return { ...joinBlock(lines, isLiteral), open: true }
      this.breakLine()
    }
    return { ...joinBlock(lines, isLiteral), open: false }
  }
}

/** A block scalar before chomping: its text, the blank lines after it, and whether the file ended. */
interface BlockText {
  readonly text: string
  readonly tail: number
  readonly open: boolean
}

function folded(breaks: string): string {
  const count = breaks.split('\n').length - 1
  return count === 1 ? ' ' : '\n'.repeat(count - 1)
}

function joinBlock(lines: string[], isLiteral: boolean): { text: string; tail: number } {
  let tail = 0
  while (lines.at(-1) === '') {
    lines.pop()
    tail += 1
  }
  return { text: isLiteral ? lines.join('\n') : foldBlock(lines), tail }
}

function foldBlock(lines: readonly string[]): string {
  let out = ''
  let blanks = 0
  let previousMore = false
  let isFirst = true
  for (const line of lines) {
    if (line === '') {
      blanks += 1
      continue
    }
    const more = line.startsWith(' ') || line.startsWith('\t')
    if (isFirst) out += '\n'.repeat(blanks)
    else if (previousMore || more) out += '\n'.repeat(blanks + 1)
    else out += blanks === 0 ? ' ' : '\n'.repeat(blanks)
    out += line
    previousMore = more
    blanks = 0
    isFirst = false
  }
  return out
}

function chomp(block: BlockText, header: string): string {
  const { text, tail, open } = block
  const ended = open && tail === 0 ? '' : '\n'
  if (header.includes('-')) return text
  if (header.includes('+'))
    return text === '' ? '\n'.repeat(tail) : text + ended + '\n'.repeat(tail)
  return text === '' ? '' : text + ended
}
