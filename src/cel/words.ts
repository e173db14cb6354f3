import { isObject } from '../object/index.ts'

/** What cel-go expects where an expression breaks off. */
const EXPECTED =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** A fault in the source, in the form of cel-go: place, words, the line and a mark under it. */
export function sourceText(expression: string, error: unknown): string {
  const position = positionOf(error)
  const before = expression.slice(0, position).split('\n')
  const line = before.length
  const column = before.at(-1)?.length ?? 0
  const source = expression.split('\n')[line - 1] ?? ''
  const place = `${line}:${column + 1}`
  return `ERROR: <input>:${place}: ${sourceWords(error)}\n | ${source}\n | ${'.'.repeat(column)}^`
}

/** A fault of evaluation in cel-go's words. */
export function evaluationText(error: unknown): string {
  const summary = summaryOf(error)
  const unknown = /^Unknown variable: (.*)$/s.exec(summary)
  if (unknown !== null) return `no such attribute(s): ${unknown[1]}`
  const key = /^No such key: (.*)$/s.exec(summary)
  if (key === null) return overloadText(summary)
  const index = /^index out of bounds, index (-?\d+)/.exec(key[1] ?? '')
  return index === null ? `no such key: ${key[1]}` : `index out of bounds: ${index[1]}`
}

function overloadText(summary: string): string {
  return /^(?:no such overload|found no matching overload|Logical operator|Ternary condition)/.test(
    summary,
  )
    ? 'no such overload'
    : summary
}

function sourceWords(error: unknown): string {
  const summary = summaryOf(error).replaceAll('goMatches', 'matches')
  if (summary.startsWith('Unexpected token: EOF'))
    return `Syntax error: mismatched input '<EOF>' expecting ${EXPECTED}`
  const unknown = /^Unknown variable: (.*)$/s.exec(summary)
  if (unknown !== null) return `undeclared reference to '${unknown[1]}' (in container '')`
  const binary = /^no such overload: (.+) (==|!=|<=?|>=?|[-+*/%]|in) (.+)$/s.exec(summary)
  if (binary !== null)
    return `found no matching overload for '_${binary[2]}_' applied to '(${binary[1]}, ${binary[3]})'`
  if (codeOf(error) === 'parse_error' || nameOf(error) === 'ParseError')
    return `Syntax error: ${summary}`
  return summary
}

function positionOf(error: unknown): number {
  const range = isObject(error) || error instanceof Error ? Reflect.get(error, 'range') : undefined
  const start: unknown = isObject(range) ? range['start'] : undefined
  return typeof start === 'number' ? start : 0
}

function summaryOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const summary: unknown = Reflect.get(error, 'summary')
  return typeof summary === 'string' ? summary : (error.message.split('\n')[0] ?? '')
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
