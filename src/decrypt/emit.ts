import { isFault } from '../base/index.ts'
import { isSealed, openValue } from './cipher.ts'
import { decryptFault } from './faults.ts'
import type { Format } from './formats.ts'
import type { OpenFile } from './open-file.ts'
import { type DotenvLine, printDotenv, printDotenvLine } from './stores/dotenv.ts'
import { type IniLine, iniValue, printIni } from './stores/ini.ts'
import { printJsonTree } from './stores/json.ts'
import { printYamlTree } from './stores/yaml.ts'
import { rewriteYaml } from './stores/yaml-rewrite.ts'
import { Comment, type TreeMap, type TreeValue } from './tree.ts'

/**
 * Writes an open file in a format; in its own one with the layout that it had.
 * @throws Fault SOPS_FORMAT when the format cannot hold it
 */
export function emit(file: OpenFile, output: Format): Uint8Array {
  const [tree = new Map<string, TreeValue>()] = file.opened.branches
  const { layout } = file.loaded
  switch (output) {
    case 'binary':
      return binaryOf(tree)
    case 'json':
      return Buffer.from(printJsonTree(tree))
    case 'yaml':
      return Buffer.from(keptYaml(file) ?? file.opened.branches.map(printYamlTree).join('---\n'))
    case 'dotenv':
      if (layout.format !== 'dotenv') return Buffer.from(printDotenv(tree))
      return Buffer.from(layout.lines.map((line) => dotenvLine(line, tree, file)).join(''))
    case 'ini':
      if (layout.format !== 'ini') return Buffer.from(printIni(tree))
      return Buffer.from(iniText(layout.lines, tree, file))
  }
}

/** The file with its own layout, where it has one that can be kept. */
function keptYaml(file: OpenFile): string | undefined {
  const { layout } = file.loaded
  if (layout.format !== 'yaml' || layout.isFlow) return undefined
  return rewriteYaml(layout.text, {
    values: file.values,
    places: layout.places,
    openComment: (sealed, path) => openComment(sealed, path, file),
  })
}

function binaryOf(tree: TreeMap): Uint8Array {
  const data = tree.get('data')
  if (data instanceof Uint8Array) return data
  if (typeof data === 'string') return Buffer.from(data)
  const why =
    data === undefined
      ? 'no binary data found in tree'
      : "'data' key in tree does not have a string value"
  throw decryptFault('SOPS_FORMAT', `error emitting binary store: ${why}`)
}

function dotenvLine(line: DotenvLine, tree: TreeMap, file: OpenFile): string {
  if ('comment' in line) return `#${openComment(line.comment, [], file) ?? line.comment}\n`
  if (line.key.startsWith('sops_')) return ''
  return printDotenvLine(line.key, tree.get(line.key) ?? line.value)
}

function iniText(lines: readonly IniLine[], tree: TreeMap, file: OpenFile): string {
  const end = lines.findIndex((line) => line.kind === 'section' && line.name === 'sops')
  const kept = end < 0 ? lines : lines.slice(0, end)
  const out = kept.map((line) => {
    if (line.kind === 'comment') return iniComment(line, file)
    if (line.kind !== 'key') return line.text
    const section = tree.get(line.section)
    const value = section instanceof Map ? section.get(line.key) : undefined
    return value === undefined ? line.text : `${line.head}${iniValue(value)}`
  })
  while (out.at(-1) === '') out.pop()
  return `${out.join('\n')}\n`
}

function iniComment(line: IniLine & { kind: 'comment' }, file: OpenFile): string {
  const opened = openComment(line.comment, [line.section], file)
  return opened === undefined ? line.text : `; ${opened}`
}

/** A comment that does not open was never encrypted. @throws Fault SOPS_FORMAT */
function openComment(
  sealed: string,
  path: readonly string[],
  { dataKey, metadata }: OpenFile,
): string | undefined {
  if (!isSealed(sealed) || metadata.isEncrypted?.(path) === false) return undefined
  try {
    const value = openValue(sealed, dataKey, `${path.join(':')}:`)
    return value instanceof Comment ? value.text : typeof value === 'string' ? value : undefined
  } catch (error) {
    if (isFault(error, 'SOPS_VALUE')) return undefined
    throw error
  }
}
