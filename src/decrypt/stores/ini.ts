import { decryptFault } from '../faults.ts'
import { Comment, Moment, type TreeMap, type TreeValue } from '../tree.ts'

/** One line of an INI file, or a value that goes over several. */
export type IniLine =
  | { readonly kind: 'section'; readonly name: string; readonly text: string }
  | {
      readonly kind: 'comment'
      readonly section: string
      readonly comment: string
      readonly text: string
    }
  | {
      readonly kind: 'key'
      readonly section: string
      readonly key: string
      readonly value: string
      /** All before the value. */
      readonly head: string
      readonly text: string
    }
  | { readonly kind: 'blank'; readonly text: string }

/** The section of keys above the first section. */
const TOP = 'DEFAULT'

/**
 * Reads an INI file line by line.
 * @throws Fault SOPS_FORMAT
 */
export function parseIni(text: string): IniLine[] {
  const lines = text.split('\n')
  const out: IniLine[] = []
  let section = TOP
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? ''
    const trimmed = line.trim()
    const header = /^\[(.*)\]$/.exec(trimmed)
    if (trimmed === '') out.push({ kind: 'blank', text: line })
    else if (/^[;#]/.test(trimmed)) {
      const comment = trimmed.replace(trimmed.startsWith(';') ? /^[; ]+/ : /^[# ]+/, '')
      out.push({ kind: 'comment', section, comment, text: line })
    } else if (header !== null) {
      section = header[1]?.trim() ?? ''
      out.push({ kind: 'section', name: section, text: line })
    } else {
      const pair = keyLine(lines, i)
      out.push({ kind: 'key', section, ...pair })
      i += pair.text.split('\n').length - 1
    }
  }
  return out
}

function keyLine(
  lines: readonly string[],
  index: number,
): { key: string; value: string; head: string; text: string } {
  const line = lines[index] ?? ''
  const match = /^(\s*([^=:]+?)\s*[=:]\s*)(.*)$/.exec(line)
  if (match === null)
    throw decryptFault('SOPS_FORMAT', `Could not unmarshal input data: line ${index + 1}: no key`)
  const [, head = '', key = '', raw = ''] = match
  if (/^[^"'`].*\\\s*$/.test(raw)) return continued(lines, index, { key, head, raw })
  if (!raw.startsWith('"""')) return { key, head, value: unquote(raw), text: line }
  let text = line
  for (let next = index + 1; !closes(text, head.length + 3) && next < lines.length; next += 1)
    text += `\n${lines[next] ?? ''}`
  const end = text.indexOf('"""', head.length + 3)
  return { key, head, value: text.slice(head.length + 3, end < 0 ? undefined : end), text }
}

/** A value whose lines end with a backslash goes on in the next one, as go-ini reads it. */
function continued(
  lines: readonly string[],
  index: number,
  { key, head, raw }: { readonly key: string; readonly head: string; readonly raw: string },
): { key: string; value: string; head: string; text: string } {
  let value = raw.trim()
  let text = lines[index] ?? ''
  for (let next = index + 1; value.endsWith('\\'); next += 1) {
    const line = lines[next]
    value = value.slice(0, -1) + (line ?? '').trim()
    if (line === undefined || line.trim() === '') break
    text += `\n${line}`
  }
  return { key, head, value: unquote(value), text }
}

function closes(text: string, from: number): boolean {
  return text.includes('"""', from)
}

function unquote(raw: string): string {
  const quoted = /^`([^`]*)`|^"([^"]*)"$|^'([^']*)'$/.exec(raw)
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? quoted[3] ?? ''
  const comment = /(?:^|\s)[#;]/.exec(raw)
  return (comment === null ? raw : raw.slice(0, comment.index)).trim()
}

/** A value as go-ini writes it. */
export function iniValue(value: TreeValue): string {
  const text = leafText(value)
  if (/[\n`]/.test(text)) return `"""${text}"""`
  if (/[#;]/.test(text)) return `\`${text}\``
  return text.trim().length === text.length ? text : `"${text}"`
}

function leafText(value: TreeValue): string {
  if (value instanceof Map || Array.isArray(value))
    throw decryptFault('SOPS_FORMAT', 'Error marshaling to INI: a value is a map or a list')
  if (value instanceof Comment || value instanceof Moment) return value.text
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value ?? '')
}

/** Writes a tree of sections anew, keys aligned. @throws Fault SOPS_FORMAT */
export function printIni(tree: TreeMap): string {
  const sections = [...tree].map(([name, section]) => {
    if (!(section instanceof Map))
      throw decryptFault(
        'SOPS_FORMAT',
        'Error marshaling to INI: Error encoding section: Section values should always be TreeBranches',
      )
    const width = Math.max(0, ...[...section.keys()].map((key) => key.length))
    const lines = [...section].map(([key, value]) => `${key.padEnd(width)} = ${iniValue(value)}\n`)
    return `${name === TOP ? '' : `[${name}]\n`}${lines.join('')}`
  })
  return sections.join('\n')
}
