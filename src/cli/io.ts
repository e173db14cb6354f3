/** What a command has of the terminal that it runs in. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** Columns of the terminal behind `out`; undefined when it is no terminal. */
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute. */
  readonly cwd: string
  /** Aborted by Ctrl-C and by SIGTERM. */
  readonly signal: AbortSignal
}

/** Exit codes that every command shares. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const
