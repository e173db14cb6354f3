import { expect, it } from 'vitest'
import { codeCommitRegion, codeCommitUser } from '../../src/reconcile/source/code-commit.ts'

const HOST = 'git-codecommit.eu-west-1.amazonaws.com'

it('signs the address of a repository as git-remote-codecommit 1.17 does', () => {
  const keys = { accessKeyId: 'AKID', secretAccessKey: 'SECRET', sessionToken: 'TOKEN' }
  const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
  const user = codeCommitUser(`https://${HOST}/v1/repos/my-repo`, 'eu-west-1', { keys, nowMs })
  expect(user).toEqual({
    username: 'AKID%TOKEN',
    password: '20260102T030405Zd1af15c92a618a7f149c65a52ef2e1cb0c14952028ff2a6d4ac20b68fb288883',
  })
})

it('takes the region from the host, and no other host', () => {
  expect(codeCommitRegion(`https://${HOST}/v1/repos/x`)).toEqual({ region: 'eu-west-1' })
  for (const [url, wrong] of [
    [`http://${HOST}/x`, 'AWS CodeCommit authentication requires an HTTPS Git URL'],
    ['https://example.com/x', 'invalid AWS CodeCommit Git URL: example.com'],
    [
      'https://git-codecommit.a.example.com/x',
      'invalid AWS CodeCommit Git URL: git-codecommit.a.example.com',
    ],
  ] as const)
    expect(codeCommitRegion(url)).toEqual({ wrong })
})
