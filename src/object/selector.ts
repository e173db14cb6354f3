import { compareText, Fault } from '../base/index.ts'

/** Says whether a set of labels is selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean

type Labels = Readonly<Record<string, string>>
type Requirement = (labels: Labels) => boolean

interface Token {
  /** `id`, `end`, or the symbol itself. */
  readonly kind: string
  readonly text: string
}

const KEY = /^(?:[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const NAME_WORDS =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** What one requirement of a selector asks for, before it is known to be right. */
export interface LabelRequirement {
  readonly key: string
  /** `exists`, `!` for what is not to be there, else as it is written. */
  readonly operator: string
  readonly values: readonly string[]
}

/** How a selector's reader says what is wrong; servers of one version and libraries of another differ. */
export interface SelectorWords {
  /** The operators that there are, as they are listed. */
  readonly operators: string
  /** What is wrong with a key; undefined when nothing is. */
  key(key: string): string | undefined
  /** What is wrong with a requirement whose key is right. */
  requirement(of: LabelRequirement): string | undefined
}

/** The words of libraries that carry their own reader, as kustomize does. */
const LIBRARY: SelectorWords = {
  // As the reference writes the list, with one quote short.
  operators: "'=', '!=', '==', 'in', notin'",
  key: (key) =>
    KEY.test(key) ? undefined : `invalid label key ${JSON.stringify(key)}: ${NAME_WORDS}`,
  requirement: ({ operator, values }) =>
    (operator === '<' || operator === '>') && !/^[-+]?\d+$/.test(values[0] ?? '')
      ? "for 'Gt', 'Lt' operators, the value must be an integer"
      : undefined,
}

/**
 * Reads a label selector in its text form (`a=b,c in (d,e),!f`). The empty text selects everything.
 * @throws Fault SELECTOR_SYNTAX, in the words that are given; those of libraries, unless
 * @see k8s.io/apimachinery/pkg/labels/selector.go (v0.36.2)
 */
export function parseSelector(text: string, words: SelectorWords = LIBRARY): LabelMatcher {
  const tokens = tokensOf(text)
  const requirements: Requirement[] = []
  while (tokens.peek().kind !== 'end') {
    const { kind, text: found } = tokens.peek()
    if (kind !== 'id' && kind !== '!')
      refuse(`found '${found}', expected: !, identifier, or 'end of string'`)
    requirements.push(requirement(tokens, words))
    const next = tokens.take()
    if (next.kind === 'end') break
    if (next.kind !== ',') refuse(`found '${next.text}', expected: ',' or 'end of string'`)
    const after = tokens.peek()
    if (after.kind !== 'id' && after.kind !== '!')
      refuse(`found '${after.text}', expected: identifier after ','`)
  }
  return (labels) => requirements.every((each) => each(labels ?? {}))
}

/** The tokens of a selector; `in` and `notin` are words unless an operator is looked for. */
class Tokens {
  readonly #list: readonly Token[]
  #at = 0

  constructor(list: readonly Token[]) {
    this.#list = list
  }

  peek(): Token {
    return this.#list[this.#at] ?? { kind: 'end', text: '' }
  }

  take(): Token {
    const token = this.peek()
    this.#at += 1
    return token
  }
}

function tokensOf(text: string): Tokens {
  const found = text.match(/==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g) ?? []
  return new Tokens(
    found.map((each) => ({ kind: /^[=!(),<>]/.test(each) ? each : 'id', text: each })),
  )
}

function requirement(tokens: Tokens, words: SelectorWords): Requirement {
  const first = tokens.take()
  const isNegated = first.kind === '!'
  const { kind, text: key } = isNegated ? tokens.take() : first
  if (kind !== 'id') refuseRequirement(`found '${key}', expected: identifier`)
  const wrong = words.key(key)
  if (wrong !== undefined) refuseRequirement(wrong)
  if (isNegated) return (labels) => !Object.hasOwn(labels, key)
  const next = tokens.peek().kind
  if (next === 'end' || next === ',') return (labels) => Object.hasOwn(labels, key)
  const operator = tokens.take().text
  if (!/^(?:in|notin|[=!]?=|[<>])$/.test(operator))
    refuseRequirement(`found '${operator}', expected: ${words.operators}`)
  const isList = operator === 'in' || operator === 'notin'
  const values = isList ? valueList(tokens) : new Set([exactValue(tokens)])
  const sorted = [...values].sort(compareText)
  const bad = words.requirement({ key, operator, values: sorted })
  if (bad !== undefined) refuseRequirement(bad)
  if (operator === '<' || operator === '>') return ordered(key, operator, sorted[0] ?? '')
  return isIn(key, values, operator !== 'notin' && operator !== '!=')
}

function isIn(key: string, values: ReadonlySet<string>, isWanted: boolean): Requirement {
  return (labels) => {
    const value = labels[key]
    return (value !== undefined && values.has(value)) === isWanted
  }
}

function ordered(key: string, operator: '<' | '>', value: string): Requirement {
  const bound = Number(value)
  return (labels) => {
    const text = labels[key] ?? ''
    if (!/^[-+]?\d+$/.test(text)) return false
    return operator === '>' ? Number(text) > bound : Number(text) < bound
  }
}

function exactValue(tokens: Tokens): string {
  const { kind } = tokens.peek()
  if (kind === 'end' || kind === ',') return ''
  const token = tokens.take()
  if (token.kind !== 'id') refuseRequirement(`found '${token.text}', expected: identifier`)
  return token.text
}

/** `(a, b)`; nothing between two commas, or between a comma and a parenthesis, is the empty value. */
function valueList(tokens: Tokens): ReadonlySet<string> {
  const open = tokens.take()
  if (open.kind !== '(') refuseRequirement(`found '${open.text}' expected: '('`)
  const first = tokens.peek()
  if (first.kind !== 'id' && first.kind !== ',' && first.kind !== ')')
    refuseRequirement(`found '${first.text}', expected: ',', ')' or identifier`)
  const values = new Set<string>()
  for (;;) {
    if (tokens.peek().kind === 'id') values.add(tokens.take().text)
    else values.add('')
    const end = tokens.take()
    if (end.kind === ')') return values
    if (end.kind !== ',') refuseRequirement(`found '${end.text}', expected: ',' or ')'`)
    const after = tokens.peek()
    if (after.kind !== 'id' && after.kind !== ',' && after.kind !== ')')
      refuseRequirement(`found '${after.text}', expected: ',', or identifier`)
  }
}

function refuseRequirement(message: string): never {
  refuse(`unable to parse requirement: ${message}`)
}

function refuse(message: string): never {
  throw new Fault<'SELECTOR_SYNTAX'>({ code: 'SELECTOR_SYNTAX', message })
}
