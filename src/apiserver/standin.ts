/** Simple stand-ins of the pure rooms beside, until they are there. */
import { isArray, isObject, type Json, type JsonObject, type KubeObject } from '../object/index.ts'
import type { Refusal } from './builtin/index.ts'

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
