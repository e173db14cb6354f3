import type { Json } from './json.ts'
import { unfoldAliases } from './yaml-anchors.ts'
import { YamlError } from './yaml-node.ts'
import { parseYamlDocument, parseYamlStream } from './yaml-parse.ts'
import { type PrintOptions, printValue } from './yaml-print.ts'
import { type YamlValue, yamlValue } from './yaml-value.ts'

/**
 * Reads a stream of YAML documents as JSON values, as `sigs.k8s.io/yaml` and so kubectl read them
 * (`yes` is true, `0777` is 511, timestamps are strings); empty documents are left out.
 * @throws Fault YAML_SYNTAX with file, line and column, for repeated keys too
 */
export function parseYaml(text: string, file: string): Json[] {
  try {
    return parseYamlStream(text)
      .map((document) => jsonOf(yamlValue(unfoldAliases(document), { lenient: true })))
      .filter((value) => value !== null)
  } catch (error) {
    if (error instanceof YamlError) throw error.toFault(file)
    throw error
  }
}

/** The first document of a YAML text, and the keys that it repeats, as lines of a complaint. */
export function parseYamlBody(
  text: string,
  file: string,
): { readonly value: Json; readonly repeated: readonly string[] } {
  const repeated: string[] = []
  const onRepeat = (key: string, line: number): void => {
    repeated.push(`line ${line}: key ${JSON.stringify(key)} already set in map`)
  }
  try {
    const document = parseYamlDocument(text)
    if (document === undefined) return { value: null, repeated }
    const value = jsonOf(yamlValue(unfoldAliases(document), { lenient: true, onRepeat }))
    return { value, repeated }
  } catch (error) {
    if (error instanceof YamlError) throw error.toFault(file)
    throw error
  }
}

/**
 * Writes a JSON value as `sigs.k8s.io/yaml` does; keys in the order given, unless `sorted` is asked
 * for, which is what kustomize and Flux print.
 */
export function printYaml(value: Json, options: PrintOptions = { keys: 'given' }): string {
  return printValue(value as YamlValue, options)
}

/** The same value with bigints as numbers: JSON as JavaScript holds it. */
export function jsonOf(value: YamlValue): Json {
  return hasBigint(value) ? withNumbers(value) : (value as Json)
}

function hasBigint(value: YamlValue): boolean {
  if (typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return value.some(hasBigint)
  for (const key in value) if (hasBigint(value[key] as YamlValue)) return true
  return false
}

function withNumbers(value: YamlValue): Json {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withNumbers)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNumbers(each)]))
}
