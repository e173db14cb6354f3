import { compareText } from '../base/index.ts'
import { goFloat } from './yaml-go-syntax.ts'
import { YamlError } from './yaml-node.ts'
import { resolveScalar11 } from './yaml-scalar.ts'
import type { YamlValue } from './yaml-value.ts'

/** How to print. */
export interface PrintOptions {
  /**
   * `sorted`: as Go's library sorts (numbers in keys by value, letters after the rest), at every
   * level; that is what kustomize and Flux print. `given`: as the value has them.
   */
  readonly keys: 'sorted' | 'given'
}

/**
 * Writes a value as `sigs.k8s.io/yaml` writes it: block style, two spaces, lists at the column of
 * their key, no folding, literal blocks for texts of more lines.
 * @see go.yaml.in/yaml/v2 v2.4.2 encode.go, emitterc.go
 */
export function printValue(value: YamlValue, options: PrintOptions): string {
  const out: string[] = []
  const printer = { out, sorted: options.keys === 'sorted' }
  if (Array.isArray(value) && value.length > 0) printList(printer, value, '')
  else if (isMap(value)) printMap(printer, value, '')
  else out.push(inline(value, { indent: '', column: 0 }), '\n')
  return out.join('')
}

interface Printer {
  readonly out: string[]
  readonly sorted: boolean
}

type YamlMap = { [key: string]: YamlValue }

function isMap(value: YamlValue | undefined): value is YamlMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  for (const _ in value) return true
  return false
}

function printMap(printer: Printer, map: YamlMap, indent: string, first = indent): void {
  let margin = first
  const keys = Object.keys(map)
  if (printer.sorted && keys.length > 1) keys.sort(compareKeys)
  for (const key of keys) {
    const value = map[key]
    if (value === undefined) continue
    const text = keyText(key, indent)
    printer.out.push(margin, text)
    if (text.startsWith('? ')) printAfterLongKey(printer, value, indent)
    else printAfterKey(printer, value, { indent, column: indent.length + text.length + 1 })
    margin = indent
  }
}

/** What follows the colon of a key of its own stands on its line, collections too. */
function printAfterLongKey(printer: Printer, value: YamlValue, indent: string): void {
  printer.out.push(' ')
  if (isMap(value)) printMap(printer, value, `${indent}  `, '')
  else if (Array.isArray(value) && value.length > 0) printList(printer, value, `${indent}  `, '')
  else printer.out.push(inline(value, { indent, column: indent.length + 2 }), '\n')
}

function printAfterKey(printer: Printer, value: YamlValue, at: Spot): void {
  const { indent } = at
  if (typeof value === 'string') printer.out.push(' ', stringText(value, at), '\n')
  else if (isMap(value)) {
    printer.out.push('\n')
    printMap(printer, value, `${indent}  `)
  } else if (Array.isArray(value) && value.length > 0) {
    printer.out.push('\n')
    printList(printer, value, indent)
  } else printer.out.push(' ', inline(value, at), '\n')
}

function printList(
  printer: Printer,
  list: readonly YamlValue[],
  indent: string,
  first = indent,
): void {
  let margin = first
  for (const item of list) {
    printer.out.push(margin, '- ')
    if (isMap(item)) printMap(printer, item, `${indent}  `, '')
    else if (Array.isArray(item) && item.length > 0) printList(printer, item, `${indent}  `, '')
    else printer.out.push(inline(item, { indent, column: indent.length + 2 }), '\n')
    margin = indent
  }
}

/** Where a scalar begins: the margin of the collection around it, and its own column. */
export interface Spot {
  readonly indent: string
  readonly column: number
}

/** A value that stands on the line of its key or dash. */
function inline(value: YamlValue, at: Spot): string {
  switch (typeof value) {
    case 'string':
      return stringText(value, at)
    case 'number':
      return numberText(value)
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? '[]' : '{}'
    default:
      return String(value)
  }
}

/** Numbers go through JSON first, where a float without fraction becomes a whole number. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return goFloat(value)
  const digits = BigInt(String(value))
  return digits < 2n ** 64n && digits >= -(2n ** 63n) ? String(digits) : goFloat(value)
}

function keyText(key: string, indent: string): string {
  if (SIMPLE.test(key) && !WORD.test(key) && key.length <= 128) return `${key}:`
  if (Buffer.byteLength(key) > 128 || /[\n\r\x85\u2028\u2029]/.test(key))
    return `? ${stringText(key, { indent, column: indent.length + 2 })}\n${indent}:`
  return `${stringText(key, UNFOLDED)}:`
}

/** Stands for a key: its text is never folded. */
const UNFOLDED: Spot = { indent: '', column: Number.NEGATIVE_INFINITY }

/** Column after which texts are folded at the next single space. */
const WIDTH = 80

/** Texts that need no quotes wherever they stand: the bulk of all manifests. */
const SIMPLE = /^[A-Za-z_/][\w./-]*$/
const WORD = /^(?:y|yes|n|no|on|off|true|false|null)$/i
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

function stringText(given: string, at: Spot): string {
  if (SIMPLE.test(given) && !WORD.test(given)) return given
  const text = given.includes('\x85') ? foldBreaks(given) : given
  if (CONTROL.test(text)) throw new YamlError('control characters are not allowed', 0, 0)
  if (text.includes('\n') && at !== UNFOLDED)
    return blockText(text, at.indent) ?? doubleQuoted(text, at)
  return quotedText(text, at) ?? doubleQuoted(text, at)
}

/** JSON leaves U+0085 as it is, and YAML then takes it for a line break between the quotes. */
function foldBreaks(text: string): string {
  return text.replaceAll(/ *\x85(?: *\x85)* */g, (breaks) => {
    const count = breaks.split('\x85').length - 1
    return count === 1 ? ' ' : '\n'.repeat(count - 1)
  })
}

