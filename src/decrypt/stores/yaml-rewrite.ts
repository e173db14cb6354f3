import { Comment, type TreeValue } from '../tree.ts'
import { type LinePath, yamlScalar } from './yaml.ts'

/** What a rewrite needs to know. */
export interface RewriteContext {
  /** The plain value of each encrypted one, by its text in the file. */
  readonly values: ReadonlyMap<string, TreeValue>
  readonly places: readonly LinePath[]
  /** Decrypts a comment that stands in a collection; undefined when it does not open there. */
  readonly openComment: (sealed: string, path: readonly string[]) => string | undefined
}

const SEALED = String.raw`ENC\[AES256_GCM,data:[^,\]]+,iv:[^,\]]+,tag:[^,\]]+,type:\w+\]`
const COMMENT_LINE = new RegExp(`^(\\s*)#(${SEALED})\\s*$`)
const VALUE_LINE = new RegExp(`^(\\s*)((?:- )*)(.*?)(["']?)(${SEALED})\\4(\\s+#.*)?$`)
const BEHIND_LINE = new RegExp(`^(\\s*)((?:- )*)(.*?)\\s+#(${SEALED})\\s*$`)
const SEALED_COMMENT = new RegExp(`^\\s*#(${SEALED})\\s*$`)

/**
 * The plain text of an encrypted YAML file: SOPS writes both in the same layout, so each value takes
 * the place of its cipher text, and the `sops` blocks go. Comments that were behind a value come
 * before it, as SOPS has them after decryption. Undefined where a value stands as SOPS does not write
 * it, so that it was not found.
 */
export function rewriteYaml(text: string, context: RewriteContext): string | undefined {
  const lines = withoutMetadata(text.split('\n'))
  const out = lines.flatMap(({ line, number }) =>
    line.includes('ENC[') ? rewriteLine(line, number, context) : [line],
  )
  if (out[0] === '---') out.shift()
  const plain = out.join('\n')
  const isWhole =
    !plain.includes('ENC[') || [...context.values.keys()].every((sealed) => !plain.includes(sealed))
  return isWhole ? plain : undefined
}

interface NumberedLine {
  readonly line: string
  /** 1-based, in the file. */
  readonly number: number
}

/** Drops each `sops:` block at the margin, up to the next thing at the margin. */
function withoutMetadata(lines: readonly string[]): NumberedLine[] {
  let inside = false
  return lines
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line, number }) => {
      if (/^["']?sops["']?:/.test(line)) inside = true
      else if (inside && (/^[^\s]/.test(line) || (line === '' && number === lines.length)))
        inside = false
      return !inside
    })
}

function rewriteLine(line: string, number: number, context: RewriteContext): string[] {
  const comment = COMMENT_LINE.exec(line)
  if (comment !== null) {
    const [, indent = '', sealed = ''] = comment
    const opened = openAt(sealed, number, context)
    return [opened === undefined ? line : `${indent}#${opened}`]
  }
  const match = VALUE_LINE.exec(line)
  if (match === null) return commentFirst(line, number, context)
  const [, indent = '', dashes = '', key = '', , sealed = '', tail = ''] = match
  const value = context.values.get(sealed)
  if (value === undefined) return commentFirst(line, number, context)
  if (value instanceof Comment) return [`${indent}#${value.text}`]
  const column = indent.length + dashes.length
  const block = key === '' ? column : 4 * Math.floor((column + 4) / 4)
  const behind = SEALED_COMMENT.exec(tail)?.[1]
  const moved = behind === undefined ? undefined : openAt(behind, number, context)
  const kept = moved === undefined ? tail : ''
  const rest = `${key}${yamlScalar(value, block)}${kept}`
  if (moved === undefined) return [`${indent}${dashes}${rest}`]
  return withComment({ indent, dashes, comment: moved, rest })
}

/** A comment that was behind a line stands above it: above the item that the line begins. */
function withComment(line: {
  readonly indent: string
  readonly dashes: string
  readonly comment: string
  readonly rest: string
}): string[] {
  const { indent, dashes, comment, rest } = line
  const last = dashes.slice(-2)
  const outer = dashes.slice(0, -2)
  const margin = ' '.repeat(indent.length + outer.length)
  return [`${indent}${outer}#${comment}`, `${margin}${last}${rest}`]
}

/** A value that is not encrypted itself (null is not), with a comment behind it that is. */
function commentFirst(line: string, number: number, context: RewriteContext): string[] {
  const match = BEHIND_LINE.exec(line)
  if (match === null) return [line]
  const [, indent = '', dashes = '', rest = '', sealed = ''] = match
  const opened = openAt(sealed, number, context)
  if (opened === undefined) return [line]
  return withComment({ indent, dashes, comment: opened, rest })
}

/** Opens a comment by the path of a collection that it may stand in: nearby ones first. */
function openAt(sealed: string, line: number, context: RewriteContext): string | undefined {
  const after = context.places.find((place) => place.line >= line)
  const before = context.places.findLast((place) => place.line <= line)
  const tried = new Set<string>()
  for (const place of [after, before]) {
    for (let length = place?.path.length ?? 0; length >= 0; length -= 1) {
      const path = place?.path.slice(0, length) ?? []
      const key = path.join(':')
      if (tried.has(key)) continue
      tried.add(key)
      const opened = context.openComment(sealed, path)
      if (opened !== undefined) return opened
    }
  }
  return undefined
}
