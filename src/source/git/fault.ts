import { Fault } from '../../base/index.ts'

/** Why a Git host did not give what was asked for. */
export type GitCode =
  /** The address cannot be used at all; nothing changes until the spec does. */
  | 'GIT_URL'
  /** The data of the secret does not make a credential. */
  | 'GIT_CREDENTIALS'
  /** The SSH identity is encrypted and no passphrase was given. */
  | 'GIT_LOCKED'
  /** The data of the proxy's secret does not make a proxy. */
  | 'GIT_PROXY'
  /** The host wants other credentials. */
  | 'GIT_AUTH'
  /** The repository has no commit at all. */
  | 'GIT_EMPTY'
  /** A branch, tag or commit that is not there. */
  | 'GIT_REF'
  /** A directory of a sparse checkout that is not there. */
  | 'GIT_SPARSE'
  /** The host broke the protocol, or sent more than it may. */
  | 'GIT_PROTOCOL'
  /** The host could not be reached, or refused. */
  | 'GIT_HOST'
  /** Not done within the time given. */
  | 'GIT_TIMEOUT'
  /** The disk here cannot take a large pack. */
  | 'GIT_SPOOL'
  /** An object is not what its name says. */
  | 'GIT_OBJECT'

/** A fault of this room's Git side. */
export function gitFault(code: GitCode, message: string, cause?: unknown): Fault<GitCode> {
  return new Fault<GitCode>({ code, message, ...(cause === undefined ? {} : { cause }) })
}
