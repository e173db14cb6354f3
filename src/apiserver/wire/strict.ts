import type { Json } from '../../object/index.ts'

/**
 * What a strict reader of a JSON text complains of, in the order of the text: fields given twice,
 * and those among the unknown paths. A text that is compact JSON of the value that was read from it
 * gives nothing twice, and is not looked at.
 */
export function strictProblems(text: string, unknown: readonly string[], read?: Json): string[] {
  if (unknown.length === 0 && (text === '' || isCompact(text, read))) return []
  const found: string[] = []
  const names = new Set(unknown)
  const told = new Set<string>()
  for (const { path, again } of fieldsOf(text)) {
    const message = again
      ? `duplicate field ${JSON.stringify(path)}`
      : names.has(path)
        ? `unknown field ${JSON.stringify(path)}`
        : undefined
    if (message === undefined || told.has(message)) continue
    told.add(message)
    found.push(message)
  }
  // A text that is no JSON names no fields.
  for (const path of unknown) {
    const message = `unknown field ${JSON.stringify(path)}`
    if (!told.has(message)) found.push(message)
  }
  return found
}

function isCompact(text: string, read: Json | undefined): boolean {
  if (read === undefined) return false
  const compact = JSON.stringify(read)
  return text === compact || text === `${compact}\n`
}

interface Frame {
  readonly base: string
  /** Keys seen; undefined in a list. */
  readonly keys: Set<string> | undefined
  index: number
  path: string
}

/** The fields of a JSON text that is known to be well formed, in order. */
function* fieldsOf(text: string): Iterable<{ readonly path: string; readonly again: boolean }> {
  const stack: Frame[] = []
  let expectsKey = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    const frame = stack.at(-1)
    if (char === '"') {
      const end = endOfString(text, i)
      if (expectsKey && frame?.keys !== undefined) {
        const key = JSON.parse(text.slice(i, end + 1)) as string
        frame.path = frame.base === '' ? key : `${frame.base}.${key}`
        yield { path: frame.path, again: frame.keys.has(key) }
        frame.keys.add(key)
        expectsKey = false
      }
      i = end
    } else if (char === '{' || char === '[') {
      const base = frame?.path ?? ''
      const isList = char === '['
      stack.push({
        base,
        keys: isList ? undefined : new Set(),
        index: 0,
        path: isList ? `${base}[0]` : base,
      })
      expectsKey = !isList
    } else if (char === '}' || char === ']') {
      stack.pop()
      expectsKey = false
    } else if (char === ',' && frame !== undefined) {
      frame.index += 1
      if (frame.keys === undefined) frame.path = `${frame.base}[${frame.index}]`
      expectsKey = frame.keys !== undefined
    } else if (stack.length === 0 && char !== undefined && !/\s/.test(char)) return
  }
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i
}
