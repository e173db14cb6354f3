import { type JsonObject, type KubeObject, sameJson } from '../object/index.ts'
import {
  builtinType,
  conform,
  inGoOrder,
  type SchemaType,
  told,
  untypedDeduced,
  wrapped,
} from '../schema/index.ts'
import {
  applyBuiltinDefaults,
  builtinWarnings,
  type Cause,
  complete,
  finalizerWarnings,
  prepareCreate,
  prepareUpdate,
  type Refusal,
  resetFields,
  validateBuiltin,
  validateMetadata,
} from './builtin/index.ts'
import { scaleCauses } from './custom-scale.ts'
import { noteEmptied } from './empties.ts'
import type { CustomKind, Kind } from './kind.ts'
import { badRequest, StatusFault, type StatusReason } from './status.ts'
import {
  compileStructural,
  type StructuralSchema,
  validateCrd,
  validateCrdStatus,
} from './structural/index.ts'
import { literalIn } from './wire/parse-json.ts'

const compiled = new WeakMap<CustomKind, StructuralSchema>()

/** The schema of a custom kind, read when it is first asked for. */
export function structuralOf(custom: CustomKind): StructuralSchema {
  let found = compiled.get(custom)
  if (found === undefined) {
    found = compileStructural(custom.schema, {
      preserveUnknownFields: custom.preserveUnknownFields,
    })
    compiled.set(custom, found)
  }
  return found
}

/** The type of a kind's objects. */
export function typeOf(kind: Kind): SchemaType {
  if (kind.custom !== undefined) return structuralOf(kind.custom).type
  return builtinType(kind) ?? untypedDeduced
}

/** What a request to a kind or one of its parts can not set, and so does not own. */
export function resetFieldsOf(kind: Kind, subresource: string): readonly (readonly string[])[] {
  return resetFields(kind, subresource, kind.custom)
}

/** What the schema of a kind makes of an object that came in. */
export interface Conformed {
  readonly object: KubeObject
  /** Paths of fields that the schema does not know; they are gone from the object. */
  readonly unknown: readonly string[]
}

/**
 * Brings an object into the form of its schema. Numbers that do not fit are told as the text of the
 * body has them, where there is one.
 * @throws StatusFault 400 for values that the schema can not hold
 */
export function conformTo(kind: Kind, object: KubeObject, body = ''): Conformed {
  const refuse = (why: string): never => {
    const version = JSON.stringify(kind.version)
    throw badRequest(
      `${kind.kind} in version ${version} cannot be handled as a ${kind.kind}: ${why}`,
    )
  }
  if (kind.custom !== undefined) {
    const pruned = structuralOf(kind.custom).prune(object)
    return pruned.mismatches[0] === undefined ? pruned : refuse(pruned.mismatches[0])
  }
  const result = conform(object as unknown as JsonObject, typeOf(kind))
  const mismatch = told(result.mismatches)
  if (mismatch !== undefined) refuse(inItsWords(mismatch.message, body))
  noteEmptied(result.object as unknown as KubeObject, result.emptied)
  return { object: result.object as unknown as KubeObject, unknown: result.unknown }
}

/** Numbers are told as they were written. */
function inItsWords(message: string, body: string): string {
  return message.replace(
    /(cannot unmarshal number )(-?(?:[\d.]+(?:e[-+]?\d+)?|Infinity))/,
    (_, start: string, number: string) => start + literalIn(body, Number(number)),
  )
}

/** What admission made of an object, in its form; what the kind can not hold is found later. */
export function completedFor(kind: Kind, object: KubeObject): KubeObject {
  return kind.custom === undefined ? complete(object) : object
}

/** The first value that a kind can not hold, in the words of Go's JSON; of custom kinds, in metadata. */
export function mismatchOf(kind: Kind, object: KubeObject): string | undefined {
  if (kind.custom !== undefined) return structuralOf(kind.custom).mismatch(object)
  return told(conform(object as unknown as JsonObject, typeOf(kind)).mismatches)?.message
}

/**
 * What Go's conversion of maps into structs makes of an object, as patches have it that work on
 * fields and are not read from JSON again: the object, or the first value that it can not hold.
 */
export function restored(
  kind: Kind,
  object: KubeObject,
): { readonly object: KubeObject } | { readonly mismatch: string } {
  if (kind.custom !== undefined) {
    const mismatch = structuralOf(kind.custom).mismatch(object, true)
    return mismatch === undefined ? { object } : { mismatch }
  }
  const type = typeOf(kind)
  const value = object as unknown as JsonObject
  if (conform(value, type).mismatches.length === 0) return { object }
  const { mismatches } = conform(inGoOrder(value, type) as JsonObject, type)
  const found = mismatches.find(({ restoring }) => restoring !== '')
  if (found !== undefined) return { mismatch: found.restoring }
  return { object: wrapped(value, type) as unknown as KubeObject }
}

