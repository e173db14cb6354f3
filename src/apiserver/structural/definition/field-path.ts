import { isObject, type JsonObject } from '../../../object/index.ts'
import { schemasAt } from './parts.ts'

/** Where a path leads: the schema of the field (undefined where none is said) and its place. */
export interface FoundField {
  readonly schema: JsonObject | undefined
  /** As the API server writes it: `spec.a`, `spec[a]` in maps. */
  readonly place: string
}

/**
 * The field that a path leads to; a text says why there is none.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/cel/validation.go ValidFieldPath (v0.36.3)
 */
export function fieldAt(
  path: string,
  root: JsonObject,
  options: { readonly arrays: boolean },
): FoundField | string {
  const tokens = path.match(/'(?:[^'\\]|\\[\s\S])*'|[.[\]]|[^.[\]]+/g) ?? []
  let found: FoundField = { schema: root, place: '' }
  for (let i = 0; i < tokens.length; ) {
    const mark = tokens[i] ?? ''
    const quoted = mark === '['
    if (quoted && !options.arrays) return 'array notation is not allowed'
    if (mark !== '.' && !quoted) return `expected [ or . but got: ${mark}`
    const token = tokens[i + 1]
    if (token === undefined) return 'unexpected end of JSON path'
    if (quoted && !/^'[\s\S]*'$/.test(token))
      return `expected single quoted string but got ${token}`
    const name = quoted ? token.slice(1, -1).replaceAll(/\\(['\\])/g, '$1') : token
    const next = inside(found, name)
    if (typeof next === 'string') return next
    found = next
    if (quoted && tokens[i + 2] === undefined) return 'unexpected end of JSON path'
    if (quoted && tokens[i + 2] !== ']') return `expected ] but got ${tokens[i + 2] ?? ''}`
    i += quoted ? 3 : 2
  }
  return found
}

const NO_FIELD = 'does not refer to a valid field'

function inside({ schema, place }: FoundField, name: string): FoundField | string {
  if (schema === undefined) return NO_FIELD
  const properties = new Map(schemasAt(schema, 'properties'))
  const { additionalProperties: more } = schema
  if (properties.size > 0) {
    const inner = properties.get(name)
    if (inner === undefined) return NO_FIELD
    return { schema: inner, place: place === '' ? name : `${place}.${name}` }
  }
  if (more === undefined) return NO_FIELD
  return { schema: isObject(more) ? more : undefined, place: `${place}[${name}]` }
}
