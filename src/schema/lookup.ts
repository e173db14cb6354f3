import { definition, definitionOfKind } from './definitions.ts'
import { type KindName, keyOf } from './kinds.ts'
import { type SchemaType, untypedDeduced } from './type.ts'

/** The type of a built-in kind (lists, Status, Scale and the like included); undefined for others. */
export function builtinType(kind: KindName): SchemaType | undefined {
  return definitionOfKind(keyOf(kind))
}

/** The type of `metadata`, the same for every kind. */
export function objectMetaType(): SchemaType {
  return definition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') ?? untypedDeduced
}
