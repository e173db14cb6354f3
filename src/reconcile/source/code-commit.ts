import { awsSignature, awsStamp } from '../../base/index.ts'

/** Keys of an AWS account. */
export interface CodeCommitKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const HOST = /^git-codecommit(?:-fips)?\.([a-z0-9-]+)\..*amazonaws\.com(?:\.cn)?$/i

/**
 * The region of a repository in CodeCommit; what is wrong with the address in place of it.
 * @see fluxcd/pkg auth/aws provider.go getRegionFromCodeCommitURL (v0.54)
 */
export function codeCommitRegion(
  address: string,
): { readonly region: string } | { readonly wrong: string } {
  const url = new URL(address)
  if (url.protocol !== 'https:')
    return { wrong: 'AWS CodeCommit authentication requires an HTTPS Git URL' }
  const region = HOST.exec(url.hostname)?.[1]
  return region === undefined
    ? { wrong: `invalid AWS CodeCommit Git URL: ${url.host}` }
    : { region }
}

/**
 * User and password for a repository in CodeCommit: a signature over its address, good for 15
 * minutes.
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-git-remote-codecommit.html
 */
export function codeCommitUser(
  address: string,
  region: string,
  { keys, nowMs }: { readonly keys: CodeCommitKeys; readonly nowMs: number },
): { readonly username: string; readonly password: string } {
  const { pathname, host } = new URL(address)
  // The moment is signed without the letter that it is sent with.
  const stamp = awsStamp(nowMs).slice(0, -1)
  const canonical = `GIT\n${pathname}\n\nhost:${host}\n\nhost\n`
  const scope = { stamp, region, service: 'codecommit' }
  const signature = awsSignature(keys.secretAccessKey, scope, canonical)
  const session = keys.sessionToken === undefined ? '' : `%${keys.sessionToken}`
  return {
    username: `${keys.accessKeyId}${session}`,
    password: `${stamp}Z${signature}`,
  }
}
