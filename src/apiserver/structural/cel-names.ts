import type { SchemaHint } from '../../cel/index.ts'
import { isArray, isObject, type Json } from '../../object/index.ts'
import type { Node } from './node.ts'
import { keyNode } from './walk.ts'

/** Words of the language; a property with such a name has two. */
export const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/**
 * The name of a property in an expression: what is no letter of an identifier is spelled out.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export function celName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.includes('__')) return name
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
}

const renaming = new WeakMap<Node, boolean>()

function renames(node: Node): boolean {
  const known = renaming.get(node)
  if (known !== undefined) return known
  const { additional } = node
  const does =
    [...node.properties].some(([name, inner]) => celName(name) !== name || renames(inner)) ||
    (node.items !== undefined && renames(node.items)) ||
    (typeof additional === 'object' && renames(additional))
  renaming.set(node, does)
  return does
}

/** A value with its properties named as expressions name them; keys of maps stay as they are. */
export function celNames(value: Json, node: Node | undefined): Json {
  if (node === undefined || !renames(node)) return value
  if (isArray(value)) return value.map((item) => celNames(item, node.items))
  if (!isObject(value)) return value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const name = node.properties.has(key) ? celName(key) : key
    const named = celNames(item, keyNode(node, key))
    result[name] = named
    // A reserved word may be said as it is, where it can be nothing else.
    if (name !== key && RESERVED.has(key)) result[key] = named
  }
  return result
}

const hints = new WeakMap<Node, SchemaHint>()

/** What expressions need to know of a schema. */
export function celHint(node: Node): SchemaHint {
  const known = hints.get(node)
  if (known !== undefined) return known
  const properties = [...node.properties].flatMap(([name, inner]) => {
    const below = celHint(inner)
    const known = [celName(name), below] as const
    return RESERVED.has(name) ? [known, [name, below] as const] : [known]
  })
  const type = node.types.length === 1 ? node.types[0] : undefined
  const hint: SchemaHint = {
    ...(type === undefined ? {} : { type }),
    ...(node.format === '' ? {} : { format: node.format }),
    properties: Object.fromEntries(properties),
    ...(typeof node.additional === 'object'
      ? { additionalProperties: celHint(node.additional) }
      : {}),
    ...(node.intOrString ? { intOrString: true } : {}),
    ...(node.items === undefined ? {} : { items: celHint(node.items) }),
  }
  hints.set(node, hint)
  return hint
}
