import { createHash, createHmac } from 'node:crypto'

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
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}Z$/g, '')
  const day = stamp.slice(0, 8)
  const canonical = `GIT\n${pathname}\n\nhost:${host}\n\nhost\n`
  const scope = [day, region, 'codecommit', 'aws4_request']
  const digest = createHash('sha256').update(canonical).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer =>
    createHmac('sha256', key).update(text).digest()
  const key = scope.reduce<string | Buffer>(mac, `AWS4${keys.secretAccessKey}`)
  const text = ['AWS4-HMAC-SHA256', stamp, scope.join('/'), digest].join('\n')
  const session = keys.sessionToken === undefined ? '' : `%${keys.sessionToken}`
  return {
    username: `${keys.accessKeyId}${session}`,
    password: `${stamp}Z${mac(key, text).toString('hex')}`,
  }
}
