import {
  DOUBLE,
  goFloat,
  LITERAL,
  MAPPING,
  resolveScalar,
  resolveScalar11,
  SCALAR,
  SEQUENCE,
  type YamlNode,
  type YamlValue,
  yamlNode,
} from '../../object/index.ts'

/**
 * A node for a plain value, with the text and style that Go's YAML library would give it: numbers
 * went through JSON, so that 3000000 reads `3e+06`.
 */
export function nodeOfValue(value: YamlValue): YamlNode {
  if (value === null) return yamlNode(SCALAR, '!!null', 'null')
  if (typeof value === 'string') return stringOf(value)
  if (typeof value === 'boolean') return yamlNode(SCALAR, '!!bool', String(value))
  if (typeof value === 'number' || typeof value === 'bigint') return numberOf(Number(value))
  if (Array.isArray(value)) {
    const list = yamlNode(SEQUENCE, '!!seq', '')
    for (const item of value) list.content.push(nodeOfValue(item))
    return list
  }
  const map = yamlNode(MAPPING, '!!map', '')
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue
    map.content.push(stringOf(key), nodeOfValue(value[key]))
  }
  return map
}

function stringOf(text: string): YamlNode {
  if (text.includes('\n')) return yamlNode(SCALAR, '!!str', text, LITERAL)
  const isString = resolveScalar11(text).tag === '!!str' && resolveScalar(text).tag === '!!str'
  return yamlNode(SCALAR, '!!str', text, isString ? 0 : DOUBLE)
}

function numberOf(value: number): YamlNode {
  const text = goFloat(value)
  return yamlNode(SCALAR, resolveScalar(text).tag, text)
}
