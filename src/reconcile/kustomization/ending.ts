import type { Kustomization } from '../../api/index.ts'

/** How a run ends; `finish` turns it into conditions, events, a log line and the next wake. */
export type Ending =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'suspended' }
  | { readonly kind: 'gone' }
  /** Its objects could not be deleted, so it has to stay; `words` where nobody was told yet. */
  | { readonly kind: 'undeleted'; readonly fault: unknown; readonly words?: string }
  /** The spec can not work: nothing is tried again until it changes. */
  | {
      readonly kind: 'stalled'
      readonly reason: string
      readonly message: string
      readonly isObserved: boolean
    }
  /** Something else has to be there first. */
  | {
      readonly kind: 'waiting'
      readonly reason: string
      readonly message: string
      readonly log: string
      readonly event?: string
      readonly afterMs: number
    }
  /** A step failed; it is tried again after the retry interval. */
  | {
      readonly kind: 'failed'
      readonly reason: string
      readonly message: string
      /** Where the event says more than the condition. */
      readonly event?: string
      /** Goes into the history under this status, with the digest of the build. */
      readonly history?: { readonly status: string; readonly digest: string }
      readonly missing?: string
      /** The server could not answer: it is tried again sooner. */
      readonly isTrouble?: boolean
    }
  /** A health check was ended by a new event. */
  | { readonly kind: 'cancelled'; readonly trigger: string }

/** Ends a run from within a step. Not a fault: it is caught where the run began. */
export class RunEnd extends Error {
  readonly ending: Ending

  constructor(ending: Ending) {
    super(ending.kind)
    this.ending = ending
  }
}

/** The ending of a step that failed. */
export function failed(
  reason: string,
  message: string,
  more: {
    readonly event?: string
    readonly digest?: string
    readonly missing?: string
    readonly isTrouble?: boolean
  } = {},
): RunEnd {
  return new RunEnd({
    kind: 'failed',
    reason,
    message,
    ...(more.event === undefined ? {} : { event: more.event }),
    ...(more.digest === undefined ? {} : { history: { status: reason, digest: more.digest } }),
    ...(more.missing === undefined ? {} : { missing: more.missing }),
    ...(more.isTrouble === true ? { isTrouble: true } : {}),
  })
}

/** The request to reconcile that an object carries. */
export function requestedAt(object: Kustomization): string | undefined {
  return object.metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
}
