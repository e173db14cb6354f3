import { decryptFault } from '../faults.ts'
import { Comment, leafBytes, type TreeMap, type TreeValue } from '../tree.ts'

/** One line: a comment, or a name and its value. */
export type DotenvLine =
  | { readonly comment: string }
  | { readonly key: string; readonly value: string }

/**
 * Reads lines of `name=value`. The text never appears in a fault.
 * @throws Fault SOPS_FORMAT
 */
export function parseDotenv(text: string): DotenvLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      if (line.startsWith('#')) return { comment: line.slice(1) }
      const equals = line.indexOf('=')
      if (equals < 0)
        throw decryptFault('SOPS_FORMAT', `invalid dotenv input line: line ${i + 1} has no '='`)
      const value = line.slice(equals + 1).replaceAll('\\n', '\n')
      return { key: line.slice(0, equals), value }
    })
}

/** Writes one line. @throws Fault SOPS_FORMAT for a map or a list */
export function printDotenvLine(key: string, value: TreeValue): string {
  if (value instanceof Map || Array.isArray(value))
    throw decryptFault(
      'SOPS_FORMAT',
      `cannot use complex value in dotenv file; offending key ${key}`,
    )
  if (value instanceof Comment) return `#${value.text}\n`
  const text = value === null ? '' : Buffer.from(leafText(value)).toString()
  return `${key}=${text.replaceAll('\n', '\\n')}\n`
}

/** Writes a tree as lines. @throws Fault SOPS_FORMAT */
export function printDotenv(tree: TreeMap): string {
  return [...tree].map(([key, value]) => printDotenvLine(key, value)).join('')
}

function leafText(value: Exclude<TreeValue, TreeMap | TreeValue[] | null>): Uint8Array {
  return typeof value === 'boolean' ? Buffer.from(String(value)) : leafBytes(value)
}
