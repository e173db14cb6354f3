import { compareText } from '../../base/index.ts'
import type { Json, JsonObject, KubeObject } from '../../object/index.ts'
import type { SchemaType } from '../../schema/index.ts'
import type { Cause } from '../builtin/index.ts'
import { embeddedCauses } from './embedded.ts'
import { listTypeCauses } from './list-type.ts'
import { type Node, readNode } from './node.ts'
import { ruleCauses } from './rules.ts'
import { resourceType } from './type.ts'
import { schemaCauses } from './validate.ts'
import { type Coerced, coerceMetadata, withDefaults, withoutNulls, withoutUnknown } from './walk.ts'

/** The schema of one version of a CRD, ready for use. */
export interface StructuralSchema {
  /** How objects of it are merged and owned. */
  readonly type: SchemaType
  /**
   * What is wrong with an object by its schema; with `old`, what did not change is not checked again
   * and transition rules are. Of subresource `status` the status alone is checked.
   */
  validate(object: KubeObject, write?: CheckedWrite): readonly Cause[]
  /** Fills in the defaults; drops nulls that are not allowed, unless they are to be kept. */
  applyDefaults(object: KubeObject, keepsNulls?: boolean): KubeObject
  /** An object of another version in the form of this one: less what it does not know. */
  coerce(object: KubeObject): KubeObject
  /**
   * What the decoder says of the first value in metadata that does not fit; of the object's own alone
   * where embedded resources are not decoded.
   */
  mismatch(object: KubeObject, isShallow?: boolean): string | undefined
  /** Drops what the schema does not specify and names it; brings metadata into its form. */
  prune(object: KubeObject): {
    readonly object: KubeObject
    readonly unknown: readonly string[]
    /** What the decoder says of metadata that does not fit. */
    readonly mismatches: readonly string[]
  }
}

/** The write whose object is checked. */
export interface CheckedWrite {
  readonly old?: KubeObject | undefined
  readonly subresource?: string
  /** What is wrong already, for rules are not asked about an object whose form is wrong. */
  readonly before?: readonly Cause[]
}

/** Reads a schema; without one every object is as it should be. */
export function compileStructural(
  openApiV3Schema: JsonObject | undefined,
  options: { readonly preserveUnknownFields?: boolean } = {},
): StructuralSchema {
  const preserve = options.preserveUnknownFields === true
  const root = openApiV3Schema === undefined ? undefined : readNode(openApiV3Schema)
  const walked = root ?? { ...readNode({}), preserveUnknown: true }
  return {
    type: resourceType(root, preserve),
    validate: (object, write = {}) => validate(walked, object, write),
    applyDefaults: (object, keepsNulls = false) =>
      withDefaults(object as unknown as Json, walked, keepsNulls) as unknown as KubeObject,
    coerce: (object) =>
      withoutNulls(
        prune(walked, object).object as unknown as Json,
        walked,
      ) as unknown as KubeObject,
    mismatch: (object, isShallow = false) =>
      coercedOf(isShallow ? SHALLOW : walked, object).found.mismatches[0],
    prune: (object) => prune(preserve ? { ...walked, preserveUnknown: true } : walked, object),
  }
}

/** Nothing but the metadata of the object itself. */
const SHALLOW: Node = readNode({})

function coercedOf(root: Node, object: KubeObject): { coerced: JsonObject; found: Coerced } {
  const found: Coerced = { unknown: [], mismatches: [] }
  return { coerced: coerceMetadata(object as unknown as JsonObject, root, found), found }
}

function prune(root: Node, object: KubeObject): ReturnType<StructuralSchema['prune']> {
  const { coerced, found } = coercedOf(root, object)
  const pruned = withoutUnknown(coerced, root)
  return {
    object: pruned.object as unknown as KubeObject,
    // A pruned schema names what it dropped in order.
    unknown: [...pruned.unknown, ...found.unknown].sort(compareText),
    mismatches: found.mismatches,
  }
}

function validate(
  root: Node,
  object: KubeObject,
  { old, subresource, before: wrong = [] }: CheckedWrite,
): readonly Cause[] {
  const value = object as unknown as JsonObject
  const before = old as unknown as JsonObject | undefined
  const causes =
    subresource === 'status'
      ? statusCauses(root, value, before)
      : [...schemaCauses(value, root, '', before)]
  causes.push(...embeddedCauses(value, root, ''))
  if (before === undefined || listTypeCauses(before, root, '').length === 0)
    causes.push(...listTypeCauses(value, root, ''))
  return [...causes, ...ruleCauses(value, root, { old: before, before: [...wrong, ...causes] })]
}

function statusCauses(root: Node, value: JsonObject, old: JsonObject | undefined): Cause[] {
  const node = root.properties.get('status')
  const status = value['status']
  if (node === undefined || status === undefined) return []
  const found = schemaCauses(status, node, '', old?.['status'])
  return found.map((cause) => ({
    ...cause,
    field: cause.field === '<nil>' ? 'status' : `status.${cause.field}`,
  }))
}
