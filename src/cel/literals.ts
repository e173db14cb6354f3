import { type Expr, makeExpr } from './expr.ts'
import type { Token } from './tokens.ts'
import { Uint } from './values.ts'

const MAX_INT = 2n ** 63n - 1n
const MAX_UINT = 2n ** 64n - 1n

/**
 * The value of a literal, as an expression at a place; a text: what is wrong with it.
 * @see google/cel-go v0.26.0 parser/parser.go VisitInt and its like, unescape.go
 */
export function literalExpr(token: Token, at: number, isNegative = false): Expr | string {
  const text = isNegative ? `-${token.text}` : token.text
  switch (token.kind) {
    case 'NUM_INT': {
      const value = BigInt(token.text) * (isNegative ? -1n : 1n)
      if (value > MAX_INT || value < -MAX_INT - 1n) return 'invalid int literal'
      return makeExpr(at, { kind: 'literal', value, literal: 'int' })
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1))
      if (value > MAX_UINT) return 'invalid uint literal'
      return makeExpr(at, { kind: 'literal', value: new Uint(value), literal: 'uint' })
    }
    case 'NUM_FLOAT': {
      const value = Number(text)
      if (!Number.isFinite(value)) return 'invalid double literal'
      return makeExpr(at, { kind: 'literal', value, literal: 'double' })
    }
    case 'STRING': {
      const value = unescaped(token.text)
      return makeExpr(at, { kind: 'literal', value: value.toString('utf8'), literal: 'string' })
    }
    case 'BYTES': {
      const value = new Uint8Array(unescaped(token.text.slice(1), true))
      return makeExpr(at, { kind: 'literal', value, literal: 'bytes' })
    }
    case "'null'":
      return makeExpr(at, { kind: 'literal', value: null, literal: 'null' })
    default:
      return makeExpr(at, { kind: 'literal', value: token.text === 'true', literal: 'bool' })
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

const ESCAPE =
  /\\(?:[xX]([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-3][0-7]{2})|([\s\S]))|[^\\]+/g

function unescaped(text: string, isBytes = false): Buffer {
  const isRaw = /^[rR]/.test(text)
  const quoted = (isRaw ? text.slice(1) : text).replaceAll(/\r\n?/g, '\n')
  const open = /^("""|'''|"|')/.exec(quoted)?.[0] ?? '"'
  const inner = quoted.slice(open.length, -open.length)
  if (isRaw) return Buffer.from(inner)
  const parts: Buffer[] = []
  for (const [whole, hex, short, long, octal, letter] of inner.matchAll(ESCAPE)) {
    const code = hex ?? short ?? long
    const number = octal === undefined ? Number.parseInt(code ?? '', 16) : Number.parseInt(octal, 8)
    if (letter !== undefined) parts.push(Buffer.from(SIMPLE[letter] ?? letter))
    else if (Number.isNaN(number)) parts.push(Buffer.from(whole))
    else if (isBytes && (hex ?? octal) !== undefined) parts.push(Buffer.from([number]))
    else parts.push(Buffer.from(number > 0x10ffff ? '\ufffd' : String.fromCodePoint(number)))
  }
  return Buffer.concat(parts)
}
