import { Fault } from './fault.ts'

/** Codes of faults of JSON. */
export type JsonCode =
  /** A text is no JSON, or its values are of other types than they should be. */
  'JSON'

const DEPTH_MAX = 2000
const END = 'unexpected end of JSON input'
const SPACE = /[ \t\r\n]*/y
const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }
const NUMBER = /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?/y

/**
 * Parses JSON; a text that is none is told of in the words of Go's encoding/json, which never quote
 * more of it than one character. Where text may follow the value, as for a Decoder, it is left alone.
 * @throws Fault JSON
 * @see https://pkg.go.dev/encoding/json (Go 1.26)
 */
export function parseGoJson(text: string, how: { readonly mayGoOn?: boolean } = {}): unknown {
  const { mayGoOn = false } = how
  // Go looks at bytes.
  const scanner = new Scanner(Buffer.from(text).toString('latin1'))
  try {
    scanner.value(0)
    const end = scanner.at
    if (!mayGoOn) scanner.end()
    return JSON.parse(Buffer.from(scanner.text.slice(0, end), 'latin1').toString())
  } catch (error) {
    if (!(error instanceof CutOff)) throw error
    const isEmpty = /^[ \t\r\n]*$/.test(text)
    const end = error.where === undefined ? END : `invalid character ' ' ${error.where}`
    const cut = mayGoOn ? (isEmpty ? 'EOF' : 'unexpected EOF') : end
    throw new Fault<JsonCode>({ code: 'JSON', message: cut, cause: error })
  }
}

/** The text ended too early: in a string or between values, or where a space would be wrong too. */
class CutOff extends Error {
  readonly where: string | undefined

  constructor(where?: string) {
    super('the text ends')
    this.where = where
  }
}

const NAMED: Readonly<Record<string, string>> = {
  "'": "\\'",
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** A character, as Go quotes it. */
function quoted(char: string): string {
  const hex = char.charCodeAt(0).toString(16)
  if (NAMED[char] !== undefined) return NAMED[char]
  if (char < ' ' || char === '\x7f') return `\\x${hex.padStart(2, '0')}`
  return /[\x80-\xa0\xad]/.test(char) ? `\\u${hex.padStart(4, '0')}` : char
}

class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): void {
    if (depth > DEPTH_MAX)
      throw new Fault<JsonCode>({ code: 'JSON', message: 'exceeded max depth' })
    const first = this.#next()
    const literal = LITERALS[first]
    if (first === '{') this.#object(depth)
    else if (first === '[') this.#array(depth)
    else if (first === '"') this.#string()
    else if (literal !== undefined) this.#literal(literal)
    else if (/[-\d]/.test(first)) this.#number()
    else this.#refuse('looking for beginning of value')
  }

  end(): void {
    SPACE.lastIndex = this.at
    SPACE.test(this.text)
    this.at = SPACE.lastIndex
    if (this.at < this.text.length) this.#refuse('after top-level value')
  }

  /** The next character that is no space; it stays. */
  #next(): string {
    SPACE.lastIndex = this.at
    SPACE.test(this.text)
    this.at = SPACE.lastIndex
    return this.#here()
  }

  #here(where?: string): string {
    const char = this.text[this.at]
    if (char === undefined) throw new CutOff(where)
    return char
  }

  #refuse(where: string): never {
    const char = this.#here(where)
    const message = `invalid character '${quoted(char)}' ${where}`
    throw new Fault<JsonCode>({ code: 'JSON', message })
  }

  #object(depth: number): void {
    this.at += 1
    if (this.#next() === '}') {
      this.at += 1
      return
    }
    for (;;) {
      if (this.#next() !== '"') this.#refuse('looking for beginning of object key string')
      this.#string()
      if (this.#next() !== ':') this.#refuse('after object key')
      this.at += 1
      this.value(depth + 1)
      const next = this.#next()
      if (next !== ',' && next !== '}') this.#refuse('after object key:value pair')
      this.at += 1
      if (next === '}') return
    }
  }

  #array(depth: number): void {
    this.at += 1
    if (this.#next() === ']') {
      this.at += 1
      return
    }
    for (;;) {
      this.value(depth + 1)
      const next = this.#next()
      if (next !== ',' && next !== ']') this.#refuse('after array element')
      this.at += 1
      if (next === ']') return
    }
  }

  #string(): void {
    this.at += 1
    for (;;) {
      const char = this.#here()
      if (char < ' ') this.#refuse('in string literal')
      this.at += 1
      if (char === '"') return
      if (char === '\\') this.#escape()
    }
  }

  #escape(): void {
    const char = this.#here('in string escape code')
    if (!/[bfnrt\\/"u]/.test(char)) this.#refuse('in string escape code')
    this.at += 1
    for (let i = 0; char === 'u' && i < 4; i += 1) {
      const where = 'in \\u hexadecimal character escape'
      if (!/[0-9a-fA-F]/.test(this.#here(where))) this.#refuse(where)
      this.at += 1
    }
  }

  #literal(wanted: string): void {
    for (const letter of wanted) {
      const where = `in literal ${wanted} (expecting '${letter}')`
      if (this.#here(where) !== letter) this.#refuse(where)
      this.at += 1
    }
  }

  #number(): void {
    NUMBER.lastIndex = this.at
    const number = NUMBER.exec(this.text)?.[0] ?? ''
    this.at += number.length
    if (number === '-') this.#refuse('in numeric literal')
    if (number.endsWith('.')) this.#refuse('after decimal point in numeric literal')
    if (number.includes('.') && /^-?\./.test(number)) this.#refuse('in numeric literal')
    if (/[eE][+-]?$/.test(number)) this.#refuse('in exponent of numeric literal')
  }
}
