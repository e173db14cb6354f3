/** Says whether a code unit is a space, a tab, a line break or the end of the text (NaN). */
export function isBlankEnd(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09 || Number.isNaN(code)
}

/** Says whether a code unit is one of `,[]{}`. */
export function isFlowMark(code: number): boolean {
  return code === 0x2c || code === 0x5b || code === 0x5d || code === 0x7b || code === 0x7d
}

const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/ // eslint-disable-line no-control-regex

/** Index of the first character that YAML does not allow; -1 when there is none. */
export function findControl(text: string): number {
  return text.search(CONTROL)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
}

/** What an escape in a double-quoted scalar stands for; undefined for an unknown one. */
export function escapeOf(letter: string): string | undefined {
  return ESCAPES[letter]
}

/** Digits that follow `\x`, `\u` and `\U`; undefined for other letters. */
export function hexDigits(letter: string): number | undefined {
  if (letter === 'x') return 2
  if (letter === 'u') return 4
  return letter === 'U' ? 8 : undefined
}
