import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GitCheckout, GitRequest } from '../../src/api/index.ts'
import { VirtualClock } from '../../src/base/index.ts'
import { createFetcher, createHttpClient, MemoryRepository } from '../../src/source/index.ts'
import { type GitHost, PASSWORD, startGitHost, TOKEN, USER } from '../kit/git-host.ts'

const http = createHttpClient()
const clock = new VirtualClock()
const fetcher = createFetcher({ http, clock, limits: { packBytesMax: 1 << 20 } })
let host: GitHost
let old: GitHost
const commits: string[] = []

beforeAll(async () => {
  host = await startGitHost()
  old = await startGitHost({ version: 0, advertisedOnly: true })
  const library = new MemoryRepository()
  const lib = library.commit({ files: { 'lib.yaml': 'l: 1\n' }, message: 'library' })
  library.setRef('refs/heads/main', lib)
  for (const each of [host, old]) {
    const app = each.repository('app')
    each.put('library', library)
    let parent: string | undefined
    for (let i = 1; i <= 5; i += 1) {
      parent = app.commit({
        files: {
          'a.yaml': `v: ${i}\n`,
          'bin/run': { executable: '#!/bin/sh\n' },
          l: { link: 'a.yaml' },
        },
        message: `Commit ${i}\n\nwith a body`,
        ...(parent === undefined ? {} : { parents: [parent] }),
        at: i,
      })
      if (each === host) commits.push(parent)
    }
    app.setRef('refs/heads/main', parent)
    app.setRef('refs/heads/old', commits[1])
    app.setRef('refs/tags/v1.0.0', commits[0])
    app.tag('v1.1.0', commits[1] ?? '')
    app.setRef('refs/pull/1/head', commits[2])
    const files = {
      '.gitmodules': '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../library.git\n',
      'vendor/lib': { submodule: lib },
      'infra/x.yaml': 'x: 1\n',
      'apps/y.yaml': 'y: 1\n',
    }
    app.setRef('refs/heads/with-library', app.commit({ files, message: 'With library' }))
    each.repository('empty')
  }
})
afterAll(async () => {
  http.close()
  await Promise.all([host.close(), old.close()])
})

function ask(from: GitHost, path: string, rest: Partial<GitRequest>) {
  const { signal } = new AbortController()
  return fetcher.git({ url: `${from.url}/${path}`, ref: { branch: 'main' }, signal, ...rest })
}

async function checkout(
  from: GitHost,
  path: string,
  rest: Partial<GitRequest> = {},
): Promise<GitCheckout> {
  const answer = await ask(from, path, rest)
  if (answer === 'unchanged') throw new Error('unchanged')
  return answer
}

for (const version of [2, 0] as const)
  describe(`a host of protocol version ${version}`, () => {
    const from = (): GitHost => (version === 2 ? host : old)
    const refs: Readonly<
      Record<string, { ref: GitRequest['ref']; label: string; commit: number }>
    > = {
      branch: { ref: { branch: 'main' }, label: 'main@', commit: 4 },
      'light tag': { ref: { tag: 'v1.0.0' }, label: 'v1.0.0@', commit: 0 },
      'annotated tag': { ref: { tag: 'v1.1.0' }, label: 'v1.1.0@', commit: 1 },
      semver: { ref: { semver: '>=1.0.0' }, label: 'v1.1.0@', commit: 1 },
      name: { ref: { name: 'refs/pull/1/head' }, label: 'refs/pull/1/head@', commit: 2 },
      commit: { ref: { commit: '3' }, label: '', commit: 3 },
      'commit of a branch': { ref: { branch: 'main', commit: '3' }, label: 'main@', commit: 3 },
    }
    for (const [name, { ref, label, commit }] of Object.entries(refs))
      it(`gives what is asked for by ${name}`, async () => {
        const wanted = ref.commit === undefined ? ref : { ...ref, commit: commits[commit] ?? '' }
        const found = await checkout(from(), 'plain/app.git', { ref: wanted })
        expect(found.revision).toBe(`${label}sha1:${commits[commit]}`)
        expect(found.subject).toBe(`Commit ${commit + 1}`)
        expect(Buffer.from(found.tree.read('a.yaml') ?? '').toString()).toBe(`v: ${commit + 1}\n`)
        expect(found.tree.executable?.('bin/run')).toBe(true)
        expect(found.tree.list('')).toEqual(['a.yaml', 'bin'])
      })

    for (const [kind, ref, label] of [
      ['branch', { branch: 'main' }, `main@`],
      ['tag', { tag: 'v1.1.0' }, 'v1.1.0@'],
      ['semver', { semver: '*' }, 'v1.1.0@'],
    ] as const)
      it(`says unchanged of a ${kind} after one request`, async () => {
        const commit = commits[kind === 'branch' ? 4 : 1]
        const have = `${label}sha1:${commit}`
        await ask(from(), 'plain/app.git', { ref, have })
        from().requests.length = 0
        expect(await ask(from(), 'plain/app.git', { ref, have })).toBe('unchanged')
        expect(from().requests).toHaveLength(1)
      })

    it('fetches a commit once for all who follow the address, and only what is new after', async () => {
      const many = from().repository(`many-${version}`)
      const noise = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 251))
      const first = many.commit({ files: { noise, a: '1' }, message: 'first' })
      many.setRef('refs/heads/main', first)
      from().requests.length = 0
      const path = `plain/many-${version}.git`
      const found = await Promise.all([1, 2, 3, 4, 5].map(() => checkout(from(), path)))
      expect(new Set(found.map((each) => each.commit))).toEqual(new Set([first]))
      const asked = from().requests.filter((line) => line.startsWith('POST')).length
      expect(asked).toBeLessThanOrEqual(version === 2 ? 6 : 1)
      const second = many.commit({ files: { noise, a: '2' }, message: 'second', parents: [first] })
      many.setRef('refs/heads/main', second)
      const next = await checkout(from(), path)
      expect(next.commit).toBe(second)
      expect(next.tree.read('noise')?.length).toBe(noise.length)
      expect(Buffer.from(next.tree.read('a') ?? '').toString()).toBe('2')
      many.tag('v1', first)
      expect((await checkout(from(), path, { ref: { tag: 'v1' } })).commit).toBe(first)
      expect((await checkout(from(), path)).commit).toBe(second)
    })

    it('puts submodules in, and cuts down to directories', async () => {
      const ref = { branch: 'with-library' }
      const plain = await checkout(from(), 'plain/app.git', { ref })
      expect(plain.tree.list('vendor/lib')).toEqual([])
      const whole = await checkout(from(), 'plain/app.git', { ref, recurseSubmodules: true })
      expect(whole.tree.list('vendor/lib')).toEqual(['.git', 'lib.yaml'])
      const sparse = await checkout(from(), 'plain/app.git', { ref, sparseCheckout: ['./infra'] })
      expect(sparse.tree.list('')).toEqual(['infra'])
      await expect(ask(from(), 'plain/app.git', { ref, sparseCheckout: ['no'] })).rejects.toThrow(
        "sparse checkout dir 'no' does not exist in repository",
      )
    })

    it('refuses a commit that the branch does not lead to', async () => {
      const ref = { branch: 'old', commit: commits[4] ?? '' }
      await expect(ask(from(), 'plain/app.git', { ref })).rejects.toThrow(
        `unable to resolve commit object for '${commits[4]}': object not found`,
      )
    })
  })

