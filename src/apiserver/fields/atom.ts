import type { Json } from '../../object/index.ts'
import type { MapType, SchemaType } from '../../schema/index.ts'

/** As what a value is treated. */
export type Atom = 'map' | 'scalar' | 'list'

/** Which of the things that a type allows a value is; what is none of them counts as the first. */
export function atomOf(type: SchemaType, value: Json | undefined): Atom | undefined {
  if (value !== null && value !== undefined) {
    if (Array.isArray(value)) {
      if (type.list !== undefined) return 'list'
    } else if (typeof value === 'object') {
      if (type.map !== undefined) return 'map'
    } else if (type.scalar !== undefined) return 'scalar'
  }
  if (type.map !== undefined) return 'map'
  if (type.scalar !== undefined) return 'scalar'
  return type.list === undefined ? undefined : 'list'
}

/** The type of a key of a map; undefined when the map has no such key. */
export function keyType(map: MapType, key: string): SchemaType | undefined {
  return map.fields.get(key)?.type ?? map.element
}
