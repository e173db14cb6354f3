import { isArray, isObject, type Json, type JsonObject } from '../../object/index.ts'
import type { ListType, MapType, SchemaType } from '../../schema/index.ts'
import { atomOf, keyType } from './atom.ts'
import { elementText, fieldElement, itemElement } from './path-element.ts'

/**
 * Checks a value against its type and says what is wrong, one line each with its path.
 * @see sigs.k8s.io/structured-merge-diff/v6 typed/validate.go (v6.3.3)
 */
export function typeProblems(
  value: Json,
  type: SchemaType,
  options: { readonly allowDuplicates: boolean },
): string[] {
  return problems(value, type, options.allowDuplicates).map(({ path, text }) =>
    path === '' ? text : `${path}: ${text}`,
  )
}

interface Problem {
  readonly path: string
  readonly text: string
}

function problems(value: Json, type: SchemaType, duplicates: boolean): Problem[] {
  switch (atomOf(type, value)) {
    case 'scalar':
      return scalarProblems(value, type)
    case 'list':
      return type.list === undefined ? [] : listProblems(value, type.list, duplicates)
    case 'map':
      return type.map === undefined ? [] : mapProblems(value, type.map, duplicates)
    default:
      return [{ path: '', text: 'schema error: invalid atom: inlined' }]
  }
}

function under(prefix: string, found: readonly Problem[]): Problem[] {
  return found.map(({ path, text }) => ({ path: prefix + path, text }))
}

function mapProblems(value: Json, type: MapType, duplicates: boolean): Problem[] {
  if (value === null) return []
  if (!isObject(value)) return [{ path: '', text: `expected map, got ${goValue(value)}` }]
  const found: Problem[] = []
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const inner = keyType(type, key)
    const path = elementText(fieldElement(key))
    if (inner === undefined) {
      found.push({ path, text: 'field not declared in schema' })
      break
    }
    found.push(...under(path, problems(item, inner, duplicates)))
  }
  return found
}

function listProblems(value: Json, type: ListType, duplicates: boolean): Problem[] {
  if (value === null) return []
  if (!isArray(value)) return [{ path: '', text: `expected list, got ${goValue(value)}` }]
  const found: Problem[] = []
  const seen = new Set<string>()
  for (const [i, item] of value.entries()) {
    let element = `i:${i}`
    if (type.associative) {
      const at = itemElement(type, item)
      if ('problem' in at) return [...found, { path: '', text: `element ${i}: ${at.problem}` }]
      element = at.element
      if (seen.has(element) && !duplicates)
        found.push({ path: '', text: `duplicate entries for key ${elementText(element)}` })
      seen.add(element)
    }
    found.push(...under(elementText(element), problems(item, type.element, duplicates)))
  }
  return found
}

/** What is wrong with a scalar, in the words of the Go library. */
export function scalarProblems(value: Json | undefined, type: SchemaType): Problem[] {
  if (value === null || value === undefined) return []
  switch (type.scalar) {
    case 'numeric':
      if (typeof value === 'number') return []
      return [{ path: '', text: `expected numeric (int or float), got ${goType(value)}` }]
    case 'string':
      if (typeof value === 'string') return []
      return [
        {
          path: '',
          text: `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`,
        },
      ]
    case 'boolean':
      if (typeof value === 'boolean') return []
      return [{ path: '', text: `expected boolean, got ${goValue(value)}` }]
    default:
      if (typeof value !== 'object') return []
      return [{ path: '', text: `expected any scalar, got ${goValue(value)}` }]
  }
}

function goType(value: Json): string {
  if (value === null) return '<nil>'
  if (isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** `%v` of a value of the Go library. */
function goValue(value: Json): string {
  return `&{${goPrint(value)}}`
}

function goPrint(value: Json): string {
  if (value === null) return '<nil>'
  if (isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (typeof value === 'object')
    return `map[${entries(value)
      .map(([key, item]) => `${key}:${goPrint(item)}`)
      .join(' ')}]`
  return String(value)
}

/** `%#v` of a plain value. */
function goSyntax(value: Json): string {
  if (value === null) return 'interface {}(nil)'
  if (isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object')
    return `map[string]interface {}{${entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`)
      .join(', ')}}`
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function entries(value: JsonObject): [string, Json][] {
  return Object.keys(value)
    .sort()
    .map((key) => [key, value[key] ?? null])
}
