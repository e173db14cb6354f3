/**
 * The built-in kinds of Kubernetes: their types, where they are served, and the typed round trip.
 * Invariant: the data is generated from a kube-apiserver of the version that it names; what is read
 * of it is read when it is first asked for.
 */
export { type Conformed, conform, type Emptied } from './conform.ts'
export { definition } from './definitions.ts'
export { inGoOrder, wrapped } from './go-order.ts'
export type { JsonMap, JsonValue } from './json.ts'
export {
  type BuiltinKind,
  type BuiltinSubresource,
  builtinKind,
  builtinKinds,
  builtinResource,
  type KindName,
} from './kinds.ts'
export { kubernetesVersion } from './kubernetes.generated.ts'
export { builtinType, objectMetaType } from './lookup.ts'
export { canonicalQuantity, formatQuantity, parseQuantity, type Quantity } from './quantity.ts'
export { type Mismatch, told } from './spot.ts'
export { completed } from './struct-plan.ts'
export {
  type FieldType,
  type ListType,
  type MapType,
  type ScalarFormat,
  type SchemaType,
  untypedAtomic,
  untypedDeduced,
} from './type.ts'
