/** When a failed step is worth trying again. */
export type Retry =
  | { readonly kind: 'backoff' }
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'stalled' }

/** Where a fault was found: a place in a file, or the id of an object. */
export interface Place {
  /** Path relative to the root of the artifact or directory it was read from. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  /** `Kind/namespace/name`. */
  readonly object?: string
}

/** What makes a {@link Fault}. */
export interface FaultInit<Code extends string = string> {
  readonly code: Code
  /** One line: what failed: which input: why. Never a secret, a time or an unsorted list. */
  readonly message: string
  /** Condition reason, where the raising room knows it; `reconcile/` decides otherwise. */
  readonly reason?: string
  readonly retry?: Retry
  readonly at?: Place
  readonly cause?: unknown
  /** Further independent faults of the same run, all of which are reported. */
  readonly others?: readonly Fault[]
}

/**
 * An expected failure: bad input, an absent object, a refused request. Whatever else is thrown is a
 * bug. `code` is closed per room, so that callers branch on it and never on the text.
 */
export class Fault<Code extends string = string> extends Error {
  override readonly name = 'Fault'
  readonly code: Code
  readonly reason: string | undefined
  readonly retry: Retry
  readonly at: Place | undefined
  readonly others: readonly Fault[]

  constructor(init: FaultInit<Code>) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause })
    this.code = init.code
    this.reason = init.reason
    this.retry = init.retry ?? { kind: 'backoff' }
    this.at = init.at
    this.others = init.others ?? []
  }
}

/** Says whether a thrown value is a fault, and one of the given codes where codes are given. */
export function isFault(error: unknown, ...codes: readonly string[]): error is Fault {
  return error instanceof Fault && (codes.length === 0 || codes.includes(error.code))
}

/** Writes a place as `file:line:column`, or the object's id; empty when nothing is known. */
export function placeText(at: Place | undefined): string {
  if (at === undefined) return ''
  if (at.file === undefined) return at.object ?? ''
  const line = at.line === undefined ? '' : `:${at.line}`
  const column = at.line === undefined || at.column === undefined ? '' : `:${at.column}`
  return `${at.file}${line}${column}`
}

/** The message of a fault, followed by its place where the message does not name it already. */
export function placedMessage(fault: Fault): string {
  const { file } = fault.at ?? {}
  if (file === undefined) return fault.message
  const isNamed = fault.message.includes(file) && fault.at?.line === undefined
  const place = placeText(fault.at)
  return isNamed || fault.message.includes(place) ? fault.message : `${fault.message} (${place})`
}

/** Fails loudly on what cannot happen. Use for bugs only, never for input. */
export function invariant(claim: unknown, message: string): asserts claim {
  if (!claim) throw new Error(`invariant broken: ${message}`)
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
