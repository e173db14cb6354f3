/** One entry of `details.causes` of a Status. */
export interface Cause {
  /** `FieldValueInvalid`, `FieldValueRequired`, `FieldManagerConflict` … */
  readonly reason: string
  readonly message: string
  /** Path of the field, `''` when none is meant. */
  readonly field: string
}

/** What a request is answered with when it is refused; the server makes the Status from it. */
export interface Refusal {
  readonly code: number
  /** Reason of the Status; `''` where the API server gives none. */
  readonly reason: string
  readonly message: string
  readonly causes?: readonly Cause[]
}
