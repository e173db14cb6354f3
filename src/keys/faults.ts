import { Fault } from '../base/index.ts'

/** Codes of faults of key services. */
export type KeysCode =
  /** The server refused, or could not be reached. */
  | 'KEY_SERVICE'
  /** The file names a server that no credential may be sent to. */
  | 'KEY_HOST'
  /** There is no credential for this kind of key, or it cannot be read. */
  | 'KEY_CREDENTIALS'

/** A fault of this room. */
export function keysFault(code: KeysCode, message: string, cause?: unknown): Fault<KeysCode> {
  return new Fault<KeysCode>({ code, message, reason: 'BuildFailed', cause })
}
