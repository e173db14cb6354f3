import {
  ALIAS,
  DOUBLE,
  FLOW,
  FOLDED,
  LITERAL,
  MAPPING,
  NONE,
  SCALAR,
  SEQUENCE,
  SINGLE,
  TAGGED,
  type YamlNode,
} from './yaml-node.ts'
import { blockText, doubleQuoted, isPlain, isPrintable } from './yaml-print.ts'
import { resolveScalar } from './yaml-scalar.ts'

/**
 * Writes a node with the styles that it has, as kustomize writes documents between two steps: block
 * style with two spaces, lists at the column of their key, no folding. Comments are not kept.
 * @see go.yaml.in/yaml/v3 v3.0.3 encode.go node
 */
export function encodeYaml(node: YamlNode): string {
  if (isBlock(node)) return blockOf(node, '', '')
  return `${inlineOf(node, { margin: '', flow: false })}\n`
}

function isBlock(node: YamlNode): boolean {
  if (node.kind !== MAPPING && node.kind !== SEQUENCE) return false
  return (node.style & FLOW) === 0 && node.content.length > 0
}

function blockOf(node: YamlNode, margin: string, first: string): string {
  return node.kind === MAPPING ? blockMap(node, margin, first) : blockList(node, margin, first)
}

function blockMap(node: YamlNode, margin: string, first: string): string {
  let out = ''
  let lead = first
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const key = inlineOf(node.content[i] as YamlNode, { margin, flow: false, key: true })
    const value = node.content[i + 1] as YamlNode
    out += `${lead}${key}:`
    if (!isBlock(value)) {
      const text = inlineOf(value, { margin, flow: false })
      out += text === '' ? '\n' : ` ${text}\n`
    } else {
      const inner = value.kind === MAPPING ? `${margin}  ` : margin
      out += `${tagOf(value)}\n${blockOf(value, inner, inner)}`
    }
    lead = margin
  }
  return out
}

function blockList(node: YamlNode, margin: string, first: string): string {
  let out = ''
  let lead = first
  for (const item of node.content) {
    out += `${lead}- `
    out += isBlock(item)
      ? blockOf(item, `${margin}  `, '')
      : `${inlineOf(item, { margin, flow: false })}\n`
    lead = margin
  }
  return out
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
  const prefix = tag === '' ? '' : `${tag} `
  const at = { indent: where.margin, column: Number.NEGATIVE_INFINITY }
  const isBlockStyle = (style & (LITERAL | FOLDED)) !== 0 || value.includes('\n')
  if (style & DOUBLE) return prefix + doubleQuoted(value, at)
  if (style & SINGLE) return prefix + singleQuoted(value, where)
  if (isBlockStyle && !where.flow && where.key !== true)
    return prefix + (blockText(value, where.margin) ?? doubleQuoted(value, at))
  if (isBlockStyle || mustQuote) return prefix + doubleQuoted(value, at)
  return prefix + plainOf(value, where)
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