/** Fills in what the kind sets by default. */
export function withDefaults(kind: Kind, object: KubeObject, keepsNulls = false): KubeObject {
  return kind.custom === undefined
    ? applyBuiltinDefaults(object)
    : structuralOf(kind.custom).applyDefaults(object, keepsNulls)
}

/** What creation resets and sets: no status, generation 1. */
export function preparedForCreate(kind: Kind, object: KubeObject, now: number): KubeObject {
  const { custom } = kind
  if (custom === undefined) {
    const prepared = prepareCreate(object, { now })
    // What the real server reads back from its storage has got defaults once more.
    return kind.kind === 'Job' ? applyBuiltinDefaults(prepared) : prepared
  }
  if (!custom.hasStatus) return withGeneration(object, 1)
  // A default of the status comes back when the stored object is read; nulls are yet to be checked.
  return withGeneration(withDefaults(kind, withStatus(object, undefined), true), 1)
}

/** What an update may not change: the other half of spec and status; and the new generation. */
export function preparedForUpdate(
  kind: Kind,
  next: KubeObject,
  at: { readonly old: KubeObject; readonly subresource: string; readonly now: number },
): KubeObject {
  const { custom } = kind
  const { old, subresource } = at
  if (custom === undefined) return prepareUpdate(next, old, subresource, { now: at.now })
  if (subresource === 'status') {
    const { managedFields } = next.metadata
    const { managedFields: _, ...kept } = old.metadata
    const metadata = managedFields === undefined ? kept : { ...kept, managedFields }
    return { ...withStatus(old, next['status']), metadata }
  }
  const kept = custom.hasStatus ? withStatus(next, old['status']) : next
  const generation = old.metadata.generation ?? 1
  return withGeneration(kept, sameContent(kept, old, custom) ? generation : generation + 1)
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const { status: _, ...rest } = object as KubeObject & { status?: unknown }
  return (status === undefined ? rest : { ...rest, status }) as KubeObject
}

function withGeneration(object: KubeObject, generation: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, generation } }
}

/** Whether nothing but metadata differs, and status where that is written apart. */
function sameContent(a: KubeObject, b: KubeObject, custom: CustomKind): boolean {
  const bare = (object: KubeObject): JsonObject => {
    const { metadata: _m, status, ...rest } = object as KubeObject & { status?: unknown }
    return (custom.hasStatus ? rest : { ...rest, status }) as JsonObject
  }
  return sameJson(bare(a), bare(b))
}

/** Everything that is wrong with an object; with `old`, what may not be changed, too. */
export function problemsOf(
  kind: Kind,
  object: KubeObject,
  old?: KubeObject,
  subresource = '',
): readonly Cause[] {
  // What these parts write is theirs alone, and no update of the whole could.
  if (subresource === 'binding') return []
  return checked(kind, object, old, subresource)
}

function checked(
  kind: Kind,
  object: KubeObject,
  old: KubeObject | undefined,
  subresource: string,
): readonly Cause[] {
  if (kind.kind === 'CustomResourceDefinition' && kind.group === 'apiextensions.k8s.io')
    return subresource === 'status' && old !== undefined
      ? validateCrdStatus(object, old)
      : validateCrd(object, old)
  if (kind.custom === undefined) {
    const causes = validateBuiltin(object, old, subresource === 'scale' ? '' : subresource)
    // The name of an APIService is made of version and group, and the core group has none.
    const isCoreService = kind.kind === 'APIService' && object.metadata.name === 'v1.'
    return isCoreService ? causes.filter((each) => each.field !== 'metadata.name') : causes
  }
  const causes = validateMetadata(object, kind.namespaced, old)
  const write = { old, subresource, before: causes }
  return [
    ...causes,
    ...structuralOf(kind.custom).validate(object, write),
    ...scaleCauses(kind.custom, object, subresource),
  ]
}

/** What the API server warns of in an object that it takes. */
export function warningsOf(kind: Kind, object: KubeObject, old?: KubeObject): readonly string[] {
  return kind.custom === undefined ? builtinWarnings(object, old) : finalizerWarnings(object, old)
}

const REJECTED = 'the server rejected our request due to an error in our request'

/** A refusal of a pure room as the fault that is answered. */
export function faultOf(kind: Kind, name: string, refusal: Refusal): StatusFault {
  const named = {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
  }
  const { causes } = refusal
  if (refusal.message === REJECTED)
    return new StatusFault({ code: 422, reason: 'Invalid', message: REJECTED, details: {} })
  return new StatusFault({
    code: refusal.code,
    reason: refusal.reason as StatusReason,
    message: refusal.message,
    ...(causes === undefined
      ? {}
      : { details: refusal.code === 409 ? { causes } : { ...named, causes } }),
  })
}
