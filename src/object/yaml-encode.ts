import type { EntryComments, YamlComments } from './yaml-comments.ts'
import {
  ALIAS,
  DOUBLE,
  FLOW,
  FOLDED,
  LITERAL,
  MAPPING,
  NONE,
  QUOTED,
  SCALAR,
  SEQUENCE,
  SINGLE,
  TAGGED,
  type YamlNode,
} from './yaml-node.ts'
import { blockText, doubleQuoted, isPlain, isPrintable } from './yaml-print.ts'
import { resolveScalar } from './yaml-scalar.ts'
import { foldedLines } from './yaml-value.ts'

/**
 * Writes a node with the styles that it has, as kustomize writes documents between two steps: block
 * style with two spaces, lists at the column of their key, no folding; with the comments handed in.
 * @see go.yaml.in/yaml/v3 v3.0.3 encode.go node
 */
export function encodeYaml(node: YamlNode, comments: YamlComments = NO_COMMENTS): string {
  const page: Page = { comments, out: [], foot: -1 }
  if (isBlock(node)) block(page, node, { margin: '', first: '' })
  else page.out.push(`${inlineOf(node, { margin: '', flow: false })}\n`)
  const body = page.out.join('')
  return comments.tail.length === 0 ? body : `${body}\n${comments.tail.join('\n\n')}\n`
}

const NO_COMMENTS: YamlComments = { entries: new Map(), gap: false, tail: [] }

/** A document being written. */
interface Page {
  readonly comments: YamlComments
  readonly out: string[]
  /** Margin of a comment that was written below an entry just before; -1 for none. */
  foot: number
}

/** Where a block collection stands, and what stands before its first entry. */
interface Margins {
  readonly margin: string
  readonly first: string
}

function isBlock(node: YamlNode): boolean {
  if (node.kind !== MAPPING && node.kind !== SEQUENCE) return false
  return (node.style & FLOW) === 0 && node.content.length > 0
}

function block(page: Page, node: YamlNode, margins: Margins): void {
  if (node.kind === MAPPING) blockMap(page, node, margins)
  else blockList(page, node, margins)
}

function blockMap(page: Page, node: YamlNode, { margin, first }: Margins): void {
  let lead = first
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const keyNode = node.content[i] as YamlNode
    const own = begin(page, keyNode, margin, lead)
    const key = inlineOf(keyNode, { margin, flow: false, key: true })
    const value = node.content[i + 1] as YamlNode
    page.out.push(`${lead}${key}:`)
    if (!isBlock(value)) {
      const text = inlineOf(value, { margin, flow: false })
      page.out.push(withComment(text === '' ? '' : ` ${text}`, own, value), '\n')
    } else {
      const inner = value.kind === MAPPING ? `${margin}  ` : margin
      page.out.push(withComment(tagOf(value), own, value), '\n')
      block(page, value, { margin: inner, first: inner })
    }
    end(page, own, margin)
    lead = margin
  }
}

function blockList(page: Page, node: YamlNode, { margin, first }: Margins): void {
  let lead = first
  for (const item of node.content) {
    const own = begin(page, item, margin, lead)
    page.out.push(`${lead}-`)
    const inner = `${margin}  `
    if (!isBlock(item)) {
      const text = inlineOf(item, { margin, flow: false })
      page.out.push(withComment(text === '' ? '' : ` ${text}`, own, item), '\n')
    } else if (own === undefined || own.line === '') {
      page.out.push(' ')
      block(page, item, { margin: inner, first: '' })
    } else {
      page.out.push(` ${own.line}\n`)
      block(page, item, { margin: inner, first: inner })
    }
    end(page, own, margin)
    lead = margin
  }
}

/** What stands above an entry. */
function begin(
  page: Page,
  node: YamlNode,
  margin: string,
  lead: string,
): EntryComments | undefined {
  const own = page.comments.entries.get(node)
  const isFirst = page.out.length === 0
  if (page.foot === margin.length && lead === margin) page.out.push('\n')
  page.foot = -1
  const head = own?.head ?? []
  if (head.length > 0) page.out.push(head.map((text) => indented(text, margin)).join('\n'))
  if (isFirst && page.comments.gap) page.out.push('\n')
  return own
}

/** What stands below an entry. */
function end(page: Page, own: EntryComments | undefined, margin: string): void {
  if (own === undefined || own.foot.length === 0) return
  page.out.push(own.foot.map((text) => indented(text, margin)).join('\n'))
  page.foot = margin.length
}

