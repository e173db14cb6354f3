import { type Expr, makeExpr } from './expr.ts'
import { KINDS, type Problem, type Token } from './tokens.ts'

/** A rule of the grammar was left. */
export class Mismatch extends Error {
  readonly token: Token
  readonly words: string

  constructor(token: Token, words: string) {
    super(words)
    this.token = token
    this.words = words
  }
}

const CLOSING = new Set(["')'", "']'", "'}'", "':'", '<EOF>'])

/** What stands where nothing could be read. */
export const BAD: Expr = makeExpr(0, { kind: 'literal', value: null, literal: 'error' })

/**
 * Reads tokens by rules, and goes on after faults.
 * @see antlr4-go error_strategy.go
 */
export class Reader {
  readonly problems: Problem[]
  readonly #tokens: readonly Token[]
  #next = 0
  #recovering = false
  /** Where reading went on after a fault; there it takes a token at least. */
  #lastFault = -1
  /** What may follow the rules that are being read. */
  readonly #follow: (readonly string[])[] = []

  constructor(tokens: readonly Token[], problems: readonly Problem[]) {
    this.#tokens = tokens
    this.problems = [...problems]
  }

  get token(): Token {
    return this.#tokens[this.#next] ?? { kind: '<EOF>', text: '<EOF>', at: 0 }
  }

  get second(): Token {
    return this.#tokens[this.#next + 1] ?? this.token
  }

  take(): Token {
    const token = this.token
    this.#recovering = false
    if (token.kind !== '<EOF>') this.#next += 1
    return token
  }

  say(at: number, words: string): void {
    this.problems.push({ at, words })
  }

  /** The token so many further on. */
  ahead(count: number): Token | undefined {
    return this.#tokens[this.#next + count]
  }

  /** Passes tokens over. */
  skip(count: number): void {
    this.#next += count
  }

  /** What may follow the rules that are being read. */
  following(): string[] {
    const found: string[] = []
    for (const level of this.#follow.toReversed()) {
      found.push(...level)
      // What has to be closed ends what may come.
      if (level.some((kind) => CLOSING.has(kind))) break
    }
    return found
  }

  /** A fault of the text; one after the other before a token fits is not told. */
  #report(token: Token, words: string): void {
    if (this.#recovering) return
    this.#recovering = true
    this.say(token.at, `Syntax error: ${words}`)
  }

  /** Reads by a rule; where that fails, goes on at what may follow it. */
  rule(follow: readonly string[], read: () => Expr): Expr {
    this.#follow.push(follow)
    try {
      return read()
    } catch (error) {
      this.failed(error)
      return BAD
    } finally {
      this.#follow.pop()
    }
  }

  failed(error: unknown): void {
    if (!(error instanceof Mismatch)) throw error
    this.#report(error.token, error.words)
    if (this.#lastFault === this.#next && this.token.kind !== '<EOF>') this.#next += 1
    this.#lastFault = this.#next
    const known = new Set(this.#follow.flat())
    while (this.token.kind !== '<EOF>' && !known.has(this.token.kind)) this.#next += 1
  }

  /** Before a choice: what comes must be among what may; one token too many is passed over. */
  sync(allowed: readonly string[]): void {
    if (this.#recovering || allowed.includes(this.token.kind)) return
    if (this.#dropped(allowed)) return
    throw new Mismatch(
      this.token,
      `mismatched input '${this.token.text}' expecting ${wordsOf(allowed)}`,
    )
  }

  /** After signs: what comes must be something that has one. */
  unwanted(sign: Token, allowed: readonly string[]): never {
    const { token } = this
    const expecting = `input '${token.text}' expecting ${wordsOf(allowed)}`
    if (sign.kind === "'-'" && !this.#recovering) {
      const text = token.kind === '<EOF>' ? sign.text : `${sign.text}${this.between(sign, token)}`
      this.say(token.at, `Syntax error: no viable alternative at input '${text}'`)
      this.#report(token, `mismatched ${expecting}`)
    } else this.#report(token, `extraneous ${expecting}`)
    throw new Mismatch(token, '')
  }

  #dropped(allowed: readonly string[]): boolean {
    if (!allowed.includes(this.second.kind) || this.token.kind === '<EOF>') return false
    this.#report(this.token, `extraneous input '${this.token.text}' expecting ${wordsOf(allowed)}`)
    this.#next += 1
    this.#recovering = false
    return true
  }

  /** Takes a token of a kind; `then` is what may come after it. */
  match(kind: string, then: readonly string[]): Token {
    if (this.token.kind === kind) return this.take()
    if (this.#dropped([kind])) return this.take()
    if (then.includes(this.token.kind)) {
      this.#report(this.token, `missing ${kind} at '${this.token.text}'`)
      return { kind, text: '', at: this.token.at }
    }
    throw new Mismatch(this.token, `mismatched input '${this.token.text}' expecting ${kind}`)
  }

  between(from: Token, to: Token): string {
    const gap = to.at - from.at - Array.from(from.text).length
    return `${' '.repeat(Math.max(0, gap))}${to.text}`
  }
}

function wordsOf(kinds: readonly string[]): string {
  const sorted = [...kinds].sort((a, b) => KINDS.indexOf(a) - KINDS.indexOf(b))
  return sorted.length === 1 ? (sorted[0] ?? '') : `{${sorted.join(', ')}}`
}
