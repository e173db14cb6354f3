import type { Dialect } from './dialect.ts'
import { callOf, type Expr, identOf, makeExpr, type StructField } from './expr.ts'
import { MEMBER, NUMBERS, PRODUCTS, RELATIONS, RESERVED, START, SUMS } from './grammar.ts'
import { literalExpr } from './literals.ts'
import { expanded } from './macros.ts'
import { BAD, Mismatch, Reader } from './reader.ts'
import { type Problem, tokensOf } from './tokens.ts'

/** What an expression says, or what is wrong with its text. */
export interface Parsed {
  readonly root: Expr | undefined
  readonly problems: readonly Problem[]
}

/**
 * Reads an expression, with the faults that the parser of the real one finds.
 * @see google/cel-go v0.26.0 parser/parser.go; antlr4-go error_strategy.go
 */
export function parseExpression(text: string, { hasPairs }: Dialect): Parsed {
  const { tokens, problems } = tokensOf(text)
  const reader = new Reader(tokens, problems)
  const root = read(reader, hasPairs)
  const sorted = reader.problems.toSorted((a, b) => a.at - b.at)
  return { root: sorted.length > 0 ? undefined : root, problems: sorted }
}

/** How deep expressions may nest. */
const MOST_DEPTH = 250

class TooDeep extends Error {}

function read(reader: Reader, hasPairs: boolean): Expr {
  try {
    return new Parser(reader, hasPairs).start()
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    reader.say(-1, `expression recursion limit exceeded: ${MOST_DEPTH}`)
    return BAD
  }
}

class Parser {
  readonly #in: Reader
  readonly #hasPairs: boolean
  #depth = 0

  constructor(reader: Reader, hasPairs: boolean) {
    this.#in = reader
    this.#hasPairs = hasPairs
  }

  start(): Expr {
    const root = this.#in.rule(['<EOF>'], () => this.#expr())
    try {
      this.#in.match('<EOF>', [])
    } catch (error) {
      this.#in.failed(error)
    }
    return root
  }

