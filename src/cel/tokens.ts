/** A token, by the name that messages give its kind. */
export interface Token {
  readonly kind: string
  readonly text: string
  /** Letters before it. */
  readonly at: number
}

/** A fault of an expression, at a letter of it. */
export interface Problem {
  readonly at: number
  readonly words: string
}

const STRING =
  /(?:[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')|"""(?:\\E|[^\\])*?"""|'''(?:\\E|[^\\])*?'''|"(?:\\E|[^\\"\n\r])*"|'(?:\\E|[^\\'\n\r])*')/.source.replaceAll(
    '\\\\E',
    /\\(?:[abfnrtv"'\\?`]|[xX][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[0-3][0-7]{2})/.source,
  )

const rule = (source: string): RegExp => new RegExp(source, 'uy')

/** What a token may be; the longest wins, then the first. */
const RULES: readonly (readonly [string, RegExp])[] = [
  ['symbol', rule('==|!=|<=|>=|<|>|&&|\\|\\||[[\\]{}().,\\-!?:+*/%]')],
  ['word', rule('(?:in|true|false|null)(?![A-Za-z0-9_])')],
  ['hidden', rule('[\\t \\r\\n\\f]+|//[^\\n]*')],
  [
    'NUM_FLOAT',
    rule('(?:\\d+\\.\\d+(?:[eE][+-]?\\d+)?|\\d+[eE][+-]?\\d+|\\.\\d+(?:[eE][+-]?\\d+)?)'),
  ],
  ['NUM_INT', rule('(?:0x[\\dA-Fa-f]+|\\d+)')],
  ['NUM_UINT', rule('(?:0x[\\dA-Fa-f]+|\\d+)[uU]')],
  ['BYTES', rule(`[bB]${STRING}`)],
  ['STRING', rule(STRING)],
  ['IDENTIFIER', rule('[A-Za-z_][A-Za-z0-9_]*')],
  ['ESC_IDENTIFIER', rule('`[A-Za-z0-9_./ -]+`')],
]

/** The kinds of tokens in the order of the grammar, in which messages list them. */
export const KINDS: readonly string[] = [
  "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'",
  "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'", "'true'",
  "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER',
  'ESC_IDENTIFIER',
] // biome-ignore format: a list

/**
 * The tokens of an expression, and what none could be made of.
 * @see google/cel-go v0.26.0 parser/gen/CEL.g4
 */
export function tokensOf(text: string): { readonly tokens: Token[]; readonly problems: Problem[] } {
  const tokens: Token[] = []
  const problems: Problem[] = []
  let letters = 0
  for (let i = 0; i < text.length; ) {
    let best: readonly [string, string] | undefined
    for (const [kind, pattern] of RULES) {
      pattern.lastIndex = i
      const found = pattern.exec(text)?.[0]
      if (found !== undefined && found.length > (best?.[1].length ?? 0)) best = [kind, found]
    }
    const [kind, found] = best ?? ['', unreadable(text, i)]
    if (kind === '')
      problems.push({ at: letters, words: `Syntax error: token recognition error at: '${found}'` })
    else if (kind !== 'hidden')
      tokens.push({
        kind: kind === 'symbol' || kind === 'word' ? `'${found}'` : kind,
        text: found,
        at: letters,
      })
    i += found.length
    letters += Array.from(found).length
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', at: letters })
  return { tokens, problems }
}

/** The letter at a place. */
function letterAt(text: string, at: number): string {
  const code = text.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

const OPENED = /[bB]?[rR]?(?:"""|'''|"|')/y
const TICKED = /`[A-Za-z0-9_./ -]*[^]?/uy
const ESCAPED =
  /\\(?:[abfnrtv"'\\?`]|[xX][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[0-3][0-7]{2})/y
/** As much of an escape as fits. */
const PARTIAL = /\\(?:[xX][\dA-Fa-f]?|u[\dA-Fa-f]{0,3}|U[\dA-Fa-f]{0,7}|[0-3][0-7]?)?/y

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** What the reader has read when it finds that no token can begin so. */
function unreadable(text: string, at: number): string {
  const opened = matchAt(OPENED, text, at)
  if (opened !== undefined) return text.slice(at, brokenEnd(text, at, opened))
  const letter = letterAt(text, at)
  if (/[=&|]/.test(letter)) return letter + letterAt(text, at + 1)
  return (letter === '`' ? matchAt(TICKED, text, at) : undefined) ?? letter
}

/** Where a text that is not closed, or has a bad escape, is given up. */
function brokenEnd(text: string, at: number, open: string): number {
  const isRaw = /[rR]/.test(open)
  const isLong = open.endsWith((open.at(-1) ?? "'").repeat(3))
  let i = at + open.length
  while (i < text.length) {
    const letter = text.charAt(i)
    if (!isLong && (letter === '\n' || letter === '\r')) return i + 1
    if (letter === '\\' && !isRaw) {
      const escaped = matchAt(ESCAPED, text, i)
      if (escaped === undefined) {
        const end = i + (matchAt(PARTIAL, text, i) ?? letter).length
        return end + letterAt(text, end).length
      }
      i += escaped.length
    } else i += 1
  }
  return i
}
