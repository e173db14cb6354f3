import { tooDeepAt } from './parse-json.ts'

/**
 * What Go's reader of JSON says of a text that is none; empty when it is.
 * @see encoding/json scanner.go (Go 1.26)
 */
export function jsonProblem(text: string): string {
  // Looked for without going down so far.
  const deep = tooDeepAt(text)
  if (deep !== undefined) return `invalid character '${text[deep]}' exceeded max depth`
  const scan: Scan = { text, at: 0 }
  try {
    value(scan)
    space(scan)
    if (scan.at < text.length) unexpected(scan, 'after top-level value')
    return ''
  } catch (error) {
    if (error instanceof JsonSyntax) return error.message
    throw error
  }
}

class JsonSyntax extends Error {}

interface Scan {
  readonly text: string
  at: number
}

/** Go reads bytes: of a letter that takes several it shows the first. */
function shown(text: string, at: number): string {
  const [first = 0] = Buffer.from(String.fromCodePoint(text.codePointAt(at) ?? 0))
  const char = String.fromCharCode(first)
  if (char === "'") return "'\\''"
  if (char === '"') return "'\"'"
  if (first === 0x7f || (first < 0x20 && !'\b\f\n\r\t\v\x07'.includes(char)))
    return `'\\x${first.toString(16).padStart(2, '0')}'`
  const escapes: Readonly<Record<string, string>> = {
    '\x07': '\\a',
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
  }
  if (first >= 0x80 && first < 0xa0) return `'\\u00${first.toString(16)}'`
  return `'${escapes[char] ?? char}'`
}

function unexpected({ text, at }: Scan, where: string): never {
  if (at >= text.length) throw new JsonSyntax('unexpected end of JSON input')
  throw new JsonSyntax(`invalid character ${shown(text, at)} ${where}`)
}

function space(scan: Scan): void {
  while (' \t\r\n'.includes(scan.text[scan.at] ?? 'x')) scan.at += 1
}

function value(scan: Scan): void {
  space(scan)
  const char = scan.text[scan.at]
  if (char === '{' || char === '[') {
    scan.at += 1
    if (char === '{') object(scan)
    else list(scan)
  } else if (char === '"') string(scan)
  else if (char === '-' || isDigit(char)) number(scan)
  else if (char === 't') literal(scan, 'true')
  else if (char === 'f') literal(scan, 'false')
  else if (char === 'n') literal(scan, 'null')
  else unexpected(scan, 'looking for beginning of value')
}

function object(scan: Scan): void {
  space(scan)
  if (scan.text[scan.at] === '}') {
    scan.at += 1
    return
  }
  for (;;) {
    space(scan)
    if (scan.text[scan.at] !== '"') unexpected(scan, 'looking for beginning of object key string')
    string(scan)
    space(scan)
    if (scan.text[scan.at] !== ':') unexpected(scan, 'after object key')
    scan.at += 1
    value(scan)
    space(scan)
    const char = scan.text[scan.at]
    if (char !== ',' && char !== '}') unexpected(scan, 'after object key:value pair')
    scan.at += 1
    if (char === '}') return
  }
}

function list(scan: Scan): void {
  space(scan)
  if (scan.text[scan.at] === ']') {
    scan.at += 1
    return
  }
  for (;;) {
    value(scan)
    space(scan)
    const char = scan.text[scan.at]
    if (char !== ',' && char !== ']') unexpected(scan, 'after array element')
    scan.at += 1
    if (char === ']') return
  }
}

function string(scan: Scan): void {
  scan.at += 1
  for (;;) {
    const char = scan.text[scan.at]
    if (char === undefined || char < ' ') unexpected(scan, 'in string literal')
    scan.at += 1
    if (char === '"') return
    if (char !== '\\') continue
    const next = scan.text[scan.at]
    if (next === undefined || !'bfnrt\\/"u'.includes(next))
      unexpected(scan, 'in string escape code')
    scan.at += 1
    if (next !== 'u') continue
    for (let i = 0; i < 4; i += 1, scan.at += 1)
      if (!/[0-9a-fA-F]/.test(scan.text[scan.at] ?? ''))
        unexpected(scan, 'in \\u hexadecimal character escape')
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

function number(scan: Scan): void {
  if (scan.text[scan.at] === '-') scan.at += 1
  if (!isDigit(scan.text[scan.at])) unexpected(scan, 'in numeric literal')
  if (scan.text[scan.at] === '0') scan.at += 1
  else digits(scan)
  if (scan.text[scan.at] === '.') {
    scan.at += 1
    if (!isDigit(scan.text[scan.at])) unexpected(scan, 'after decimal point in numeric literal')
    digits(scan)
  }
  const char = scan.text[scan.at]
  if (char !== 'e' && char !== 'E') return
  scan.at += 1
  if ('+-'.includes(scan.text[scan.at] ?? 'x')) scan.at += 1
  if (!isDigit(scan.text[scan.at])) unexpected(scan, 'in exponent of numeric literal')
  digits(scan)
}

function digits(scan: Scan): void {
  while (isDigit(scan.text[scan.at])) scan.at += 1
}

function literal(scan: Scan, word: string): void {
  for (const char of word) {
    if (scan.text[scan.at] !== char) unexpected(scan, `in literal ${word} (expecting '${char}')`)
    scan.at += 1
  }
}
