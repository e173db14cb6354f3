import type { Problem } from './tokens.ts'

/** So many faults are told at most. */
const MOST_TOLD = 100

/** What is wrong, place by place, in cel-go's form: words, the line, and a mark under the place. */
export function toldAll(expression: string, problems: readonly Problem[]): string {
  const lines = problems.slice(0, MOST_TOLD).map((each) => told(expression, each))
  // Reading ends with the first one that is too many.
  if (problems.length > MOST_TOLD) lines.push('1 more errors were truncated')
  return lines.join('\n')
}

const isWide = (letter: string): boolean => (letter.codePointAt(0) ?? 0) > 0x7f

/** What was found, with the line and a mark under the place. @see google/cel-go common/error.go */
function told(expression: string, { at, words }: Problem): string {
  if (at < 0) return `ERROR: <input>:-1:0: ${words}`
  const letters = Array.from(expression)
  const before = letters.slice(0, at)
  const lines = before.filter((letter) => letter === '\n').length
  const column = before.length - 1 - before.lastIndexOf('\n')
  // A text that is empty has no columns.
  if (letters.length === 0) return `ERROR: <input>:1:0: ${words}`
  const line = (expression.split('\n')[lines] ?? '').replaceAll('\t', ' ')
  const shown = Array.from(line)
  const dots = shown.slice(0, column).map((letter) => (isWide(letter) ? '．' : '.'))
  const mark = isWide(shown[column] ?? ' ') ? '＾' : '^'
  return `ERROR: <input>:${lines + 1}:${column + 1}: ${words}\n | ${line}\n | ${dots.join('')}${mark}`
}
