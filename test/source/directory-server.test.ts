import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/compose/system.ts'
import {
  createFetcher,
  createHttpClient,
  type DirectoryServer,
  serveDirectory,
} from '../../src/source/index.ts'
import { scratch } from '../kit/program.ts'
import { hasTool, missing } from '../kit/tools.ts'

let dir: string
let dispose: () => void
let server: DirectoryServer
const changes: string[] = []
let onChange: (revision: string) => void = () => undefined
const http = createHttpClient()
const { signal } = new AbortController()

beforeEach(async () => {
  ;({ dir, dispose } = scratch())
  changes.length = 0
  mkdirSync(join(dir, 'apps'))
  writeFileSync(join(dir, 'apps/a.yaml'), 'a: 1\n')
  server = await serveDirectory({
    dir,
    clock: systemClock,
    onChange: (revision) => {
      changes.push(revision)
      onChange(revision)
    },
  })
})
afterEach(async () => {
  await server.close()
  dispose()
})

const fetchIt = (url = server.url, branch = 'main') =>
  createFetcher({ http, clock: systemClock }).git({ url, ref: { branch }, signal })

describe('a directory that is served', () => {
  it('is a repository, under any name and on its branches', async () => {
    for (const [url, branch] of [
      [server.url, 'main'],
      [server.urlOf('flux-system'), 'master'],
    ] as const) {
      const found = await fetchIt(url, branch)
      if (found === 'unchanged') throw new Error('unchanged')
      expect(found.revision).toBe(`${branch}@${server.revision().split('@')[1]}`)
      expect(found.tree.list('apps')).toEqual(['a.yaml'])
    }
  })

  it('has a commit that depends on the content alone', async () => {
    const before = server.revision()
    writeFileSync(join(dir, 'apps/a.yaml'), 'a: 2\n')
    await server.refresh()
    const between = server.revision()
    expect(between).not.toBe(before)
    writeFileSync(join(dir, 'apps/a.yaml'), 'a: 1\n')
    await server.refresh()
    expect(server.revision()).toBe(before)
  })

  it('takes in modes and links, but neither .git nor node_modules', async () => {
    mkdirSync(join(dir, '.git'))
    mkdirSync(join(dir, 'node_modules'))
    writeFileSync(join(dir, '.git/HEAD'), 'x')
    writeFileSync(join(dir, 'node_modules/x'), 'x')
    writeFileSync(join(dir, 'run.sh'), 'x')
    chmodSync(join(dir, 'run.sh'), 0o755)
    symlinkSync('run.sh', join(dir, 'link'))
    await server.refresh()
    const found = await fetchIt()
    if (found === 'unchanged') throw new Error('unchanged')
    expect(found.tree.list('')).toEqual(['apps', 'run.sh'])
    expect(found.tree.executable?.('run.sh')).toBe(true)
  })

  it('sees a save, also in a directory that is new', async () => {
    const saved = async (change: () => void): Promise<string> => {
      const seen = new Promise<string>((resolve) => {
        onChange = resolve
      })
      change()
      return seen
    }
    expect(await saved(() => writeFileSync(join(dir, 'apps/a.yaml'), 'a: 3\n'))).toBe(
      server.revision(),
    )
    await saved(() => {
      mkdirSync(join(dir, 'new/deep'), { recursive: true })
      writeFileSync(join(dir, 'new/deep/x'), '1')
    })
    await saved(() => writeFileSync(join(dir, 'new/deep/x'), '2'))
    await saved(() => rmSync(join(dir, 'new'), { recursive: true }))
    expect(changes.length).toBeGreaterThanOrEqual(4)
  })

  it(`is cloned by git${missing('git')}`, { skip: !hasTool('git') }, async () => {
    const out = join(dir, 'clone')
    const status = await new Promise((resolve) => {
      const child = spawn('git', ['clone', '-q', server.url, out], { stdio: 'ignore' })
      child.on('close', resolve)
    })
    rmSync(out, { recursive: true, force: true })
    expect(status).toBe(0)
  })
})
