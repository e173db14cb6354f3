import { parseApiVersion } from '../object/index.ts'
import type { SchemaType } from '../schema/index.ts'
import { restated } from './convert/convert.ts'
import type { Core } from './core.ts'
import type { FieldsRequest } from './fields/index.ts'
import type { CustomKind, Kind } from './kind.ts'
import { structuralOf, typeOf } from './pipeline.ts'

/** Built-in kinds whose versions have other fields. */
const RENAMED = new Set(['horizontalpodautoscalers', 'events'])

/** What owners of fields have to know of the versions of a kind. */
export function versionsFor(core: Core, kind: Kind): Pick<FieldsRequest, 'typeOf' | 'convert'> {
  return {
    typeOf: (apiVersion) => typeOfVersion(core, kind, apiVersion),
    ...(kind.custom?.versionsDiffer === true || RENAMED.has(kind.plural)
      ? { convert: (object, apiVersion) => restated(object, kind, apiVersion) }
      : {}),
  }
}

/** The type of a kind in another version, for entries of managedFields that were written in it. */
function typeOfVersion(core: Core, kind: Kind, apiVersion: string): SchemaType | undefined {
  const { group, version } = parseApiVersion(apiVersion)
  const other = core.registry.find(group, version, kind.plural)
  if (other !== undefined) return typeOf(other)
  // A version that is served no more still has its schema.
  return kind.custom !== undefined && group === kind.group
    ? unservedType(kind.custom, version)
    : undefined
}

const unserved = new WeakMap<CustomKind, Map<string, SchemaType>>()

function unservedType(custom: CustomKind, version: string): SchemaType | undefined {
  if (!custom.schemas.has(version)) return undefined
  const types = unserved.get(custom) ?? new Map<string, SchemaType>()
  unserved.set(custom, types)
  const known = types.get(version)
  if (known !== undefined) return known
  const { type } = structuralOf({ ...custom, schema: custom.schemas.get(version) })
  types.set(version, type)
  return type
}
