/** A value that does not fit its field. */
export interface Mismatch {
  readonly path: string
  /** The words of Go's decoder (`json: cannot unmarshal string into Go struct field … of type int32`). */
  readonly message: string
}

/** Where the walk is: the path, and the struct that Go's decoder would name. */
export interface Spot {
  readonly path: string
  readonly struct: string
  /** The path from the root as the decoder names it, without indexes. */
  readonly decoded: string
}
