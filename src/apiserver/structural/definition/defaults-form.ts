import { isArray, isObject, type Json, type JsonObject, sameJson } from '../../../object/index.ts'
import { type Cause, invalid } from '../../builtin/index.ts'
import { embeddedCauses } from '../embedded.ts'
import { type Node, readNode } from '../node.ts'
import { ruleCauses } from '../rules.ts'
import { schemaCauses } from '../validate.ts'
import { type Coerced, coerceEmbedded, withoutUnknown } from '../walk.ts'
import { schemasAt } from './parts.ts'

/**
 * Defaults must be what the schema asks for, and nothing that it does not know.
 * @see k8s.io/apiextensions-apiserver pkg/apiserver/schema/defaulting/validation.go (v0.36.3)
 */
export function defaultCauses(schema: JsonObject, path: string): Cause[] {
  return inSchema(schema, path, true)
}

function inSchema(schema: JsonObject, path: string, isRoot: boolean): Cause[] {
  const causes: Cause[] = []
  const value = schema['default']
  if (value !== undefined && value !== null) {
    const node = isRoot ? { ...readNode(schema), embedded: true } : readNode(schema)
    causes.push(...valueCauses(value, node, { place: `${path}.default`, schema }))
  }
  const { items } = schema
  if (isObject(items)) causes.push(...inSchema(items, `${path}.items`, false))
  // No defaults are allowed in what maps hold.
  for (const [key, inner] of schemasAt(schema, 'properties'))
    causes.push(...inSchema(inner, `${path}.properties[${key}]`, false))
  return causes
}

interface DefaultAt {
  readonly place: string
  readonly schema: JsonObject
}

function valueCauses(value: Json, node: Node, { place, schema }: DefaultAt): Cause[] {
  const causes: Cause[] = []
  const pruned = withoutUnknown({ value }, rootWith(node))
  if (!sameJson(pruned.object, { value }))
    causes.push(invalid(place, value, 'must not have unknown fields'))
  const found: Coerced = { unknown: [], mismatches: [] }
  coerceEmbedded(value, node, place, found)
  const [mismatch] = found.mismatches
  if (mismatch !== undefined) {
    const message = mismatch.slice(mismatch.indexOf(': ') + 2)
    return [
      ...causes,
      { reason: 'FieldValueInvalid', message, field: mismatch.slice(0, mismatch.indexOf(': ')) },
    ]
  }
  const metadata = embeddedCauses(value, node, place)
  if (metadata.length > 0) return [...causes, ...metadata]
  const asGiven = readNode(withoutIntOrString(schema) as JsonObject, true)
  const wrong = schemaCauses(value, asGiven, '', undefined).map((cause) => placed(cause, place))
  if (wrong.length > 0) return [...causes, ...wrong]
  const same = ruleCauses(value, node, { old: value, isDefault: true })
  const ruled =
    same.length > 0 ? same : ruleCauses(value, node, { old: undefined, isDefault: true })
  // Here a place in a list or map follows without a dot.
  return [
    ...causes,
    ...ruled.map((cause) =>
      cause.field.startsWith('[')
        ? { ...cause, field: `${place}${cause.field}` }
        : placed(cause, place),
    ),
  ]
}

/** The types of int-or-string are those that are said: of a default nothing more is asked. */
function withoutIntOrString(schema: Json): Json {
  if (isArray(schema)) return schema.map(withoutIntOrString)
  if (!isObject(schema)) return schema
  const { 'x-kubernetes-int-or-string': is, ...rest } = schema
  const left = is === true ? rest : schema
  return Object.fromEntries(
    Object.entries(left).map(([key, value]) => [key, withoutIntOrString(value ?? null)]),
  )
}

function rootWith(node: Node): Node {
  return { ...readNode({}), properties: new Map([['value', node]]) }
}

function placed(cause: Cause, place: string): Cause {
  if (cause.field === '<nil>') return { ...cause, field: place }
  return { ...cause, field: `${place}.${cause.field}` }
}
