import fs from 'node:fs'
import { join } from 'node:path'
import git from 'isomorphic-git'
import http from 'isomorphic-git/http/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GitHost, startGitHost } from '../kit/git-host.ts'
import { scratch } from '../kit/program.ts'

// A client that is not ours reads what our upload-pack sends.

let host: GitHost
beforeAll(async () => {
  host = await startGitHost()
  const repository = host.repository('app')
  const first = repository.commit({ files: { 'd/a.yaml': 'a: 1\n' }, message: 'first' })
  const files = { 'd/a.yaml': 'a: 2\n', 'bin/run': { executable: '#!/bin/sh\n' } }
  const second = repository.commit({ files, message: 'second', parents: [first], at: 60 })
  repository.setRef('refs/heads/main', second)
  repository.tag('v1', first)
})
afterAll(() => host.close())

for (const depth of [undefined, 1])
  it(`is cloned ${depth === undefined ? 'whole' : 'to a depth of one'}`, async () => {
    const { dir, dispose } = scratch()
    try {
      const url = `${host.url}/plain/app.git`
      await git.clone({
        fs,
        http,
        dir,
        url,
        ref: 'main',
        ...(depth === undefined ? {} : { depth }),
      })
      const log = await git.log({ fs, dir })
      expect(log.map((entry) => entry.commit.message)).toEqual(
        depth === undefined ? ['second\n', 'first\n'] : ['second\n'],
      )
      expect(fs.readFileSync(join(dir, 'd/a.yaml'), 'utf8')).toBe('a: 2\n')
      expect(fs.statSync(join(dir, 'bin/run')).mode & 0o111).not.toBe(0)
    } finally {
      dispose()
    }
  })

it('gives out what is new alone to one who has the rest', async () => {
  const { dir, dispose } = scratch()
  try {
    const url = `${host.url}/plain/app.git`
    await git.clone({ fs, http, dir, url, ref: 'main', noCheckout: true })
    const repository = host.repository('app')
    const head = repository.refs().get('refs/heads/main') ?? ''
    const third = repository.commit({
      files: { new: '1' },
      message: 'third',
      parents: [head],
      at: 90,
    })
    repository.setRef('refs/heads/main', third)
    const { fetchHead } = await git.fetch({ fs, http, dir, url, ref: 'main' })
    expect(fetchHead).toBe(third)
    const { blob } = await git.readBlob({ fs, dir, oid: third, filepath: 'new' })
    expect(Buffer.from(blob).toString()).toBe('1')
  } finally {
    dispose()
  }
})
