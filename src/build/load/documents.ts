import {
  MAPPING,
  parseYamlDocument,
  SEQUENCE,
  unfoldAliases,
  YamlError,
  type YamlNode,
  yamlValue,
} from '../../object/index.ts'
import { BuildFault, fail } from '../fault.ts'
import { fieldOf, fieldText, isNilOrEmpty, isNull, metadataOf, metaText } from '../model/node.ts'
import { nodeOfValue } from '../model/value.ts'
import { textOf } from './loader.ts'

/**
 * The resources in a text of one or more documents: lists are taken apart, each document must be an
 * object with a kind and a name. `location` is what the kustomization calls the file.
 * @see sigs.k8s.io/kustomize/api v0.21.1 resource/factory.go RNodesFromBytes
 */
export function readDocuments(
  bytes: Uint8Array | string,
  file: string,
  location: string = file,
): YamlNode[] {
  try {
    return expandLists(demandObjects(readNodes(bytes), file), file)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw malformed(error, file, location)
  }
}

function malformed(error: YamlError, file: string, location: string): BuildFault {
  const place = file === '' ? {} : { file, line: error.line, column: error.column }
  const where = location === '' ? '' : ` in File: ${location}`
  return new BuildFault(`MalformedYAMLError: ${error.message}${where}`, { at: place, cause: error })
}

function readNodes(bytes: Uint8Array | string): YamlNode[] {
  const text = typeof bytes === 'string' ? bytes : textOf(bytes)
  if (text === undefined) throw new YamlError('invalid leading UTF-8 octet', 1, 1, 0)
  const parts = splitDocuments(text.includes('\r') ? text.replaceAll('\r\n', '\n') : text)
  const nodes: YamlNode[] = []
  for (const { text: part, line } of parts) {
    const node = parseAt(part, line)
    if (node === undefined || isNull(node)) continue
    const items = parts.length === 1 ? wrappedItems(node) : undefined
    nodes.push(...(items ?? [node]))
  }
  return nodes.map(unfoldAliases)
}

/** Parses one part of a file; lines count from the start of the file. */
function parseAt(part: string, line: number): YamlNode | undefined {
  try {
    const node = parseYamlDocument(part)
    if (node !== undefined && line > 0) shiftLines(node, line)
    return node
  } catch (error) {
    if (!(error instanceof YamlError) || line === 0) throw error
    // kustomize reads each document by itself: its words count lines from the document's first.
    const [prefix, told = '0'] = /^yaml: (?:line (\d+): )?/.exec(error.message) ?? ['']
    const problem = error.message.slice(prefix.length)
    throw new YamlError(problem, error.line + line, error.column, Number(told))
  }
}

function shiftLines(node: YamlNode, by: number): void {
  node.line += by
  for (const child of node.content) shiftLines(child, by)
}

/** Cuts a text at lines that begin with `---`; each part knows how many lines are before it. */
function splitDocuments(text: string): { text: string; line: number }[] {
  if (!text.includes('\n---')) return [{ text, line: 0 }]
  const parts: { text: string; line: number }[] = []
  let from = 0
  let line = 0
  for (const match of text.matchAll(/\n---.*\n/g)) {
    const separator = match[0]
    const after = separator.slice(4).trim()
    if (after !== '' && !after.startsWith('#'))
      fail(`invalid document separator: ${separator.trim()}`)
    const part = text.slice(from, match.index)
    parts.push({ text: `${part}\n`, line })
    line += countLines(part) + 2
    from = match.index + separator.length
  }
  parts.push({ text: text.slice(from), line })
  return parts
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Items of a `List` or `ResourceList` that is alone in its file. */
function wrappedItems(node: YamlNode): readonly YamlNode[] | undefined {
  const kind = fieldText(node, 'kind')
  if (kind !== 'List' && kind !== 'ResourceList') return undefined
  const items = fieldOf(node, 'items')
  if (items === undefined) return fieldOf(node, 'functionConfig') === undefined ? undefined : []
  return items.content
}

function demandObjects(nodes: readonly YamlNode[], file: string): YamlNode[] {
  return nodes.filter((node) => {
    if (isNilOrEmpty(node)) return false
    demandMetadata(node, file)
    return true
  })
}

/** Fails for what is no object: kustomize's checks and words. */
export function demandMetadata(node: YamlNode, file: string): void {
  const place = { file, line: node.line }
  const kindNode = fieldOf(node, 'kind')
  const kind = isNilOrEmpty(kindNode) ? '' : fieldText(node, 'kind')
  const version = fieldOf(node, 'apiVersion')
  const name = metaText(node, 'name')
  if (kind === '' && isNilOrEmpty(version) && !hasMeta(node))
    fail('missing Resource metadata', place)
  const namespace = metaText(node, 'namespace')
  const shown = `{{${fieldText(node, 'apiVersion')} ${kind}} {{${name} ${namespace}} map[] map[]}}`
  if (kind === '') fail(`missing kind in object ${shown}`, place)
  if (kind.endsWith('List')) return
  if (name === '') fail(`missing metadata.name in object ${shown}`, place)
}

function hasMeta(node: YamlNode): boolean {
  const metadata = metadataOf(node)
  const fields = ['name', 'namespace', 'labels', 'annotations']
  return fields.some((field) => !isNilOrEmpty(fieldOf(metadata, field)))
}

/** Takes objects of kind `…List` apart; items of items follow at the end, as kustomize queues them. */
function expandLists(nodes: readonly YamlNode[], file: string): YamlNode[] {
  if (!nodes.some((node) => fieldText(node, 'kind').endsWith('List'))) return [...nodes]
  const queue = [...nodes]
  const result: YamlNode[] = []
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const kind = fieldText(node, 'kind')
    const items = kind.endsWith('List') ? fieldOf(node, 'items') : undefined
    if (items === undefined) {
      result.push(node)
      continue
    }
    if (isNull(items)) continue
    if (items.kind !== SEQUENCE)
      fail(
        `expected array in ${kind}/items, but found ${items.kind === MAPPING ? 'map' : 'string'}`,
      )
    const inner = items.content.map((item) => nodeOfValue(yamlValue(item, { lenient: false })))
    queue.push(...demandObjects(inner, file))
  }
  return result
}
