/**
 * Kubernetes objects as plain JSON, and the ports to an API server.
 * Invariant: synchronous and pure; what it is handed it never changes.
 */
export {
  type ApiCode,
  ApiFault,
  type Cluster,
  type DeleteOptions,
  type Impersonation,
  isApiFault,
  type KubeList,
  type ListOptions,
  type ObjectRef,
  type PatchBody,
  type Resource,
  type WatchEvent,
  type WriteOptions,
} from './cluster.ts'
export {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  ownAt,
  sameJson,
  setKey,
  stringAt,
  valueAt,
} from './json.ts'
export { applyJsonPatch, type JsonPatchCode, type JsonPatchOp } from './json-patch.ts'
export { jsonMergePatch } from './merge-patch.ts'
export {
  apiVersionOf,
  fieldAt,
  type GroupKind,
  type Gvk,
  gvkOf,
  idKey,
  idOf,
  idText,
  isKubeObject,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectId,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
} from './object.ts'
export {
  type LabelMatcher,
  type LabelRequirement,
  parseSelector,
  type SelectorWords,
} from './selector.ts'
export type { ApiRequest, ApiResponse, Transport } from './transport.ts'
export { jsonOf, parseYaml, parseYamlBody, printYaml } from './yaml.ts'
export { copyAliases, unfoldAliases } from './yaml-anchors.ts'
export { parseYamlCommented, type YamlComments } from './yaml-comments.ts'
export { encodeYaml } from './yaml-encode.ts'
export { goFloat } from './yaml-go-syntax.ts'
export {
  addYaml,
  assignYaml,
  copyYaml,
  DOUBLE,
  FLOW,
  LITERAL,
  MAPPING,
  NONE,
  QUOTED,
  SCALAR,
  SEQUENCE,
  scalarNode,
  stringNode,
  type YamlCode,
  YamlError,
  type YamlNode,
  yamlNode,
} from './yaml-node.ts'
export { parseYamlDocument, parseYamlStream } from './yaml-parse.ts'
export { printValue } from './yaml-print.ts'
export { resolveScalar, resolveScalar11 } from './yaml-scalar.ts'
export { type YamlValue, yamlValue } from './yaml-value.ts'
