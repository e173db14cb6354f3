import { KNOWN } from './known.ts'
import type { AdmissionCase, Seen } from './play.ts'

/** Steps that differ, in whatever order members stand. */
export function differing(
  cases: readonly AdmissionCase[],
  theirs: Record<string, readonly Seen[]>,
  ours: Record<string, readonly Seen[]>,
): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const { name } of cases)
    for (const [i, want] of (theirs[name] ?? []).entries()) {
      const got = ours[name]?.[i]
      const key = `${name} $ ${i}`
      if (JSON.stringify(comparable(got)) === JSON.stringify(comparable(want))) continue
      found[key] = KNOWN[key] ?? { want, got }
    }
  return found
}

/** What is known to differ of some cases. */
export function knownOf(cases: readonly AdmissionCase[]): Record<string, unknown> {
  const names = new Set(cases.map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(KNOWN).filter(([key]) => names.has(key.split(' $ ')[0] ?? '')),
  )
}

function comparable(seen: Seen | undefined): unknown {
  if (seen === undefined) return undefined
  return ordered({ ...seen, body: parsed(seen.body) })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, ordered(object[key])]),
  )
}
