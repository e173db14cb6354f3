/** Simple stand-ins of the pure rooms beside, until they are there. */
import { rfc3339 } from '../base/index.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  sameJson,
} from '../object/index.ts'
import type { StatusCause } from './status.ts'

export interface Refusal {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly causes?: readonly StatusCause[]
}

type Plain = Record<string, Json | undefined>

export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch
  const out: Plain = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete out[key]
    else out[key] = mergePatch(out[key] ?? null, value)
  }
  return out
}

export function strategicMerge(object: KubeObject, patch: JsonObject): { object: KubeObject } {
  return { object: mergePatch(object as unknown as Json, patch) as unknown as KubeObject }
}

export function jsonPatch(
  object: KubeObject,
  operations: readonly Json[],
): { object: KubeObject } | { refusal: Refusal } {
  const copy = structuredClone(object) as unknown as Json
  for (const operation of operations) {
    if (!isObject(operation)) continue
    const path = String(operation['path']).split('/').slice(1)
    const keys = path.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = keys.pop() ?? ''
    let at: Json | undefined = copy
    for (const key of keys) at = isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined
    const parent = at as unknown
    if (isArray(parent)) {
      const list = parent as Json[]
      const index = last === '-' ? list.length : Number(last)
      if (operation['op'] === 'add') list.splice(index, 0, operation['value'] ?? null)
      else if (operation['op'] === 'remove') list.splice(index, 1)
      else list[index] = operation['value'] ?? null
    } else if (isObject(parent)) {
      const plain = parent as Plain
      if (operation['op'] === 'remove') delete plain[last]
      else if (operation['op'] !== 'test') plain[last] = operation['value'] ?? null
    }
  }
  return { object: copy as unknown as KubeObject }
}

export function applyPatch(ask: {
  readonly live?: KubeObject
  readonly applied: KubeObject
  readonly manager: string
  readonly now: number
  readonly subresource?: string
}): { object: KubeObject; changed: boolean } | { refusal: Refusal } {
  const merged = mergePatch((ask.live ?? {}) as unknown as Json, ask.applied as unknown as Json)
  const object = entry(merged as unknown as KubeObject, ask.applied, { ...ask, operation: 'Apply' })
  return { object, changed: !sameJson((ask.live ?? null) as unknown as Json, merged) }
}

export function trackUpdate(ask: {
  readonly live?: KubeObject
  readonly next: KubeObject
  readonly manager: string
  readonly now: number
  readonly subresource?: string
}): KubeObject {
  return entry(ask.next, ask.next, { ...ask, operation: 'Update' })
}

function entry(
  object: KubeObject,
  from: KubeObject,
  how: {
    readonly manager: string
    readonly now: number
    readonly operation: 'Apply' | 'Update'
    readonly subresource?: string
  },
): KubeObject {
  const old = object.metadata.managedFields ?? []
  const same = (each: ManagedFieldsEntry): boolean =>
    each.manager === how.manager &&
    each.operation === how.operation &&
    each.subresource === how.subresource
  const mine: ManagedFieldsEntry = {
    manager: how.manager,
    operation: how.operation,
    apiVersion: object.apiVersion,
    time: rfc3339(how.now),
    fieldsType: 'FieldsV1',
    fieldsV1: leaves(from as unknown as Json),
    ...(how.subresource === undefined ? {} : { subresource: how.subresource }),
  }
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: [...old.filter((each) => !same(each)), mine] },
  }
}

function leaves(value: Json): JsonObject {
  if (!isObject(value)) return {}
  const out: Plain = {}
  for (const [key, child] of Object.entries(value)) {
    if (['apiVersion', 'kind', 'managedFields', 'name', 'namespace', 'uid'].includes(key)) continue
    out[`f:${key}`] = leaves(child ?? null)
  }
  return out
}

export function sameButTimestamps(live: KubeObject, next: KubeObject): boolean {
  const bare = (object: KubeObject): Json => {
    const managed = (object.metadata.managedFields ?? []).map((each) => ({ ...each, time: '' }))
    return {
      ...object,
      metadata: { ...object.metadata, managedFields: managed },
    } as unknown as Json
  }
  return sameJson(bare(live), bare(next))
}
