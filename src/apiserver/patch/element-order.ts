import { isObject, type Json } from '../../object/index.ts'

/** Splits items into those that a list names and the others. */
export function partition(
  items: readonly Json[],
  names: readonly Json[],
  by: string,
): { readonly inside: readonly Json[]; readonly outside: readonly Json[] } {
  const known = new Set(names.map((item) => keyOf(item, by)))
  return {
    inside: items.filter((item) => known.has(keyOf(item, by))),
    outside: items.filter((item) => !known.has(keyOf(item, by))),
  }
}

function keyOf(item: Json, by: string): string {
  return JSON.stringify(by !== '' && isObject(item) ? (item[by] ?? null) : item)
}

/**
 * Puts a merged list in order: the items of the patch as the patch orders them, those that only the
 * server has before the first item of the patch that followed them.
 * @see k8s.io/apimachinery pkg/util/strategicpatch/patch.go normalizeElementOrder (v0.36.3)
 */
export function orderElements(given: {
  readonly inside: readonly Json[]
  readonly outside: readonly Json[]
  readonly order: readonly Json[]
  readonly original: readonly Json[]
  readonly by: string
}): readonly Json[] {
  const { by } = given
  const server = ranks(given.original, by)
  const right = sortedBy(given.inside, ranks(given.order, by), by)
  const left = sortedBy(given.outside, server, by)
  const out: Json[] = []
  let l = 0
  for (const item of right) {
    const rank = server.get(keyOf(item, by))
    for (; l < left.length && rank !== undefined; l++) {
      const next = left[l] ?? null
      const own = server.get(keyOf(next, by))
      if (own === undefined || own >= rank) break
      out.push(next)
    }
    out.push(item)
  }
  return [...out, ...left.slice(l)]
}

function ranks(items: readonly Json[], by: string): ReadonlyMap<string, number> {
  const map = new Map<string, number>()
  for (const [i, item] of items.entries()) {
    const key = keyOf(item, by)
    if (!map.has(key)) map.set(key, i)
  }
  return map
}

function sortedBy(
  items: readonly Json[],
  order: ReadonlyMap<string, number>,
  by: string,
): readonly Json[] {
  const rank = (item: Json): number => order.get(keyOf(item, by)) ?? -1
  return [...items].sort((a, b) => rank(a) - rank(b))
}
