import { Fault } from '../base/index.ts'

/** Codes of faults in decryption. */
export type DecryptCode =
  /** The file or its metadata cannot be read. */
  | 'SOPS_FORMAT'
  /** None of the keys at hand opens the file. */
  | 'SOPS_KEY'
  /** A value does not open under the data key: it was moved, changed or is not encrypted. */
  | 'SOPS_VALUE'
  /** The file as a whole was changed after it was encrypted. */
  | 'SOPS_MAC'
  /** A key in the Secret cannot be read. */
  | 'KEY_FORMAT'
  /** A file that is to be decrypted is too big, or no file. */
  | 'SOPS_FILE'

/** A fault of this room. */
export function decryptFault(
  code: DecryptCode,
  message: string,
  cause?: unknown,
): Fault<DecryptCode> {
  return new Fault<DecryptCode>({ code, message, reason: 'BuildFailed', cause })
}
