import { type Json, setKey } from '../../object/index.ts'

/** A JSON object that may be written to: a copy that nobody else has. */
export interface Draft {
  [key: string]: Json | undefined
}

/** Sets defaults in one struct; `kind` is that of the whole object. */
export type Defaulter = (draft: Draft, kind: string) => void

/** A deep copy to write to. */
export function draftOf(value: unknown): Draft {
  return copy(value as Json) as Draft
}

function copy(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as Json[]).map(copy)
  const result: Draft = {}
  const keys = Object.keys(value)
  // Counted, since this runs for every struct, and mostly before it is compiled.
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i] ?? ''
    const item = (value as Draft)[key]
    if (item === undefined) continue
    const copied = typeof item === 'object' ? copy(item) : item
    if (key === '__proto__') setKey(result, key, copied)
    else result[key] = copied
  }
  return result
}

/** The object under a key; undefined when there is none. */
export function draftAt(draft: Draft | undefined, key: string): Draft | undefined {
  const value = draft?.[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Draft)
    : undefined
}

/** The object under a key, made when there is none. */
export function madeAt(draft: Draft, key: string): Draft {
  const found = draftAt(draft, key)
  if (found !== undefined) return found
  const made: Draft = {}
  draft[key] = made as Json
  return made
}

/** The objects of the list under a key. */
export function draftsAt(draft: Draft | undefined, key: string): Draft[] {
  const value = draft?.[key]
  if (!Array.isArray(value)) return []
  return (value as Json[]).filter(
    (item): item is Draft & Json =>
      typeof item === 'object' && item !== null && !Array.isArray(item),
  )
}

/** Sets each key that is absent; `null` counts as absent. */
export function fill(draft: Draft, values: Readonly<Record<string, Json>>): void {
  for (const key in values) draft[key] ??= values[key]
}

/** As {@link fill}, for fields whose empty value means that they were not set. */
export function fillEmpty(draft: Draft, values: Readonly<Record<string, Json>>): void {
  for (const key in values) if (!draft[key]) draft[key] = values[key]
}