/** A text on one line, plain where that is safe; undefined when only double quotes will do. */
function quotedText(text: string, at: Spot): string | undefined {
  if (text.includes('\n')) return undefined
  if (resolveScalar11(text).tag !== '!!str' || BASE60.test(text)) return undefined
  if (SPECIAL.test(text) || /[\u2028\u2029] | [\u2028\u2029]/.test(text)) return undefined
  if (/[\u2028\u2029]/.test(text)) return brokenQuotes(text, at.indent)
  if (isPlain(text)) return foldLine(text, at)
  const inner = text.replaceAll("'", "''")
  return `'${foldLine(inner, { indent: at.indent, column: at.column + 1 })}'`
}

/** Breaks a line at single spaces beyond the width, as the library does for what is not quoted twice. */
function foldLine(text: string, at: Spot): string {
  if (at.column + text.length <= WIDTH || !text.includes(' ')) return text
  let out = ''
  let lineStart = 0
  let column = at.column
  for (let i = text.indexOf(' '); i >= 0; i = text.indexOf(' ', i + 1)) {
    const isSingle = i > 0 && i < text.length - 1 && text[i - 1] !== ' ' && text[i + 1] !== ' '
    if (!isSingle || column + i - lineStart <= WIDTH) continue
    out += `${text.slice(lineStart, i)}\n${at.indent}  `
    lineStart = i + 1
    column = at.indent.length + 2
  }
  return out + text.slice(lineStart)
}

/** Characters that Go's library calls not printable: controls, and all beyond U+FFFF. */
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

/** Controls that get through JSON unescaped and that no YAML reader takes. */
const CONTROL = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/

/** Says whether all characters may stand as they are. */
export function isPrintable(text: string): boolean {
  return !SPECIAL.test(text)
}

const FIRST = /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \n]|$)|---|\.\.\.| )/

/** Says whether a text on one line needs no quotes for its characters. */
export function isPlain(text: string): boolean {
  return !(FIRST.test(text) || /:(?: |$)| #| $/.test(text))
}

/** Line and paragraph separators stay raw between single quotes. */
function brokenQuotes(text: string, indent: string): string {
  return `'${text.replaceAll("'", "''").replaceAll(/([\u2028\u2029]+)/g, `$1  ${indent}`)}'`
}

/** A text as a literal block; undefined where that can not hold it. */
export function blockText(text: string, indent: string): string | undefined {
  if (text === '' || SPECIAL.test(text) || / [\n\u2028\u2029]| $/.test(text)) return undefined
  const hint = text.startsWith(' ') || text.startsWith('\n') ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const margin = `${indent}  `
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  return `|${hint}${chomp}\n${body.replaceAll(/^(?=[^\n])/gm, margin)}`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

const ESCAPED = /[^\x20-\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu

/** After a byte order mark at its start the library escapes all of a text. */
const EVERY = /[^]/gu

/** A text in double quotes. */
export function doubleQuoted(text: string, at: Spot): string {
  const inner = text.replaceAll(text.startsWith('\ufeff') ? EVERY : ESCAPED, escaped)
  if (at.column + inner.length + 1 <= WIDTH || !inner.includes(' ')) return `"${inner}"`
  let out = '"'
  let column = at.column + 1
  for (let i = 0; i < inner.length; i += 1) {
    const isFree = inner[i] === ' ' && inner[i - 1] !== ' ' && i > 0 && i < inner.length - 1
    if (isFree && column > WIDTH) {
      out += `\n${at.indent}  ${inner[i + 1] === ' ' ? '\\' : ''}`
      column = at.indent.length + (inner[i + 1] === ' ' ? 3 : 2)
    } else {
      out += inner[i]
      column += 1
    }
  }
  return `${out}"`
}

function escaped(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/**
 * Orders keys as Go's YAML library does: digits by their value, letters after everything else.
 * @see go.yaml.in/yaml/v2 v2.4.2 sorter.go
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return compareAt({ a, b, i, x, y })
  }
  return a.length - b.length
}

interface Difference {
  readonly a: string
  readonly b: string
  readonly i: number
  readonly x: number
  readonly y: number
}

function compareAt({ a, b, i, x, y }: Difference): number {
  const isLetterX = isLetter(x)
  const isLetterY = isLetter(y)
  if (isLetterX && isLetterY)
    return x < 0x80 && y < 0x80 ? x - y : compareText(a.slice(i), b.slice(i))
  if (isLetterX || isLetterY) return isLetterY ? -1 : 1
  return compareDigits({ a, b, i, x, y })
}

function compareDigits({ a, b, i, x, y }: Difference): number {
  let start = 0n
  if (x === 0x30 || y === 0x30) {
    for (let j = i - 1; j >= 0 && isDigit(a.charCodeAt(j)); j -= 1)
      if (a.charCodeAt(j) !== 0x30) start = 1n
  }
  const left = digits(a, i, start)
  const right = digits(b, i, start)
  if (left.value !== right.value) return left.value < right.value ? -1 : 1
  if (left.end !== right.end) return left.end - right.end
  return x - y
}

function digits(text: string, from: number, start: bigint): { value: bigint; end: number } {
  let end = from
  while (isDigit(text.charCodeAt(end))) end += 1
  if (end === from) return { value: start, end }
  const run = text.slice(from, end)
  return { value: BigInt.asIntN(64, start * 10n ** BigInt(run.length) + BigInt(run)), end }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isLetter(code: number): boolean {
  if (code < 0x80) return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)
  return /\p{L}/u.test(String.fromCharCode(code))
}
