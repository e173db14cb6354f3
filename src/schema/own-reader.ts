import { definition } from './definitions.ts'
import { isList, isMap, type JsonValue } from './json.ts'
import type { SchemaType } from './type.ts'

const PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

/** How a part of a schema that reads itself reads a value. */
export type OwnRead =
  /** As another type. */
  | { readonly as: SchemaType }
  /** By itself: the value, or why it can not be one. */
  | { readonly value: JsonValue; readonly problem?: string }

const TEXTS: SchemaType = {
  list: { element: { scalar: 'string' }, associative: false, keys: [] },
}

/**
 * How parts of schemas that are a schema or something else read a value. Where that fails the decoder
 * stops, and what they do not know falls away unseen. Undefined: the type is none of them.
 * @see k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1/marshal.go (v0.36.3)
 */
export function readOwn(value: JsonValue, name: string): OwnRead | undefined {
  if (!name.startsWith(`${PROPS}Or`)) return undefined
  const props = definition(PROPS)
  if (props === undefined) return undefined
  if (isMap(value)) return { as: props }
  switch (name.slice(PROPS.length)) {
    case 'OrBool':
      return typeof value === 'boolean'
        ? { value }
        : { value, problem: 'boolean or JSON schema expected' }
    case 'OrArray':
      return isList(value)
        ? { as: { list: { element: props, associative: false, keys: [] } } }
        : { value: null }
    default:
      return isList(value) ? { as: TEXTS } : { value: null }
  }
}
