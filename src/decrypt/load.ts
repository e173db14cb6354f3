import { decryptFault } from './faults.ts'
import type { Format } from './formats.ts'
import { type DotenvLine, parseDotenv } from './stores/dotenv.ts'
import { type IniLine, parseIni } from './stores/ini.ts'
import { parseJsonTree } from './stores/json.ts'
import { type LinePath, parseYamlTrees } from './stores/yaml.ts'
import type { TreeMap, TreeValue } from './tree.ts'
import { unflatten } from './unflatten.ts'

/** An encrypted file: its trees without the metadata, the metadata, and what its layout needs. */
export interface Loaded {
  readonly branches: readonly TreeMap[]
  readonly metadata: TreeMap
  /** A key stands twice in it: a tree holds the last one alone, and the MAC is over both. */
  readonly isRepeated: boolean
  readonly layout:
    | { readonly format: 'json' }
    | {
        readonly format: 'yaml'
        readonly text: string
        readonly places: readonly LinePath[]
        readonly isFlow: boolean
      }
    | { readonly format: 'dotenv'; readonly lines: readonly DotenvLine[] }
    | { readonly format: 'ini'; readonly lines: readonly IniLine[] }
}

const PREFIX = 'sops_'

/**
 * Reads an encrypted file.
 * @throws Fault SOPS_FORMAT
 */
export function loadFile(content: Uint8Array, format: Format): Loaded {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
  switch (format) {
    case 'json':
    case 'binary': {
      const { tree, isRepeated } = parseJsonTree(text)
      return { ...split([tree]), isRepeated, layout: { format: 'json' } }
    }
    case 'yaml': {
      const lines = unixLines(text)
      const { branches, places, isFlow } = parseYamlTrees(lines)
      const layout = { format: 'yaml', text: lines, places, isFlow } as const
      return { ...split(branches), isRepeated: false, layout }
    }
    case 'dotenv':
      return loadDotenv(parseDotenv(text))
    case 'ini':
      return loadIni(parseIni(text.replaceAll('\r\n', '\n')))
  }
}

/** YAML knows no difference between line ends, and no mark in front of the first one. */
function unixLines(text: string): string {
  const lines = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`
}

/** Takes the `sops` key out of each document; the first one's counts. */
function split(branches: readonly TreeMap[]): Pick<Loaded, 'branches' | 'metadata'> {
  const metadata = branches[0]?.get('sops')
  if (metadata === undefined) throw notFound()
  if (!(metadata instanceof Map))
    throw decryptFault('SOPS_FORMAT', 'Found sops entry that is not a mapping')
  const rest = branches.map((branch) => new Map([...branch].filter(([key]) => key !== 'sops')))
  return { branches: rest, metadata }
}

function loadDotenv(lines: readonly DotenvLine[]): Loaded {
  const tree: TreeMap = new Map()
  const flat: [string, string][] = []
  let isRepeated = false
  for (const line of lines) {
    if (!('key' in line)) continue
    if (line.key.startsWith(PREFIX)) flat.push([line.key.slice(PREFIX.length), line.value])
    else {
      isRepeated ||= tree.has(line.key)
      tree.set(line.key, line.value)
    }
  }
  if (flat.length === 0) throw notFound()
  const layout = { format: 'dotenv', lines } as const
  return { branches: [tree], metadata: unflatten(flat), isRepeated, layout }
}

function loadIni(lines: readonly IniLine[]): Loaded {
  const tree: TreeMap = new Map()
  // Of a key that stands twice the last one counts.
  const flat = new Map<string, string>()
  for (const line of lines) {
    if (line.kind !== 'key') continue
    if (line.section === 'sops') flat.set(line.key, line.value.replaceAll('\\n', '\n'))
    else sectionOf(tree, line.section).set(line.key, line.value)
  }
  if (flat.size === 0) throw notFound()
  const layout = { format: 'ini', lines } as const
  return { branches: [tree], metadata: unflatten([...flat]), isRepeated: false, layout }
}

function sectionOf(tree: TreeMap, name: string): Map<string, TreeValue> {
  const known = tree.get(name)
  if (known instanceof Map) return known
  const made: TreeMap = new Map()
  tree.set(name, made)
  return made
}

function notFound(): ReturnType<typeof decryptFault> {
  return decryptFault('SOPS_FORMAT', 'sops metadata not found')
}
