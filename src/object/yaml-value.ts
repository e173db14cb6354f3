import { setKey } from './json.ts'
import { goFloat, goSyntax } from './yaml-go-syntax.ts'
import {
  FLOW,
  FOLDED,
  LITERAL,
  MAPPING,
  NONE,
  QUOTED,
  SCALAR,
  SEQUENCE,
  TAGGED,
  YamlError,
  type YamlNode,
} from './yaml-node.ts'
import { parseYamlDocument } from './yaml-parse.ts'
import { type Resolved, resolveScalar, resolveScalar11, type ScalarValue } from './yaml-scalar.ts'

/** A plain value as YAML holds it: JSON, and whole numbers beyond 2^53 as bigints. */
export type YamlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | YamlValue[]
  | { [key: string]: YamlValue }

/** How to read nodes as values. */
export interface ValueRules {
  /** Version 1.1 of YAML, as `sigs.k8s.io/yaml` reads: `yes` is true; keys of any scalar type. */
  readonly lenient: boolean
  /** Accept repeated keys; the last one counts. */
  readonly repeatedKeys?: boolean
  /** Is told of repeated keys, each with its line; they are accepted then. */
  readonly onRepeat?: (key: string, line: number) => void
}

/**
 * The value of a node without aliases.
 * @throws YamlError for repeated keys, keys that are no strings, tags that do not fit, NaN
 */
export function yamlValue(node: YamlNode, rules: ValueRules): YamlValue {
  return valueIn(node, rules, AT_ROOT)
}

/** Where a node stands: keys of the root may be of any type, flow style quotes what has colons. */
const AT_ROOT = 1
const IN_FLOW = 2

function valueIn(node: YamlNode, rules: ValueRules, where: number): YamlValue {
  switch (node.kind) {
    case SCALAR:
      return jsonScalar(node, rules, where)
    case SEQUENCE: {
      const inside = (where | (node.style & FLOW ? IN_FLOW : 0)) & IN_FLOW
      const items: YamlValue[] = []
      for (const item of node.content) items.push(valueIn(item, rules, inside))
      return items
    }
    case MAPPING:
      return mapValue(node, rules, where | (node.style & FLOW ? IN_FLOW : 0))
    case NONE:
      return null
    default:
      throw new YamlError('cannot decode node with unknown kind', node.line, 1)
  }
}

function mapValue(node: YamlNode, rules: ValueRules, where: number): { [key: string]: YamlValue } {
  const result: { [key: string]: YamlValue } = {}
  const { content } = node
  for (let i = 0; i < content.length; i += 2) {
    const keyNode = content[i] as YamlNode
    const key =
      where & AT_ROOT && !rules.lenient
        ? rootKey(keyNode)
        : keyOf(keyNode, content[i + 1] as YamlNode, rules)
    if (rules.repeatedKeys !== true && Object.hasOwn(result, key)) {
      if (rules.onRepeat === undefined) throw repeated(content, keyNode, key)
      rules.onRepeat(key, keyNode.line)
    }
    setKey(result, key, valueIn(content[i + 1] as YamlNode, rules, where & IN_FLOW))
  }
  return result
}

function repeated(content: readonly YamlNode[], keyNode: YamlNode, key: string): YamlError {
  const first = content.find((other) => other.value === keyNode.value)?.line ?? 0
  const what = `mapping key ${JSON.stringify(key)} already defined at line ${first}`
  return new YamlError(`unmarshal errors: ${what}`, keyNode.line, 1)
}

/** The root is read into a map of strings: its keys are taken as written, null is refused. */
function rootKey(node: YamlNode): string {
  if (isEmptyKey(node)) return ''
  const isNull = node.kind === SCALAR && settleScalar(node, { lenient: false }).value === null
  if (node.kind !== SCALAR || isNull) throw new YamlError('invalid map key', node.line, 1)
  return node.value
}

/** A key of which nothing is written is quoted by Go's encoder, and so is the empty text. */
function isEmptyKey({ kind, value, style }: YamlNode): boolean {
  return kind === SCALAR && value === '' && (style & (TAGGED | QUOTED)) === 0
}

function keyOf(node: YamlNode, valueNode: YamlNode, rules: ValueRules): string {
  if (node.kind !== SCALAR) throw notAKey(node, rules)
  if (!rules.lenient && isEmptyKey(node)) return ''
  const { tag, value } = settleScalar(node, rules)
  if (tag === '!!str') return value as string
  if (!rules.lenient || value === null) {
    const error = new YamlError(`unsupported map key: ${node.value}`, node.line, 1)
    if (rules.lenient)
      error.older = `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${nilOr(yamlValue(valueNode, rules))}`
    throw error
  }
  return typeof value === 'number' && tag === '!!float' ? goFloat(value) : String(value)
}

/** `%#v` of nothing, where it is not in a list or a map. */
function nilOr(value: YamlValue): string {
  return value === null ? '<nil>' : goSyntax(value, true)
}

function notAKey(node: YamlNode, rules: ValueRules): YamlError {
  const words = `invalid map key: ${goSyntax(valueIn(node, rules, 0), rules.lenient)}`
  const error = new YamlError(words, node.line, 1)
  error.older = `yaml: ${words}`
  return error
}

