/** A piece of work with a beginning and an end, in milliseconds since the epoch. */
export interface TraceStage {
  readonly name: string
  readonly fromMs: number
  readonly toMs: number
}

/** One run, as a trace shows it: itself and, in it, its stages one after the other. */
export interface TracedRun extends TraceStage {
  readonly attributes: Readonly<Record<string, string>>
  readonly stages: readonly TraceStage[]
  /** Runs with one key belong to one trace: what came of one revision of one source. */
  readonly key?: string
  /** This run brought the revision about; the others of its key come from it. */
  readonly isOrigin?: boolean
  /** Reason of the failure; absent for a success. */
  readonly failure?: string
}

/** Takes runs that have ended. Never fails, never delays. */
export interface Trace {
  run(run: TracedRun): void
}
