/** Lets a number of things happen at the same moment; the others wait for their turn, in order. */
export type Gate = <T>(act: () => Promise<T>) => Promise<T>

/** Creates a gate for `max` at a time. */
export function createGate(max: number): Gate {
  const waiting: (() => void)[] = []
  let free = max
  return async (act) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await act()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
