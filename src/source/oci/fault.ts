import { Fault } from '../../base/index.ts'

/** Why a registry did not give what was asked for. */
export type OciCode =
  /** The address cannot be used; nothing changes until the spec does. */
  | 'OCI_URL'
  /** The data of a secret does not make a credential. */
  | 'OCI_AUTH'
  /** No tag matches. */
  | 'OCI_TAG'
  /** The digest of a tag cannot be found out. */
  | 'OCI_DIGEST'
  /** The manifest or a layer cannot be had. */
  | 'OCI_PULL'
  /** No signature by a trusted key. */
  | 'OCI_VERIFY'
  /** The layer is not there, or not what it should be. */
  | 'OCI_LAYER'
  /** The registry stopped in the middle of a blob. */
  | 'OCI_CUT'
  /** Something could not be put into a registry. */
  | 'OCI_PUSH'

/** A fault of this room's registry side. */
export function ociFault(code: OciCode, message: string, cause?: unknown): Fault<OciCode> {
  return new Fault<OciCode>({ code, message, ...(cause === undefined ? {} : { cause }) })
}
