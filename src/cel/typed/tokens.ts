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
    const [kind, found] = best ?? ['', unreadable(text.slice(i))]
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

/** What the reader has read when it finds that no token can begin so. */
function unreadable(text: string): string {
  const quoted = /^[bB]?[rR]?(?:"""|'''|"|')/.exec(text)?.[0]
  if (quoted !== undefined) return brokenString(text, quoted)
  if (/^[=&|]/.test(text)) return Array.from(text).slice(0, 2).join('')
  if (text.startsWith('`')) return /^`[A-Za-z0-9_./ -]*[^]?/u.exec(text)?.[0] ?? '`'
  return Array.from(text)[0] ?? ''
}

function brokenString(text: string, open: string): string {
  const quote = open.at(-1) ?? "'"
  const isRaw = /[rR]/.test(open)
  const isLong = open.endsWith(quote.repeat(3))
  const escape =
    /^\\(?:[abfnrtv"'\\?`]|[xX][\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[0-3][0-7]{2})/
  let i = open.length
  while (i < text.length) {
    const rest = text.slice(i)
    const letter = Array.from(rest)[0] ?? ''
    if (!isLong && (letter === '\n' || letter === '\r')) return text.slice(0, i + 1)
    if (letter === '\\' && !isRaw) {
      const escaped = escape.exec(rest)?.[0]
      if (escaped === undefined) return text.slice(0, i) + badEscape(rest)
      i += escaped.length
    } else i += letter.length
  }
  return text
}

/** As much of an escape as fits, and the letter that does not. */
function badEscape(text: string): string {
  const partial =
    /^\\(?:[xX][\dA-Fa-f]?|u[\dA-Fa-f]{0,3}|U[\dA-Fa-f]{0,7}|[0-3][0-7]?)?/.exec(text)?.[0] ?? '\\'
  return partial + (Array.from(text.slice(partial.length))[0] ?? '')
}