const secret = (data: Record<string, string>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]))

describe('what a host may answer', () => {
  const cases: Readonly<
    Record<string, { path: string; rest?: Partial<GitRequest>; code: string; want: string }>
  > = {
    'no such branch': {
      path: 'plain/app.git',
      rest: { ref: { branch: 'no' } },
      code: 'GIT_REF',
      want: 'couldn\'t find remote ref "refs/heads/no"',
    },
    'nothing yet': { path: 'plain/empty.git', code: 'GIT_EMPTY', want: 'empty' },
    'no such repository': { path: 'plain/no.git', code: 'GIT_HOST', want: 'repository not found' },
    'wants a password': {
      path: 'basic/app.git',
      code: 'GIT_AUTH',
      want: 'authentication required',
    },
    'wants another token': {
      path: 'bearer/app.git',
      rest: { credentials: secret({ bearerToken: 'x' }) },
      code: 'GIT_AUTH',
      want: 'authentication required',
    },
    forbids: { path: '403/app.git', code: 'GIT_AUTH', want: 'authorization failed' },
    fails: { path: '500/app.git', code: 'GIT_HOST', want: '500' },
    'a page': { path: 'html/app.git', code: 'GIT_PROTOCOL', want: 'not a Git repository' },
    'hangs up': { path: 'reset/app.git', code: 'GIT_HOST', want: 'EOF' },
    'sends in circles': { path: 'loop/app.git', code: 'GIT_HOST', want: '10 redirects' },
    'sends to the machine itself': { path: 'inward/app.git', code: 'GIT_HOST', want: 'internal' },
    'never stops': { path: 'endless/app.git', code: 'GIT_PROTOCOL', want: '' },
    'password without user': {
      path: 'plain/app.git',
      rest: { credentials: secret({ password: 'x' }) },
      code: 'GIT_CREDENTIALS',
      want: "'password' requires 'username' to be set",
    },
    'ssh without key': {
      path: 'ssh',
      rest: { url: 'ssh://git@127.0.0.1:1/x.git' },
      code: 'GIT_CREDENTIALS',
      want: "'identity' is required",
    },
    'a submodule elsewhere': {
      path: 'plain/app.git',
      rest: { url: 'ftp://example.com/x.git' },
      code: 'GIT_REF',
      want: 'unsupported scheme',
    },
  }
  for (const [name, { path, rest, code, want }] of Object.entries(cases))
    it(`${name}: ${code}`, async () => {
      const failure = await ask(host, path, rest ?? {}).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code })
      expect(String(failure)).toContain(want)
    })

  it('opens with the right password, token, or address', async () => {
    const basic = secret({ username: USER, password: PASSWORD })
    expect((await checkout(host, 'basic/app.git', { credentials: basic })).commit).toBe(commits[4])
    const bearer = secret({ bearerToken: TOKEN })
    expect((await checkout(host, 'bearer/app.git', { credentials: bearer })).commit).toBe(
      commits[4],
    )
    const url = `${host.url.replace('//', `//${USER}:${PASSWORD}@`)}/basic/app.git`
    expect((await checkout(host, '', { url })).commit).toBe(commits[4])
  })

  it('follows a redirect at the beginning', async () => {
    expect((await checkout(host, 'redirect/app.git')).commit).toBe(commits[4])
  })

  it('gives up when the time is over, and never shows a password', async () => {
    const stop = new AbortController()
    const url = `${host.url.replace('//', '//someone:hidden@')}/hang/app.git`
    const failure = ask(host, '', { url, signal: stop.signal }).catch((error: unknown) => error)
    stop.abort(new Error('over'))
    expect(await failure).toMatchObject({ code: 'GIT_TIMEOUT' })
    const refused = await ask(host, '', { url: url.replace('hang', '500') }).catch(String)
    expect(refused).not.toContain('hidden')
  })
})
