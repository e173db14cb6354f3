import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GitCheckout } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import {
  createFetcher,
  createHttpClient,
  MemoryRepository,
  type SshAlgorithms,
} from '../../src/source/index.ts'
import { keyText } from '../conformance/source/recorded.ts'
import { type SshHost, startSshHost } from '../kit/ssh-host.ts'

let host: SshHost
const repository = new MemoryRepository()
repository.setRef('refs/heads/main', repository.commit({ files: { a: 'a' }, message: 'x' }))

beforeAll(async () => {
  host = await startSshHost({
    hostKey: keyText('host-a'),
    authorized: [keyText('ssh-a.pub')],
    repository: () => repository,
  })
})
afterAll(() => host.close())

function fetchWith(ssh: SshAlgorithms): Promise<GitCheckout | 'unchanged'> {
  const http = createHttpClient()
  return createFetcher({ http, clock: new VirtualClock(), ssh }).git({
    url: `ssh://git@127.0.0.1:${host.port}/r.git`,
    ref: { branch: 'main' },
    recurseSubmodules: false,
    provider: 'generic',
    credentials: {
      identity: Buffer.from(keyText('ssh-a')),
      known_hosts: Buffer.from(`[127.0.0.1]:${host.port} ${keyText('host-a.pub')}`),
    },
    signal: new AbortController().signal,
  })
}

describe('algorithms of SSH', () => {
  const works: Readonly<Record<string, SshAlgorithms>> = {
    'nothing is said': {},
    'the host has the key exchange': { kex: ['ecdh-sha2-nistp256'] },
    'the host has such a key': { hostKey: ['ssh-ed25519'] },
  }
  for (const [reason, given] of Object.entries(works))
    it(`are agreed upon where ${reason}`, async () => {
      const checkout = await fetchWith(given)
      expect(checkout).toHaveProperty('commit', repository.refs().get('refs/heads/main'))
    })
  const fails: Readonly<Record<string, { given: SshAlgorithms; want: string }>> = {
    'the host has no such key': { given: { hostKey: ['ssh-dss'] }, want: 'host key' },
    'nobody has heard of it': { given: { kex: ['no-such'] }, want: 'Unsupported algorithm' },
  }
  for (const [reason, { given, want }] of Object.entries(fails))
    it(`are not agreed upon where ${reason}`, async () => {
      await expect(fetchWith(given)).rejects.toThrow(want)
    })
})