function jsonScalar(node: YamlNode, rules: ValueRules, where: number): ScalarValue {
  const { tag, value } = settleScalar(node, rules)
  const isTagged = (node.style & TAGGED) !== 0
  if (value === null && where & IN_FLOW && !rules.lenient && !isTagged && node.value === '')
    return ''
  if (tag === '!!timestamp' && where & IN_FLOW && !rules.lenient && node.value.includes(':'))
    return node.value
  if (typeof value === 'number' && !Number.isFinite(value)) throw endless(node, value)
  return value
}

function endless(node: YamlNode, value: number): YamlError {
  const error = new YamlError(`json: unsupported value: ${node.value}`, node.line, 1)
  const word = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  error.older = `json: unsupported value: ${word}`
  return error
}

/**
 * What a scalar is when it is written out and read again: Go's encoder quotes what is tagged as a
 * string and does not look like one, keeps tags that do not follow from the text, and its decoder
 * then takes both at their word.
 * @throws YamlError when tag and text do not fit
 * @see go.yaml.in/yaml/v3 v3.0.3 encode.go node, resolve.go resolve
 */
export function settleScalar(node: YamlNode, rules: ValueRules): Resolved {
  const { value } = node
  const resolve = rules.lenient ? resolveScalar11 : resolveScalar
  const isTagged = (node.style & TAGGED) !== 0
  const isQuoted = (node.style & QUOTED) !== 0
  if (!isTagged) {
    if (isQuoted && (node.tag === '!!str' || node.tag === ''))
      return { tag: '!!str', value: rules.lenient ? value : blockSafe(node) }
    if (rules.lenient && !isQuoted) return timeless(resolve(value), value)
    if (node.tag === '!!str') return { tag: '!!str', value: blockSafe(node) }
    const plain = isQuoted ? undefined : resolve(value)
    if (plain !== undefined && (node.tag === '' || plain.tag === node.tag))
      return needsQuotes(value) ? { tag: '!!str', value } : plain
    if (isQuoted && resolve(value).tag === node.tag) return { tag: '!!str', value }
  }
  const resolved = underTag(node, resolve(value))
  return rules.lenient ? timeless(resolved, value) : resolved
}

/** Version 2 of Go's library leaves a timestamp as it was written. */
function timeless(resolved: Resolved, text: string): Resolved {
  return resolved.tag === '!!timestamp' ? { tag: '!!str', value: text } : resolved
}

/** A text of more lines as it is after it was written in a block and read again. */
function blockSafe(node: YamlNode): string {
  const { style, value } = node
  const isBlock = (style & (LITERAL | FOLDED)) !== 0 || (style === 0 && value.includes('\n'))
  if (!isBlock) return value
  if (value.startsWith('\t') && mayBeBlock(value))
    throw new YamlError(
      'found a tab character where an indentation space is expected',
      node.line,
      1,
    )
  return (style & FOLDED) === 0 ? value : refold(value)
}

/** Says whether Go's encoder writes a text as a block where it was one. */
function mayBeBlock(value: string): boolean {
  return (
    !/ (?:\n|$)/.test(value) && !/[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(value)
  )
}

/**
 * A folded block does not survive Go's encoder as it is: that writes a second break before lines
 * with more indentation, and after the end.
 * @see go.yaml.in/yaml/v3 v3.0.3 emitterc.go yaml_emitter_write_folded_scalar
 */
function refold(value: string): string {
  if (!/\n[^]/.test(value)) return value
  if (
    / (?:\n|$)/.test(value) ||
    /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(value)
  )
    return value
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : ''
  const body = foldedLines(value, '  ')
  return (
    parseYamlDocument(`>${hint}${chomp}\n${body}${value.endsWith('\n') ? '' : '\n'}`)?.value ??
    value
  )
}

/** The lines of a folded block as Go's encoder writes them. */
export function foldedLines(value: string, margin: string): string {
  const doubles = !/^\n*(?:[ \t]|$)/.test(value)
  let body = ''
  let afterBreak = true
  let isIndented = true
  for (const character of value) {
    if (character === '\n') {
      if (!afterBreak && !isIndented && doubles) body += '\n'
      body += '\n'
      afterBreak = true
    } else {
      if (afterBreak) isIndented = character === ' ' || character === '\t'
      body += afterBreak ? `${margin}${character}` : character
      afterBreak = false
    }
  }
  return body
}

/** Texts with line breaks or blanks at the ends never come out plain. */
function needsQuotes(value: string): boolean {
  return value !== '' && (value.includes('\n') || /^\s|\s$/.test(value))
}

function underTag(node: YamlNode, resolved: Resolved): Resolved {
  const { tag, value } = node
  if (tag === '!!binary') return { tag: '!!str', value: binaryText(node) }
  if (!TYPED.has(tag) || tag === '!!str') return { tag: '!!str', value }
  if (resolved.tag === tag) return resolved
  const { value: whole } = resolved
  const isTooLarge = typeof whole === 'bigint' && whole >= 2n ** 63n
  if (tag === '!!float' && resolved.tag === '!!int' && !isTooLarge)
    return { tag, value: Number(whole) }
  throw new YamlError(`cannot decode ${resolved.tag} \`${value}\` as a ${tag}`, node.line, 1, 0)
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function binaryText(node: YamlNode): string {
  const text = node.value.replaceAll(/[\r\n]/g, '')
  if (!BASE64.test(text))
    throw new YamlError('!!binary value contains invalid base64 data', node.line, 1, 0)
  return Buffer.from(text, 'base64').toString()
}

const TYPED = new Set(['!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'])
