import type { KubeObject } from '../object/index.ts'
import {
  builtinType,
  conform,
  objectMetaType,
  type SchemaType,
  untypedDeduced,
} from '../schema/index.ts'
import type { Refusal } from './builtin/index.ts'
import type { Kind } from './kind.ts'
import { badRequest, type StatusCause, StatusFault, type StatusReason } from './status.ts'

const customTypes = new WeakMap<object, SchemaType>()

/** The type of a kind's objects. */
export function typeOf(kind: Kind): SchemaType {
  const { custom } = kind
  if (custom === undefined) return builtinType(kind) ?? untypedDeduced
  const known = customTypes.get(custom)
  if (known !== undefined) return known
  const type: SchemaType = {
    map: {
      fields: new Map([
        [
          'metadata',
          { type: objectMetaType(), required: false, emit: 'set', patchStrategies: [] } as const,
        ],
      ]),
      element: untypedDeduced,
      atomic: false,
    },
  }
  customTypes.set(custom, type)
  return type
}

/** What a request to a kind or one of its parts can not set, and so does not own. */
export function resetFieldsOf(kind: Kind, subresource: string): readonly (readonly string[])[] {
  if (subresource === 'status')
    return [['spec'], ['metadata', 'labels'], ['metadata', 'annotations']]
  return kind.subresources.some((each) => each.name === 'status') ? [['status']] : []
}

/** What the schema of a kind makes of an object that came in. */
export interface Conformed {
  readonly object: KubeObject
  /** Paths of fields that the schema does not know; they are gone from the object. */
  readonly unknown: readonly string[]
}

/**
 * Brings an object into the form of its schema.
 * @throws StatusFault 400 for values that the schema can not hold
 */
export function conformTo(kind: Kind, object: KubeObject): Conformed {
  if (kind.custom !== undefined) return { object, unknown: [] }
  const result = conform(object as never, typeOf(kind))
  const [mismatch] = result.mismatches
  if (mismatch !== undefined)
    throw badRequest(
      `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${mismatch.message}`,
    )
  return { object: result.object as unknown as KubeObject, unknown: result.unknown }
}

/** Fills in what the kind sets by default. */
export function withDefaults(_kind: Kind, object: KubeObject): KubeObject {
  return object
}

/** What creation resets and sets: no status, generation 1. */
export function preparedForCreate(kind: Kind, object: KubeObject): KubeObject {
  const generation = 1
  const { status: _, ...rest } = object as KubeObject & { status?: unknown }
  const bare = kind.subresources.some((each) => each.name === 'status') ? rest : object
  return { ...bare, metadata: { ...object.metadata, generation } } as KubeObject
}

/** What an update may not change: the other half of spec and status; and the new generation. */
export function preparedForUpdate(
  kind: Kind,
  next: KubeObject,
  old: KubeObject,
  subresource: string,
): KubeObject {
  const split = kind.subresources.some((each) => each.name === 'status')
  if (subresource === 'status') {
    const metadata = { ...old.metadata }
    const { managedFields } = next.metadata
    return {
      ...old,
      ...(next['status'] === undefined ? {} : { status: next['status'] }),
      metadata: { ...metadata, ...(managedFields === undefined ? {} : { managedFields }) },
    }
  }
  const merged = split ? withStatusOf(next, old) : next
  const changed = !sameContent(merged, old, split)
  const generation = (old.metadata.generation ?? 1) + (changed ? 1 : 0)
  return { ...merged, metadata: { ...merged.metadata, generation } }
}

function withStatusOf(next: KubeObject, old: KubeObject): KubeObject {
  const { status: _, ...rest } = next as KubeObject & { status?: unknown }
  return (old['status'] === undefined ? rest : { ...rest, status: old['status'] }) as KubeObject
}

function sameContent(a: KubeObject, b: KubeObject, split: boolean): boolean {
  const bare = (object: KubeObject): string => {
    const { metadata: _m, status, ...rest } = object as KubeObject & { status?: unknown }
    return JSON.stringify(split ? rest : { ...rest, status })
  }
  return bare(a) === bare(b)
}

/** Everything that is wrong with an object; with `old`, what may not be changed, too. */
export function problemsOf(
  _kind: Kind,
  _object: KubeObject,
  _old?: KubeObject,
  _subresource?: string,
): readonly StatusCause[] {
  return []
}

/** A refusal of a pure room as the fault that is answered. */
export function faultOf(kind: Kind, name: string, refusal: Refusal): StatusFault {
  return new StatusFault({
    code: refusal.code,
    reason: refusal.reason as StatusReason,
    message: refusal.message,
    ...(refusal.causes === undefined
      ? {}
      : {
          details: {
            ...(refusal.code === 409 ? {} : { name }),
            ...(kind.group === '' || refusal.code === 409 ? {} : { group: kind.group }),
            ...(refusal.code === 409 ? {} : { kind: kind.kind }),
            causes: refusal.causes,
          },
        }),
  })
}
