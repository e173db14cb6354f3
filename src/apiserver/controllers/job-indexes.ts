import type { KubeObject } from '../../object/index.ts'

/** The annotation and label that say the index of a pod. */
export const INDEX = 'batch.kubernetes.io/job-completion-index'

/** The index of a pod of an indexed Job; undefined without one. */
export function indexOf(pod: KubeObject): number | undefined {
  const text = pod.metadata.annotations?.[INDEX]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Indexes as a status has them: `0,1,3-5`. */
export function readIndexes(text: unknown): Set<number> {
  const found = new Set<number>()
  if (typeof text !== 'string' || text === '') return found
  for (const part of text.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number)
    for (let i = first; i <= last; i += 1) found.add(i)
  }
  return found
}

/** The text that {@link readIndexes} reads. */
export function writeIndexes(indexes: ReadonlySet<number>): string {
  const ordered = [...indexes].sort((a, b) => a - b)
  const runs: [number, number][] = []
  for (const each of ordered) {
    const run = runs.at(-1)
    if (run !== undefined && run[1] + 1 === each) run[1] = each
    else runs.push([each, each])
  }
  return runs
    .map(([first, last]) => {
      if (first === last) return String(first)
      return first + 1 === last ? `${first},${last}` : `${first}-${last}`
    })
    .join(',')
}