function indented(text: string, margin: string): string {
  return `${text.replaceAll(/^/gm, margin)}\n`
}

/** A comment at the end of a line goes behind the head of a block. */
function withComment(text: string, own: EntryComments | undefined, value: YamlNode): string {
  if (own === undefined || own.line === '' || (own.inFlow && value.kind === SCALAR)) return text
  const end = text.indexOf('\n')
  return end < 0 ? `${text} ${own.line}` : `${text.slice(0, end)} ${own.line}${text.slice(end)}`
}

interface Where {
  readonly margin: string
  readonly flow: boolean
  readonly key?: boolean
}

function inlineOf(node: YamlNode, where: Where): string {
  switch (node.kind) {
    case SCALAR:
      return scalarOf(node, where)
    case MAPPING:
      return `${tagOf(node).trimStart()}${flowMap(node, where)}`
    case SEQUENCE:
      return `[${node.content.map((item) => inlineOf(item, { ...where, flow: true })).join(', ')}]`
    case ALIAS:
      return `*${node.value}`
    case NONE:
      return 'null'
    default:
      return ''
  }
}

function flowMap(node: YamlNode, where: Where): string {
  const pairs: string[] = []
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const key = inlineOf(node.content[i] as YamlNode, { ...where, flow: true, key: true })
    const value = inlineOf(node.content[i + 1] as YamlNode, { ...where, flow: true, key: false })
    pairs.push(value === '' ? `${key}:` : `${key}: ${value}`)
  }
  return `{${pairs.join(', ')}}`
}

function tagOf(node: YamlNode): string {
  const usual = node.kind === MAPPING ? '!!map' : '!!seq'
  return (node.style & TAGGED) === 0 && (node.tag === '' || node.tag === usual)
    ? ''
    : ` ${node.tag}`
}

function scalarOf(node: YamlNode, where: Where): string {
  const { value, style } = node
  const { tag, mustQuote } = scalarTag(node)
  if (tag !== '' && value === '' && !mustQuote && !where.flow && (style & QUOTED) === 0) return tag
  const prefix = tag === '' ? '' : `${tag} `
  const at = { indent: where.margin, column: Number.NEGATIVE_INFINITY }
  const isBlockStyle = (style & (LITERAL | FOLDED)) !== 0 || value.includes('\n')
  if (style & DOUBLE) return prefix + doubleQuoted(value, at)
  if (style & SINGLE) return prefix + singleQuoted(value, where)
  if (isBlockStyle && !where.flow && where.key !== true)
    return prefix + (blockOf(node, where.margin) ?? doubleQuoted(value, at))
  if (isBlockStyle || mustQuote) return prefix + doubleQuoted(value, at)
  return prefix + plainOf(value, where)
}

function blockOf({ value, style }: YamlNode, margin: string): string | undefined {
  const literal = blockText(value, margin)
  if (literal === undefined || (style & FOLDED) === 0 || !value.includes('\n')) {
    return literal?.replace(/^\|/, (style & FOLDED) === 0 ? '|' : '>')
  }
  const head = literal.slice(1, literal.indexOf('\n'))
  return `>${head}\n${foldedLines(value, `${margin}  `).replace(/\n$/, '')}`
}

function scalarTag(node: YamlNode): { tag: string; mustQuote: boolean } {
  const { tag, style, value } = node
  if (tag === '' || style & TAGGED) return { tag, mustQuote: false }
  if (tag === '!!str' && style & (SINGLE | DOUBLE | LITERAL | FOLDED))
    return { tag: '', mustQuote: false }
  if (resolveScalar(value).tag === tag) return { tag: '', mustQuote: false }
  return tag === '!!str' ? { tag: '', mustQuote: true } : { tag, mustQuote: false }
}

function plainOf(value: string, where: Where): string {
  if (value === '') return where.flow || where.key === true ? "''" : ''
  if (isPlain(value) && isPrintable(value) && !(where.flow && /[,?[\]{}:]/.test(value)))
    return value
  return singleQuoted(value, where)
}

function singleQuoted(value: string, where: Where): string {
  if (!isPrintable(value) || value.includes('\n'))
    return doubleQuoted(value, { indent: where.margin, column: Number.NEGATIVE_INFINITY })
  return `'${value.replaceAll("'", "''")}'`
}
