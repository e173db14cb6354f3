import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AuditChange, silentLog, VirtualClock } from '../../src/base/index.ts'
import { runAudit } from '../../src/cli/audit.ts'
import { diskTree } from '../../src/files/index.ts'
import { createAuditTrail } from '../../src/telemetry/index.ts'

let dir = ''
let file = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidegate-audit-'))
  file = join(dir, 'trail')
})
afterEach(() => rmSync(dir, { recursive: true }))

const clock = new VirtualClock()

function change(name: string, more: Partial<AuditChange> = {}): AuditChange {
  return {
    actor: 'kustomize-controller@test',
    serviceAccount: 'system:serviceaccount:team:gitops',
    cluster: '',
    kustomization: 'team/app',
    revision: 'main@sha1:1',
    commitAuthor: 'Ann <ann@example.com>',
    commitSubject: 'More replicas',
    object: `Deployment.apps/team/${name}`,
    action: 'configured',
    fields: [{ path: 'spec.replicas', from: '1', to: '2' }],
    ...more,
  }
}

function keep(names: readonly string[], more: { key?: string; fileBytesMax?: number } = {}): void {
  const trail = createAuditTrail({ clock, log: silentLog, file, ...more })
  for (const name of names) trail.record(change(name))
  trail.close()
}

async function run(...argv: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const io = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      out += text
    },
    columns: undefined,
    env: { TIDEGATE_AUDIT_FILE: file },
    cwd: '/',
    signal: new AbortController().signal,
  }
  const code = await runAudit(argv, io, { tree: diskTree('/'), clock })
  return { code, out }
}

describe('a trail', () => {
  test('goes on where the file before ended, and verifies', async () => {
    keep(['a', 'b'])
    keep(['c'])
    const { code, out } = await run('verify')
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^3 records, unbroken/),
    })
  })

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    [
      'changed',
      (lines) => lines.map((line) => line.replace('"2"', '"3"')),
      /^line 1 is not as it was/,
    ],
    ['left out', ([a = '', , c = '']) => [a, c], /^line 2 does not follow/],
    ['put in', ([a = '', b = '', c = '']) => [a, a, b, c], /^line 2 does not follow/],
    ['swapped', ([a = '', b = '', c = '']) => [b, a, c], /^line 2 does not follow/],
    [
      'cut in the middle',
      ([a = '', b = '', c = '']) => [a, b.slice(0, 20), c],
      /^line 2 is no record/,
    ],
  ])('shows when a line was %s', async (_, change, want) => {
    keep(['a', 'b', 'c'])
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    writeFileSync(file, `${change(lines).join('\n')}\n`)
    const { code, out } = await run('verify')
    expect(code).toBe(1)
    expect(out).toMatch(want)
  })

  test('that misses its end is found out by the hash that it must end with', async () => {
    keep(['a', 'b'])
    const head = /the last is ([0-9a-f]{64})/.exec((await run('verify')).out)?.[1] ?? ''
    expect((await run('verify', '--head', head)).code).toBe(0)
    writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\n`)
    expect((await run('verify', '--head', head)).code).toBe(1)
  })

  test('survives a crash within a line', async () => {
    keep(['a'])
    appendFileSync(file, '{"serial":2,"time":"20')
    keep(['b'])
    const { code, out } = await run('verify')
    expect(code).toBe(0)
    expect(out).toMatch(/^3 records, unbroken, 1 cut short by a crash/)
  })

  test('is put aside when it is large, and is one trail still', async () => {
    keep(['a', 'b', 'c', 'd', 'e'], { fileBytesMax: 600 })
    expect(readdirSync(dir).length).toBeGreaterThan(2)
    const { code, out } = await run('verify')
    expect(code).toBe(0)
    expect(out).toMatch(/^5 records/)
  })

  test('goes on after a crash that came just after it was put aside', async () => {
    keep(['a', 'b'])
    renameSync(file, `${file}.1`)
    keep(['c'])
    expect((await run('verify')).out).toMatch(/^3 records, unbroken; /)
  })

  test('that lost its beginning says from where it is', async () => {
    keep(['a', 'b', 'c'])
    writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(1).join('\n'))
    expect((await run('verify')).out).toMatch(/^2 records, unbroken, from number 2 on/)
  })

  test('a disk that is full loses what it does not take, and nothing else', async () => {
    const room = [2000, 10, 0, 2000, 2000]
    const errors: string[] = []
    const trail = createAuditTrail({
      clock,
      log: { ...silentLog, error: (text) => void errors.push(text) },
      file,
      append: (handle, bytes) => {
        const left = room.shift() ?? 0
        if (left === 0) throw new Error('ENOSPC: no space left on device, write')
        return writeSync(handle, bytes.subarray(0, left))
      },
    })
    for (const name of ['a', 'b', 'c']) trail.record(change(name))
    trail.close()
    expect(errors).toEqual(['unable to write the audit trail'])
    expect((await run('verify')).out).toMatch(/^3 records, unbroken; /)
    const text = readFileSync(file, 'utf8')
    expect(text).toContain('"event":"lost","records":1')
    expect([text.includes('team/b"'), text.includes('team/c"')]).toEqual([false, true])
  })

  test('with a key cannot be forged without it', async () => {
    keep(['a'], { key: 'k1' })
    writeFileSync(join(dir, 'key'), 'k1\n')
    expect((await run('verify', '--key-file', join(dir, 'key'))).code).toBe(0)
    rmSync(file)
    keep(['a'])
    expect((await run('verify', '--key-file', join(dir, 'key'))).code).toBe(1)
  })

  test('has the same stand-in for the same secret and no way back', () => {
    const trail = createAuditTrail({ clock, log: silentLog })
    expect(trail.digest('s3cr3t')).toBe(trail.digest('s3cr3t'))
    expect(trail.digest('s3cr3t')).toMatch(/^hmac:[0-9a-f]{32}$/)
    expect(createAuditTrail({ clock, log: silentLog }).digest('s3cr3t')).not.toBe(
      trail.digest('s3cr3t'),
    )
  })
})

describe('tidegate audit', () => {
  test('shows the changes of an object, of a time, by a Kustomization', async () => {
    keep(['web'])
    await clock.advance(3_600_000)
    keep(['web', 'db'])
    expect((await run('--for', 'deployment/web')).out.match(/configured/g)).toHaveLength(2)
    expect((await run('--for', 'Deployment.apps/team/db')).out.match(/configured/g)).toHaveLength(1)
    expect(
      (await run('--for', 'Deployment/web', '--since', '30m')).out.match(/configured/g),
    ).toHaveLength(1)
    expect((await run('--by', 'other/app')).out).toBe('')
    const text = (await run('--for', 'Deployment/db')).out
    expect(text).toContain('configured by team/app as system:serviceaccount:team:gitops')
    expect(text).toContain('main@sha1:1, Ann <ann@example.com>: More replicas')
    expect(text).toContain('spec.replicas: 1 -> 2')
  })
})
