import { Fault, type Retry } from '../../base/index.ts'

/** Why a run of a source ended before its end. The codes say which condition tells of it. */
export type SourceCode =
  /** FetchFailed is True. */
  | 'SOURCE_FETCH'
  /** StorageOperationFailed is True. */
  | 'SOURCE_STORAGE'
  /** IncludeUnavailable is True. */
  | 'SOURCE_INCLUDE'
  /** SourceVerified is False. */
  | 'SOURCE_VERIFY'
  /** No condition; the reason alone. */
  | 'SOURCE_OTHER'

/** What ends a run. */
export interface Halt {
  readonly code: SourceCode
  readonly reason: string
  readonly message: string
  /** Backoff unless given. */
  readonly retry?: Retry
  readonly cause?: unknown
}

/** Makes the fault that ends a run. */
export function halt(init: Halt): Fault<SourceCode> {
  return new Fault<SourceCode>(init)
}
