import type { FileTree } from '../../base/index.ts'
import {
  MAPPING,
  parseYamlDocument,
  SCALAR,
  SEQUENCE,
  YamlError,
  type YamlNode,
} from '../../object/index.ts'
import { textOf } from '../load/loader.ts'
import { fieldOf } from '../model/node.ts'

/** Styles whose text begins on the line after. */
const BLOCK = 8 | 16

/** Looks up lines of configuration files; each file is read once. */
export class Lines {
  readonly #tree: FileTree
  readonly #roots = new Map<string, YamlNode | undefined>()

  constructor(tree: FileTree) {
    this.#tree = tree
  }

  /** The node at the longest part of a path that there is; `depth` says how much of it that is. */
  find(file: string, path: readonly (string | number)[]): { node: YamlNode; depth: number } {
    let node = this.#root(file)
    let depth = 0
    for (const part of path) {
      const next: YamlNode | undefined =
        typeof part === 'number'
          ? node?.kind === SEQUENCE
            ? node.content[part]
            : undefined
          : fieldOf(node, part)
      if (next === undefined) break
      node = next
      depth += 1
    }
    return { node: node ?? NOTHING, depth }
  }

  /** How many items a list in a file has. */
  length(file: string, field: string): number {
    return fieldOf(this.#root(file), field)?.content.length ?? 0
  }

  #root(file: string): YamlNode | undefined {
    if (this.#roots.has(file)) return this.#roots.get(file)
    const root = this.#parse(file)
    this.#roots.set(file, root)
    return root
  }

  #parse(file: string): YamlNode | undefined {
    const bytes = this.#tree.read(file)
    const text = bytes === undefined ? undefined : textOf(bytes)
    try {
      return text === undefined ? undefined : parseYamlDocument(text)
    } catch (error) {
      if (error instanceof YamlError) return undefined
      throw error
    }
  }
}

const NOTHING: YamlNode = {
  kind: 0,
  tag: '',
  value: '',
  style: 0,
  content: [],
  alias: undefined,
  line: 0,
  source: 0,
}

/** The line before the first of a text that is written inside of a file. */
export function lineBefore(node: YamlNode): number {
  const { line, style, value } = node
  const blank = /^\s*/.exec(value)?.[0].split('\n').length ?? 1
  return (style & BLOCK ? line : line - 1) + blank - 1
}

/** The line of the operation of a JSON patch that writes a path; that of the last such one. */
export function operationLine(patch: YamlNode | undefined, path: readonly string[]): number {
  let line = 0
  for (const operation of patch?.kind === SEQUENCE ? patch.content : []) {
    const at = fieldOf(operation, 'path')
    if (operation.kind !== MAPPING || at?.kind !== SCALAR) continue
    const parts = at.value.split('/').slice(1)
    const isHere = parts.every((part, i) => i >= path.length || unescaped(part) === path[i])
    if (isHere || (parts.at(-1) === '-' && startsWith(path, parts.slice(0, -1))))
      line = operation.line
  }
  return line
}

function startsWith(path: readonly string[], parts: readonly string[]): boolean {
  return parts.every((part, i) => unescaped(part) === path[i])
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
