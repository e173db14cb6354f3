import { createHash } from 'node:crypto'
import { compareText } from '../../base/index.ts'
import { SCALAR, type YamlNode, type YamlValue, yamlValue } from '../../object/index.ts'
import { fieldOf, fieldText, metaText } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { setName, storePreviousId } from '../model/resource.ts'

/**
 * Puts the digest of their content on the names of generated resources.
 * @see sigs.k8s.io/kustomize/api v0.21.1 hasher/hasher.go
 */
export function addHashes(map: ResMap): void {
  let changed = false
  for (const resource of map.list) {
    if (!resource.needsHash) continue
    const hash = hashOf(resource.node)
    storePreviousId(resource, map.scopes)
    setName(resource.node, `${metaText(resource.node, 'name')}-${hash}`)
    changed = true
  }
  if (changed) map.touch()
}

const LETTERS: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

function hashOf(node: YamlNode): string {
  const digest = createHash('sha256')
    .update(goJson(contentOf(node)))
    .digest('hex')
    .slice(0, 10)
  return digest.replaceAll(/[013ae]/g, (letter) => LETTERS[letter] ?? letter)
}

function contentOf(node: YamlNode): YamlValue {
  const kind = fieldText(node, 'kind')
  const content: { [key: string]: YamlValue } = { kind, name: '', data: valueOf(node, 'data') }
  if (kind === 'Secret') content['type'] = valueOf(node, 'type')
  const extra = kind === 'Secret' ? 'stringData' : 'binaryData'
  const more = valueOf(node, extra)
  if (typeof more === 'object' && more !== null) content[extra] = more
  return content
}

function valueOf(node: YamlNode, name: string): YamlValue {
  const field = fieldOf(node, name)
  if (field === undefined) return ''
  return field.kind === SCALAR ? field.value : yamlValue(field, { lenient: false })
}

/** JSON as Go writes it: sorted keys, `<`, `>`, `&` and line separators escaped. */
export function goJson(value: YamlValue): string {
  if (typeof value === 'string')
    return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, unicode)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  const keys = Object.keys(value).sort(compareText)
  return `{${keys.map((key) => `${goJson(key)}:${goJson(value[key] as YamlValue)}`).join(',')}}`
}

function unicode(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
}
