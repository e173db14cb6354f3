import type { KubeObject } from '../object/index.ts'
import type { Kind } from './kind.ts'
import type { Refusal } from './standin.ts'
import { type StatusCause, StatusFault, type StatusReason } from './status.ts'

/** What the schema of a kind makes of an object that came in. */
export interface Conformed {
  readonly object: KubeObject
  /** Paths of fields that the schema does not know; they are gone from the object. */
  readonly unknown: readonly string[]
  /** What has the wrong type, as messages of a decoder. */
  readonly mismatches: readonly string[]
}

/** Brings an object into the form of its schema. */
export function conformTo(_kind: Kind, object: KubeObject): Conformed {
  return { object, unknown: [], mismatches: [] }
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
