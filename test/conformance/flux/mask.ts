import type { Json, JsonObject } from '../../../src/object/index.ts'
import { isArray, isObject } from '../../../src/object/index.ts'

/** The names that stand for what differs from run to run. */
export interface MaskRules {
  readonly tempDir: string
  readonly commits: readonly string[]
  readonly extra: readonly (readonly [string, string])[]
}

/** Replaces commits, times, durations, ids and temporary folders in a text. */
export function maskText(text: string, rules: MaskRules): string {
  let out = text
  rules.commits.forEach((commit, i) => {
    out = out.replaceAll(commit, `{COMMIT${i + 1}}`)
  })
  const temp = rules.tempDir.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  out = out
    .replaceAll(new RegExp(`${temp}/[^/\\s:'"]+`, 'g'), '{TMP}')
    .replaceAll(/127\.0\.0\.1:\d+/g, '{HOST}')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '{SHA}')
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '{UID}')
    .replaceAll(/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g, '{TIME}')
    .replaceAll(/(finished in|passed in|failed after) [0-9.hmsµn]+/g, '$1 {DUR}')
  for (const [pattern, to] of rules.extra) out = out.replaceAll(new RegExp(pattern, 'g'), to)
  return out
}

/** Masks every text of a value, keys too; keys are sorted. */
export function maskDeep(value: Json | undefined, rules: MaskRules): Json {
  if (typeof value === 'string') return maskText(value, rules)
  if (isArray(value)) return value.map((item) => maskDeep(item, rules))
  if (!isObject(value)) return value ?? null
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(
    entries.map(([key, item]): [string, Json] => [maskText(key, rules), maskDeep(item, rules)]),
  )
}

/** What was seen, with the tails of its messages cut off where they begin with what is expected. */
export function levelTails(expected: Json | undefined, actual: Json, key = ''): Json {
  if (isObject(expected) && isObject(actual)) {
    const entries = Object.entries(actual) as [string, Json][]
    return Object.fromEntries(
      entries.map(([name, value]) => [name, levelTails(expected[name], value, name)]),
    ) as JsonObject
  }
  if (isArray(expected) && isArray(actual) && expected.length === actual.length)
    return actual.map((item, i) => levelTails(expected[i], item, key))
  const isTail =
    key === 'message' &&
    typeof expected === 'string' &&
    typeof actual === 'string' &&
    expected !== '' &&
    actual.startsWith(expected)
  return isTail ? expected : actual
}
