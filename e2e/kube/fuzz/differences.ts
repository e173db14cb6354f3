import { isArray, isObject, type Json, valueAt } from '../../../src/object/index.ts'
import type { ContractAnswer, ContractCase } from '../../../test/kit/cluster-contract.ts'

interface Found {
  count: number
  readonly example: string
}

/** Gathers how answers differ, by kind of difference. */
export class Differences {
  readonly #found = new Map<string, Found>()
  readonly #kinds = new Map<string, { cases: number; equal: number }>()

  add(of: ContractCase, ours: readonly ContractAnswer[], theirs: readonly ContractAnswer[]): void {
    const kind = of.why.split(' ')[0] ?? ''
    const counted = this.#kinds.get(kind) ?? { cases: 0, equal: 0 }
    this.#kinds.set(kind, counted)
    counted.cases += 1
    const i = theirs.findIndex((each, at) => JSON.stringify(each) !== JSON.stringify(ours[at]))
    const [want, got] = [theirs[i], ours[i]]
    if (want === undefined || got === undefined) {
      counted.equal += 1
      return
    }
    const step = of.steps[i]
    const where = `${kind} ${step?.method ?? ''} ${want.status}/${got.status}`
    for (const each of differing(want, got))
      this.#count(`${where} ${each.slice(0, 300)}`, `${of.name} #${i} ${of.why.slice(0, 300)}`)
  }

  #count(key: string, example: string): void {
    const found = this.#found.get(key)
    if (found === undefined) this.#found.set(key, { count: 1, example })
    else found.count += 1
  }

  /** All kinds of differences, the most frequent first, and the count of cases by kind. */
  report(): string {
    const lines = [...this.#found]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([key, { count, example }]) => `${count} ${key}\n      ${example}`)
    const kinds = [...this.#kinds]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, { cases, equal }]) => `${kind} ${equal}/${cases}`)
    const counts = [...this.#kinds.values()]
    const equal = counts.reduce((sum, each) => sum + each.equal, 0)
    const cases = counts.reduce((sum, each) => sum + each.cases, 0)
    return `${lines.join('\n')}\n${kinds.join(', ')}\n${equal} of ${cases} cases equal\n`
  }
}

function differing(want: ContractAnswer, got: ContractAnswer): string[] {
  const theirs = causesOf(want.body)
  const ours = causesOf(got.body)
  if (theirs.length > 0 || ours.length > 0) {
    const missing = theirs.filter((each) => !ours.includes(each)).map((each) => `missing ${each}`)
    const wrong = ours.filter((each) => !theirs.includes(each)).map((each) => `wrong ${each}`)
    if (missing.length + wrong.length > 0) return [...missing, ...wrong]
  }
  return [first(want as unknown as Json, got as unknown as Json, '') ?? '?']
}

function causesOf(body: Json): string[] {
  const causes = valueAt(body, 'details', 'causes')
  if (!isArray(causes)) return []
  return causes.map((each) =>
    plain(`${String(valueAt(each, 'field'))}: ${String(valueAt(each, 'message'))}`),
  )
}

/** A text without what differs from case to case. */
function plain(text: string): string {
  return text
    .replaceAll(/\[\d+\]/g, '[]')
    .replaceAll(/f?\d+-\d+/g, 'N')
    .replaceAll(
      /(Invalid|Unsupported|Duplicate) value: ("(?:[^"\\]|\\.)*"|-?[\d.]+|\{.{0,80}.*?\}|\[.*?\])(?=$|:)/g,
      '$1 value: _',
    )
}

function first(want: Json, got: Json | undefined, path: string): string | undefined {
  if (JSON.stringify(want) === JSON.stringify(got)) return undefined
  if (isArray(want) && isArray(got)) {
    for (const [i, item] of want.entries()) {
      const found = first(item, got[i], `${path}[]`)
      if (found !== undefined) return found
    }
    return `${path}: ${want.length} items, ours ${got.length}`
  }
  if (isObject(want) && isObject(got)) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
      const [a, b] = [want[key], got[key]]
      if (a === undefined && b !== undefined) return `${path}.${key} is not there, ours ${text(b)}`
      const found = a === undefined ? undefined : first(a, b, `${path}.${key}`)
      if (found !== undefined) return found
    }
    return `${path} in another order`
  }
  return `${path}: ${text(want)}, ours ${text(got)}`
}

function text(value: Json | undefined): string {
  return plain(JSON.stringify(value) ?? 'nothing').slice(0, 220)
}
