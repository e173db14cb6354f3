import type { HistoryEntry } from '../api/index.ts'
import { formatDuration, rfc3339 } from '../base/index.ts'

const ENTRIES_MAX = 5

/** How a run that got past its build ended. */
export interface RunRecord {
  /** `sha256:<hex>` of what was built. */
  readonly digest: string
  readonly status: string
  readonly nowMs: number
  readonly durationMs: number
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Enters a run into the history: an entry of the same digest and status is counted up, and the one
 * of this run stands first. At most five are kept.
 */
export function recordRun(
  history: readonly HistoryEntry[],
  run: RunRecord,
): readonly HistoryEntry[] {
  const isSame = (entry: HistoryEntry): boolean =>
    entry.digest === run.digest && entry.lastReconciledStatus === run.status
  const known = history.find(isSame)
  const now = rfc3339(run.nowMs)
  const entry: HistoryEntry = {
    digest: run.digest,
    firstReconciled: known?.firstReconciled ?? now,
    lastReconciled: now,
    lastReconciledDuration: formatDuration(run.durationMs),
    lastReconciledStatus: run.status,
    totalReconciliations: (known?.totalReconciliations ?? 0) + 1,
    metadata: run.metadata,
  }
  return [entry, ...history.filter((other) => !isSame(other))].slice(0, ENTRIES_MAX)
}
