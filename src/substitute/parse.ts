import { substituteFault } from './faults.ts'

/** A piece of a template: plain text, or a form with its operator and arguments. */
export type Piece = string | Form

/** One `${name…}`. The operator is `''` for the bare form. */
export interface Form {
  readonly name: string
  readonly operator: string
  readonly args: readonly Piece[]
}

/** Forms inside forms are followed this deep. */
const MAX_NESTING = 100

const IDENTIFIER = /[\p{L}\p{Nd}_]+/uy

/**
 * Reads a text as a template of Flux's fork of drone/envsubst, with its oddities: an argument of
 * a replacement may hold `}`, and only there are `\/`, `\\` and `$$` escapes.
 * @throws Fault VARIABLE_SYNTAX with envsubst's text
 * @see fluxcd/pkg envsubst v1.7.0
 */
export function parseTemplate(text: string): Piece[] {
  const reader = new Reader(text)
  const pieces: Piece[] = []
  while (!reader.atEnd()) {
    const plain = reader.plainText()
    if (plain !== '') pieces.push(plain)
    if (!reader.atEnd()) pieces.push(reader.form(0))
  }
  return pieces
}

/** A position in the text. One method for each rule of the grammar. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** Text up to the next form; `$$` stands for `$`. */
  plainText(): string {
    let out = ''
    let from = this.#at
    for (;;) {
      const dollar = this.#text.indexOf('$', this.#at)
      if (dollar < 0) {
        this.#at = this.#text.length
        return out + this.#text.slice(from)
      }
      const next = this.#text[dollar + 1]
      if (next === '{') {
        this.#at = dollar
        return out + this.#text.slice(from, dollar)
      }
      this.#at = dollar + (next === '$' ? 2 : 1)
      if (next !== '$') continue
      out += `${this.#text.slice(from, dollar)}$`
      from = this.#at
    }
  }

  /** A form; the position is on its `$`. */
  form(depth: number): Form {
    if (depth > MAX_NESTING)
      throw substituteFault('SUBSTITUTION_LIMIT', `forms nest more than ${MAX_NESTING} deep`)
    this.#at += 2
    if (this.#peek() === '#') return this.#length()
    const name = this.#identifier()
    if (name === '') throw syntax('unable to parse variable name')
    switch (this.#peek()) {
      case ':':
        return this.#afterColon(name, depth)
      case '=':
        this.#at += 1
        return this.#defaultForm(name, '=', depth)
      case ',':
      case '^':
        return this.#close({ name, operator: this.#run(',^', 2), args: [] })
      case '/':
        return this.#replacement(name, depth)
      case '#':
      case '%':
        return this.#removal(name, depth)
      default:
        if (this.#peek() !== '}') throw syntax('missing closing brace')
        return this.#close({ name, operator: '', args: [] })
    }
  }

  #length(): Form {
    this.#at += 1
    const name = this.#identifier()
    if (name === '') throw syntax('bad substitution')
    return this.#close({ name, operator: '#', args: [] })
  }

  #afterColon(name: string, depth: number): Form {
    const next = this.#text[this.#at + 1]
    if (next !== undefined && '=-?+'.includes(next)) {
      this.#at += 2
      return this.#defaultForm(name, `:${next}`, depth)
    }
    // envsubst steps back by the width of the next rune, so that one of several bytes loses the colon.
    if (next === undefined || next.charCodeAt(0) > 0x7f) throw syntax('bad substitution')
    this.#at += 1
    const args = [this.#argument(/[^:}]/y, false, depth)]
    if (this.#peek() === ':') {
      this.#run(':', Number.POSITIVE_INFINITY)
      args.push(this.#argument(/[^}]/y, false, depth))
    }
    return this.#close({ name, operator: ':', args })
  }

  #defaultForm(name: string, operator: string, depth: number): Form {
    const args: Piece[] = []
    while (this.#peek() !== '}') args.push(this.#argument(/[^}]/y, false, depth))
    return this.#close({ name, operator, args })
  }

  #removal(name: string, depth: number): Form {
    const operator = this.#run(this.#peek(), 2)
    return this.#close({ name, operator, args: [this.#argument(/[^}]/y, false, depth)] })
  }

  #replacement(name: string, depth: number): Form {
    this.#at += 1
    const kind = this.#peek()
    const operator = kind !== '' && '/#%'.includes(kind) ? `/${kind}` : '/'
    this.#at += operator.length - 1
    const args = [this.#argument(/[^/]/y, true, depth)]
    if (this.#run('/', Number.POSITIVE_INFINITY) === '') throw syntax('bad substitution')
    if (this.#peek() !== '}') args.push(this.#argument(/[^}]/y, true, depth))
    return this.#close({ name, operator, args })
  }

  /** One argument: a nested form, or text up to the next form or what `accept` refuses. */
  #argument(accept: RegExp, escapes: boolean, depth: number): Piece {
    if (this.#text.startsWith('${', this.#at)) return this.form(depth + 1)
    let out = ''
    while (!this.atEnd() && !this.#text.startsWith('${', this.#at)) {
      const two = this.#text.slice(this.#at, this.#at + 2)
      if (escapes && (two === '$$' || two === '\\/' || two === '\\\\')) {
        out += two[1]
        this.#at += 2
        continue
      }
      accept.lastIndex = this.#at
      if (!accept.test(this.#text)) break
      out += this.#text[this.#at]
      this.#at += 1
    }
    if (out === '') throw syntax('unable to parse substitution within function')
    return out
  }

  #close(form: Form): Form {
    if (this.#peek() !== '}') throw syntax('bad substitution')
    this.#at += 1
    return form
  }

  #identifier(): string {
    IDENTIFIER.lastIndex = this.#at
    const found = IDENTIFIER.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  /** As many of the given characters as follow, at most `max`. */
  #run(characters: string, max: number): string {
    const from = this.#at
    while (this.#at - from < max && this.#peek() !== '' && characters.includes(this.#peek()))
      this.#at += 1
    return this.#text.slice(from, this.#at)
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }
}

function syntax(message: string): ReturnType<typeof substituteFault> {
  return substituteFault('VARIABLE_SYNTAX', message)
}
