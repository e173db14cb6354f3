import { isFault } from '../../base/index.ts'
import {
  copyAliases,
  FLOW,
  goFloat,
  type Json,
  MAPPING,
  parseYamlStream,
  printYaml,
  QUOTED,
  resolveScalar,
  SCALAR,
  SEQUENCE,
  YamlError,
  type YamlNode,
} from '../../object/index.ts'
import { decryptFault } from '../faults.ts'
import { Comment, Moment, type TreeMap, type TreeValue } from '../tree.ts'

/** A collection's path, and the line that something of it stands on. */
export interface LinePath {
  /** 1-based. */
  readonly line: number
  /** Keys on the way to the collection that holds what is on the line. */
  readonly path: readonly string[]
}

/** The documents of a stream as trees. */
export interface YamlTrees {
  readonly branches: TreeMap[]
  /** Where comments may belong: one entry for each key and each item, by line. */
  readonly places: readonly LinePath[]
  /** One document is written with braces, so its lines say nothing of its structure. */
  readonly isFlow: boolean
}

/**
 * Reads a YAML stream as trees.
 * @throws Fault SOPS_FORMAT
 */
export function parseYamlTrees(text: string): YamlTrees {
  try {
    const documents = parseYamlStream(text).map((document) => copyAliases(document))
    const places: LinePath[] = []
    if (documents[0] !== undefined) refuseTwice(documents[0])
    const branches = documents.map((document) => rootMap(document, places))
    return { branches, places, isFlow: documents.some((node) => (node.style & FLOW) !== 0) }
  } catch (error) {
    if (isFault(error)) throw error
    if (!(error instanceof YamlError)) throw error
    throw decryptFault('SOPS_FORMAT', `Error unmarshaling input YAML: line ${error.line}`)
  }
}

/** Go looks for keys that stand twice in the first document alone. */
function refuseTwice(node: YamlNode): void {
  const lines = new Map<string, number>()
  for (const [i, child] of node.content.entries()) {
    refuseTwice(child)
    if (node.kind !== MAPPING || i % 2 === 1 || child.kind !== SCALAR || child.value === '<<')
      continue
    const known = lines.get(child.value)
    if (known !== undefined)
      throw decryptFault(
        'SOPS_FORMAT',
        `yaml: unmarshal errors: line ${child.line}: mapping key ${JSON.stringify(child.value)} already defined at line ${known}`,
      )
    lines.set(child.value, child.line)
  }
}

function rootMap(document: YamlNode, places: LinePath[]): TreeMap {
  if (document.kind === SEQUENCE)
    throw decryptFault('SOPS_FORMAT', 'YAML documents that are sequences are not supported')
  const value = treeOf(document, [], places)
  if (value instanceof Map) return value
  if (value === null) return new Map()
  throw decryptFault('SOPS_FORMAT', 'YAML documents that are values are not supported')
}

function treeOf(node: YamlNode, path: readonly string[], places: LinePath[]): TreeValue {
  if (node.kind === SCALAR) return leafOf(node)
  if (node.kind === SEQUENCE)
    return node.content.map((item) => {
      places.push({ line: item.line, path })
      return treeOf(item, path, places)
    })
  if (node.kind !== MAPPING) return null
  const map: TreeMap = new Map()
  for (let i = 0; i + 1 < node.content.length; i += 2) {
    const key = node.content[i]
    const value = node.content[i + 1]
    if (key === undefined || value === undefined) continue
    places.push({ line: key.line, path })
    map.set(key.value, treeOf(value, [...path, key.value], places))
  }
  return map
}

function leafOf(node: YamlNode): TreeValue {
  if ((node.style & QUOTED) !== 0 || node.tag === '!!str') return node.value
  const { tag, value } = resolveScalar(node.value)
  if (tag === '!!int') return typeof value === 'number' ? BigInt(value) : value
  if (tag === '!!timestamp') return new Moment(momentText(node.value))
  return value
}

/** A timestamp as Go's time.Time marshals it. */
function momentText(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
}

/** A leaf, its text in YAML, and for a text of more lines where those begin. */
export function yamlScalar(leaf: TreeValue, blockIndent: number): string {
  if (leaf === null) return 'null'
  if (leaf instanceof Uint8Array) return `!!binary ${Buffer.from(leaf).toString('base64')}`
  if (typeof leaf === 'number') return floatText(leaf)
  if (leaf instanceof Moment) return leaf.text
  if (typeof leaf !== 'string') return String(leaf)
  if (leaf === '<<') return '!!merge <<'
  if (!leaf.includes('\n')) return oneLine(leaf)
  // A tab keeps the other library from a literal block, and this one not.
  const printed = printYaml({ k: leaf.replaceAll('\t', 'x') }).slice(3)
  if (!printed.startsWith('|')) return unfolded(printYaml({ k: leaf }).slice(3).replace(/\n$/, ''))
  const head = printed.slice(0, printed.indexOf('\n')).replace('2', '4')
  const body = leaf.endsWith('\n') ? leaf.slice(0, -1) : leaf
  const margin = ' '.repeat(blockIndent)
  return [head, ...body.split('\n').map((line) => (line === '' ? '' : `${margin}${line}`))].join(
    '\n',
  )
}

/** A text without newlines: SOPS' library never folds, where the other one folds quoted texts. */
function oneLine(leaf: string): string {
  const printed = printYaml(leaf).replace(/\n$/, '')
  if (!printed.includes('\n')) return printed
  return printed.startsWith("'") ? `'${leaf.replaceAll("'", "''")}'` : unfolded(printed)
}

function unfolded(printed: string): string {
  return printed.replaceAll(/\n *(?:\\(?= ))?/g, ' ')
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  return goFloat(value)
}

/** Writes a tree anew: for what was encrypted in another format, where no layout is to be kept. */
export function printYamlTree(tree: TreeMap): string {
  return printYaml(plain(tree))
}

function plain(value: TreeValue): Json {
  if (value instanceof Map) {
    const entries = [...value].filter(([, item]) => !(item instanceof Comment))
    return Object.fromEntries(entries.map(([key, item]) => [key, plain(item)]))
  }
  if (Array.isArray(value)) return value.filter((item) => !(item instanceof Comment)).map(plain)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (value instanceof Comment) return null
  if (value instanceof Moment) return value.text
  return typeof value === 'bigint' ? Number(value) : value
}
