/**
 * Lets everything else that waits have its turn. A long piece of work on the one thread that watches,
 * probes and leases run on is cut into short ones with it.
 */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Does work item by item, with a turn for everything else after each `batch` items. */
export async function inTurns<T, R>(
  items: readonly T[],
  batch: number,
  work: (item: T, index: number) => R,
): Promise<R[]> {
  const results: R[] = []
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % batch === 0) await nextTurn()
    results.push(work(item, i))
  }
  return results
}
