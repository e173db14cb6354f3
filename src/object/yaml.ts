import { LineCounter, parseAllDocuments, stringify } from 'yaml'
import { Fault } from '../base/index.ts'
import type { Json } from './json.ts'

/** Codes of faults in YAML text. */
export type YamlCode = 'YAML_SYNTAX'

/**
 * Reads a stream of YAML documents as JSON values; empty documents are left out.
 * @throws Fault YAML_SYNTAX with file, line and column
 */
export function parseYaml(text: string, file: string): Json[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    maxAliasCount: 100,
  } as never)
  const values: Json[] = []
  for (const document of Array.isArray(documents) ? documents : []) {
    const error = document.errors[0]
    if (error !== undefined) {
      const { line, col } = lineCounter.linePos(error.pos[0])
      throw new Fault<YamlCode>({
        code: 'YAML_SYNTAX',
        message: `${file}:${line}:${col}: ${error.message}`,
        at: { file, line, column: col },
      })
    }
    const value = document.toJS() as Json
    if (value !== null) values.push(value)
  }
  return values
}

/** Writes a JSON value as YAML, keys in the order given, quoting what YAML 1.1 would misread. */
export function printYaml(value: Json): string {
  return stringify(value, { compat: 'yaml-1.1', lineWidth: 0, version: '1.2' })
}