  #expr(): Expr {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) throw new TooDeep()
    const found = this.#conditional()
    this.#depth -= 1
    return found
  }

  #conditional(): Expr {
    const condition = this.#in.rule(["'?'"], () => this.#or())
    if (this.#in.token.kind !== "'?'") return condition
    const mark = this.#in.take()
    const yes = this.#in.rule(["':'"], () => this.#or())
    this.#in.match("':'", START)
    const no = this.#in.rule([], () => this.#expr())
    return callOf(mark.at, '_?_:_', [condition, yes, no])
  }

  #or(): Expr {
    return this.#chain("'||'", '_||_', () => this.#and())
  }

  #and(): Expr {
    return this.#chain("'&&'", '_&&_', () => this.#relation())
  }

  /** Chains become trees that are as low as can be. @see google/cel-go parser/helper.go balancer */
  #chain(kind: string, name: string, read: () => Expr): Expr {
    const terms = [this.#in.rule([kind], read)]
    const marks: number[] = []
    while (this.#in.token.kind === kind) {
      marks.push(this.#in.take().at)
      terms.push(this.#in.rule([kind], read))
    }
    const tree = (low: number, high: number): Expr => {
      if (low === high) return terms[low] ?? BAD
      const middle = (low + high) >> 1
      return callOf(marks[middle] ?? 0, name, [tree(low, middle), tree(middle + 1, high)])
    }
    return tree(0, terms.length - 1)
  }

  #relation(): Expr {
    return this.#binary(RELATIONS, () => this.#sum())
  }

  #sum(): Expr {
    return this.#binary(SUMS, () => this.#binary(PRODUCTS, () => this.#unary()))
  }

  #binary(kinds: readonly string[], read: () => Expr): Expr {
    let left = this.#in.rule(kinds, read)
    while (kinds.includes(this.#in.token.kind)) {
      const mark = this.#in.take()
      const name = mark.text === 'in' ? '@in' : `_${mark.text}_`
      left = callOf(mark.at, name, [left, this.#in.rule(kinds, read)])
    }
    return left
  }

  #unary(): Expr {
    this.#in.sync(START)
    const first = this.#in.token
    if (first.kind === "'!'" || (first.kind === "'-'" && !NUMBERS.includes(this.#in.second.kind))) {
      let count = 0
      while (this.#in.token.kind === first.kind) {
        this.#in.take()
        count += 1
      }
      if (!MEMBER.includes(this.#in.token.kind)) this.#in.unwanted(first, START)
      const operand = this.#in.rule([], () => this.#member())
      if (count % 2 === 0) return operand
      return callOf(first.at, first.kind === "'!'" ? '!_' : '-_', [operand])
    }
    return this.#member()
  }

  #member(): Expr {
    let value = this.#in.rule(["'.'", "'['"], () => this.#primary())
    for (;;) {
      if (this.#in.token.kind === "'.'") value = this.#selected(value)
      else if (this.#in.token.kind === "'['") value = this.#indexed(value)
      else return value
    }
  }

  #indexed(value: Expr): Expr {
    const mark = this.#in.take()
    this.#in.sync([...START, "'?'"])
    const isOptional = this.#in.token.kind === "'?'"
    if (isOptional) this.#in.take()
    const index = this.#in.rule(["']'"], () => this.#expr())
    this.#in.match("']'", this.#after())
    return callOf(mark.at, isOptional ? '_[?_]' : '_[_]', [value, index])
  }

  /** What may come after a member. */
  #after(): string[] {
    return [...this.#in.following(), "'.'", "'['"]
  }

  #selected(value: Expr): Expr {
    const mark = this.#in.token
    const next = this.#in.second
    if (next.kind !== 'IDENTIFIER' && next.kind !== 'ESC_IDENTIFIER' && next.kind !== "'?'") {
      this.#in.skip(1)
      const text = next.kind === '<EOF>' ? mark.text : `${mark.text}${this.#in.between(mark, next)}`
      throw new Mismatch(this.#in.token, `no viable alternative at input '${text}'`)
    }
    this.#in.take()
    const isOptional = this.#in.token.kind === "'?'"
    if (isOptional) this.#in.take()
    const name = this.#fieldName()
    if (name === undefined) {
      this.#in.say(this.#in.token.at, 'unsupported ident kind')
      return value
    }
    if (this.#in.token.kind === "'('" && !isOptional) return this.#memberCall(value, name)
    const how = isOptional ? 'optional' : 'value'
    return makeExpr(mark.at, { kind: 'select', operand: value, field: name, how })
  }

  #fieldName(): string | undefined {
    const token = this.#in.token
    if (token.kind === 'IDENTIFIER') return this.#in.take().text
    if (token.kind === 'ESC_IDENTIFIER') {
      this.#in.take()
      this.#in.say(token.at, "unsupported syntax: '`'")
      return token.text.slice(1, -1)
    }
    this.#in.failed(
      new Mismatch(
        token,
        `mismatched input '${token.text}' expecting {IDENTIFIER, ESC_IDENTIFIER}`,
      ),
    )
    return undefined
  }

  #memberCall(target: Expr, name: string): Expr {
    const mark = this.#in.take()
    const args = this.#args()
    return this.#called({ at: mark.at, name, target, args })
  }

  #called(call: Parameters<typeof expanded>[0]): Expr {
    const macro = expanded(call, this.#hasPairs)
    if (macro === undefined) return callOf(call.at, call.name, call.args, call.target)
    if ('words' in macro) {
      this.#in.say(macro.at, macro.words)
      return BAD
    }
    return macro
  }

  #args(): Expr[] {
    this.#in.sync([...START, "')'"])
    const args: Expr[] = []
    if (this.#in.token.kind !== "')'")
      do args.push(this.#in.rule(["','", "')'"], () => this.#expr()))
      while (this.#in.token.kind === "','" && this.#in.take() !== undefined)
    this.#in.match("')'", this.#after())
    return args
  }

  #primary(): Expr {
    this.#in.sync(MEMBER)
    const token = this.#in.token
    switch (token.kind) {
      case "'('": {
        this.#in.take()
        const inner = this.#in.rule(["')'"], () => this.#expr())
        this.#in.match("')'", this.#after())
        return inner
      }
      case "'['":
        return this.#list()
      case "'{'":
        return this.#map()
      case "'.'":
      case 'IDENTIFIER':
        return this.#name()
      case "'-'":
        if (!NUMBERS.includes(this.#in.second.kind)) {
          this.#in.skip(1)
          const text = `${token.text}${this.#in.between(token, this.#in.token)}`
          throw new Mismatch(
            this.#in.token,
            `no viable alternative at input '${this.#in.token.kind === '<EOF>' ? token.text : text}'`,
          )
        }
        this.#in.take()
        return this.#literal(token.at, true)
      default:
        return this.#literal(token.at, false)
    }
  }

  #literal(at: number, isNegative: boolean): Expr {
    const made = literalExpr(this.#in.take(), at, isNegative)
    if (typeof made !== 'string') return made
    this.#in.say(at, made)
    return BAD
  }

  #name(): Expr {
    const first = this.#in.token
    const isRooted = first.kind === "'.'"
    if (isRooted && this.#in.second.kind !== 'IDENTIFIER') {
      this.#in.skip(1)
      const text =
        this.#in.token.kind === '<EOF>'
          ? '.'
          : `${first.text}${this.#in.between(first, this.#in.token)}`
      throw new Mismatch(this.#in.token, `no viable alternative at input '${text}'`)
    }
    if (isRooted) this.#in.take()
    const struct = this.#structName()
    if (struct !== undefined) return this.#struct(isRooted ? `.${struct}` : struct)
    const token = this.#in.take()
    if (this.#in.token.kind === "'('") {
      const mark = this.#in.take()
      const args = this.#args()
      const name = isRooted ? `.${token.text}` : token.text
      return this.#called({ at: mark.at, name, target: undefined, args })
    }
    if (RESERVED.has(token.text)) {
      this.#in.say(token.at, `reserved identifier: ${token.text}`)
      return BAD
    }
    return identOf(token.at, isRooted ? `.${token.text}` : token.text)
  }

  /** The name before `{`, where a message is written out. */
  #structName(): string | undefined {
    let i = 0
    const names: string[] = []
    for (;;) {
      const token = this.#in.ahead(i)
      if (token?.kind !== 'IDENTIFIER') return undefined
      names.push(token.text)
      const after = this.#in.ahead(i + 1)
      if (after?.kind === "'{'") {
        this.#in.skip(i + 1)
        return names.join('.')
      }
      if (after?.kind !== "'.'") return undefined
      i += 2
    }
  }

  #struct(name: string): Expr {
    const mark = this.#in.take()
    const fields: StructField[] = []
    this.#in.sync(["'}'", "','", "'?'", 'IDENTIFIER', 'ESC_IDENTIFIER'])
    while (this.#in.token.kind !== "'}'" && this.#in.token.kind !== "','") {
      const isOptional = this.#in.token.kind === "'?'"
      if (isOptional) this.#in.take()
      const field = this.#fieldName()
      const colon = this.#in.match("':'", START)
      const value = this.#in.rule(["','", "'}'"], () => this.#expr())
      if (field !== undefined) fields.push({ at: colon.at, name: field, value, isOptional })
      if (!this.#more("'}'")) break
    }
    this.#end("'}'")
    return makeExpr(mark.at, { kind: 'struct', name, fields })
  }

  /** Whether a list goes on after a comma. */
  #more(close: string): boolean {
    const { kind } = this.#in.second
    if (this.#in.token.kind !== "','" || kind === close || kind === "','") return false
    this.#in.take()
    return true
  }

  #end(close: string): void {
    this.#in.sync([close, "','"])
    if (this.#in.token.kind === "','") this.#in.take()
    this.#in.match(close, this.#after())
  }

  #optExpr(follow: readonly string[]): { readonly value: Expr; readonly isOptional: boolean } {
    this.#in.sync([...START, "'?'"])
    const isOptional = this.#in.token.kind === "'?'"
    if (isOptional) this.#in.take()
    return { value: this.#in.rule(follow, () => this.#expr()), isOptional }
  }

  #list(): Expr {
    const mark = this.#in.take()
    const items: Expr[] = []
    const optional = new Set<number>()
    this.#in.sync([...START, "'?'", "','", "']'"])
    while (this.#in.token.kind !== "']'" && this.#in.token.kind !== "','") {
      const { value, isOptional } = this.#optExpr(["','", "']'"])
      if (isOptional) optional.add(items.length)
      items.push(value)
      if (!this.#more("']'")) break
    }
    this.#end("']'")
    return makeExpr(mark.at, { kind: 'list', items, optional })
  }

  #map(): Expr {
    const mark = this.#in.take()
    const entries: [Expr, Expr][] = []
    const optional = new Set<number>()
    this.#in.sync([...START, "'?'", "','", "'}'"])
    while (this.#in.token.kind !== "'}'" && this.#in.token.kind !== "','") {
      const { value: key, isOptional } = this.#optExpr(["':'"])
      this.#in.match("':'", START)
      const value = this.#in.rule(["','", "'}'"], () => this.#expr())
      if (isOptional) optional.add(entries.length)
      entries.push([key, value])
      if (!this.#more("'}'")) break
    }
    this.#end("'}'")
    return makeExpr(mark.at, { kind: 'map', entries, optional })
  }
}
