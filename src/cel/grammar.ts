const LITERALS = [
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
]
/** What a member begins with. */
export const MEMBER: readonly string[] = [
  "'['",
  "'{'",
  "'('",
  "'.'",
  "'-'",
  ...LITERALS,
  'IDENTIFIER',
]
/** What an expression begins with. */
export const START: readonly string[] = [...MEMBER, "'!'"]

/** Words that are no names. */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)

/** Kinds of tokens that belong together. */
export const RELATIONS: readonly string[] = ["'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'"]
export const SUMS: readonly string[] = ["'+'", "'-'"]
export const PRODUCTS: readonly string[] = ["'*'", "'/'", "'%'"]
export const NUMBERS: readonly string[] = ['NUM_INT', 'NUM_FLOAT']
