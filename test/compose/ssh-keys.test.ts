import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownSshKeys, sshAddress } from '../../src/compose/ssh-keys.ts'

test.each([
  {
    reason: 'as git takes it',
    given: 'git@host:org/repo.git',
    want: 'ssh://git@host/org/repo.git',
  },
  { reason: 'from the root', given: 'git@host:/srv/repo', want: 'ssh://git@host/srv/repo' },
  { reason: 'with a slash', given: 'me@host/org/repo', want: 'ssh://me@host/org/repo' },
  { reason: 'an address', given: 'ssh://git@host:22/x', want: 'ssh://git@host:22/x' },
  { reason: 'no user', given: 'https://host/org/repo', want: 'https://host/org/repo' },
])('an address of SSH: $reason', ({ given, want }) => {
  expect(sshAddress(given)).toBe(want)
})

test('the first key of the own folder counts, and nothing is there without one', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
  expect(await ownSshKeys({ HOME: home })).toEqual({})
  mkdirSync(join(home, '.ssh'))
  for (const name of ['id_rsa', 'id_ed25519', 'known_hosts'])
    writeFileSync(join(home, '.ssh', name), name)
  const keys = await ownSshKeys({ HOME: home })
  rmSync(home, { recursive: true })
  const texts = Object.entries(keys ?? {}).map(([key, bytes]) => [
    key,
    Buffer.from(bytes).toString(),
  ])
  expect(texts).toEqual([
    ['identity', 'id_ed25519'],
    ['known_hosts', 'known_hosts'],
  ])
})
