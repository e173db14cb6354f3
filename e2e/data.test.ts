import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { recordOf } from '../src/files/record.ts'
import type { KubeObject } from '../src/object/index.ts'
import { scratch } from '../test/kit/program.ts'
import { Follower } from './data/follower.ts'
import { Ledger } from './data/ledger.ts'
import { type DataServer, mustStart, startOn } from './data/server.ts'
import { unsettled } from './data/settled.ts'
import { bustle, HOME, type Writer, writeOn } from './data/writers.ts'
import { type Draw, drawFrom } from './kube/fuzz/values.ts'
import { until } from './kube/kube.ts'

/** A long search takes hundreds. */
const KILLS = Number(process.env['KILLS'] ?? 12)
const SEED = Number(process.env['SEED'] ?? 1)
const WRITERS = 12
const BUSY = 3

const folders: { dispose(): void }[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) folder.dispose()
})

function place(): string {
  const folder = scratch()
  folders.push(folder)
  return join(folder.dir, 'data')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function found(server: DataServer, ledger: Ledger): Promise<Map<string, KubeObject>> {
  const { object } = await server.ask({ method: 'GET', path: HOME })
  const revision = Number(object.metadata.resourceVersion)
  if (revision < ledger.revision)
    ledger.faults.push(`revision ${revision} comes after ${ledger.revision}`)
  const items = object['items'] as unknown as KubeObject[]
  return new Map(
    items
      .filter(({ metadata }) => metadata.name?.startsWith('w') === true)
      .map((each) => [each.metadata.name ?? '', each]),
  )
}

interface Life {
  readonly dir: string
  readonly ledger: Ledger
  readonly follower: Follower
  readonly draw: Draw
  readonly token: string
  count: number
}

/** One life of a server: what is there is checked, then it is written to, and killed. */
async function live(life: Life, round: number): Promise<void> {
  const { ledger, follower, draw } = life
  const server = await mustStart(life.dir)
  const before = await found(server, ledger)
  ledger.check(before)
  await checkToken(life, server)
  const stop = new AbortController()
  const following = follower.follow(server, stop.signal)
  await until('the copy by watching is what there is', 120_000, () => follower.isSame(before))
  if (round % 10 === 9)
    await until('controllers have done their work', 180_000, async () => {
      const left = await unsettled(server)
      if (left.length > 0) process.stderr.write(`${round}: ${left.slice(0, 3).join(', ')}\n`)
      return left.length === 0
    })
  const next = (): number => {
    life.count += 1
    return life.count
  }
  const writer = (id: string): Writer => ({ server, ledger, draw, id, next })
  const work = [
    ...Array.from({ length: WRITERS }, (_, i) => writeOn(writer(String(i)))),
    ...Array.from({ length: BUSY }, (_, i) => bustle(writer(`b${i}`))),
  ]
  await pause(draw.below(700))
  // A snapshot that is under way is killed in its middle.
  const isRewriting = (): boolean => existsSync(join(life.dir, 'objects.jsonl.next'))
  if (round % 3 === 2) for (let i = 0; i < 200 && !isRewriting(); i += 1) await pause(1)
  await server.kill()
  await Promise.all(work)
  stop.abort()
  await following
}

async function checkToken({ token, ledger }: Life, server: DataServer): Promise<void> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const { status } = await server.ask({ method: 'POST', path, body, token })
  if (status !== 201) ledger.faults.push(`the token is answered ${status}`)
}

async function tokenOf(server: DataServer): Promise<string> {
  await server.ask({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name: 'written' } },
  })
  const path = '/api/v1/namespaces/written/serviceaccounts'
  await server.ask({ method: 'POST', path, body: { metadata: { name: 'robot' } } })
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const { object } = await server.ask({ method: 'POST', path: `${path}/robot/token`, body })
  return String((object['status'] as { readonly token?: string } | undefined)?.token)
}

/** Leaves a journal as a crash may: with a part of a record at its end, or due for a snapshot. */
function worsen(path: string, draw: Draw): void {
  const entry = { table: '', key: '', revision: 1, object: null }
  const record = recordOf(entry)
  // A kill in the middle of a write has left the beginning of a line: nothing comes after that.
  if (!readFileSync(path, 'utf8').endsWith('\n')) return
  if (draw.below(3) === 0)
    appendFileSync(path, Buffer.concat(Array.from({ length: 45_000 }, () => record)))
  if (draw.below(2) === 0)
    appendFileSync(path, record.subarray(0, 1 + draw.below(record.length - 2)))
}

describe('tidegate cluster --data', () => {
  test('killed at any moment under many writers, it comes back with all that it answered', async () => {
    const dir = place()
    const first = await mustStart(dir)
    const token = await tokenOf(first)
    await first.kill()
    const ledger = new Ledger()
    const draw = drawFrom(SEED)
    const life: Life = { dir, ledger, follower: new Follower(ledger), draw, token, count: 0 }
    for (let round = 0; round < KILLS; round += 1) {
      await live(life, round)
      expect(ledger.faults, `after ${round} kills`).toEqual([])
      if (round % 25 === 24) process.stderr.write(`${round + 1} kills\n`)
      worsen(join(dir, 'objects.jsonl'), draw)
    }
    const last = await mustStart(dir)
    ledger.check(await found(last, ledger))
    await until('controllers have done their work', 180_000, async () => {
      return (await unsettled(last)).length === 0
    })
    await last.kill()
    expect(ledger.faults).toEqual([])
    expect(ledger.answered).toBeGreaterThan(KILLS * 10)
    const { count, expired } = life.follower.resumed
    process.stderr.write(
      `${KILLS} kills, ${ledger.answered} writes answered, ${count} watches resumed, ${expired} listed anew, revision ${ledger.revision}\n`,
    )
  }, 3_600_000)

  test('what is spoilt is named with its place, and is not touched', async () => {
    const dir = place()
    const server = await mustStart(dir)
    await tokenOf(server)
    await server.kill()
    const path = join(dir, 'objects.jsonl')
    const bytes = readFileSync(path)
    const draw = drawFrom(SEED)
    for (let i = 0; i < 4; i += 1) {
      const at = draw.below(bytes.length)
      const spoilt = Buffer.from(bytes)
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 << draw.below(8))
      writeFileSync(path, spoilt)
      const refused = await startOn(dir)
      expect(refused).toMatchObject({ code: 1 })
      expect(refused).toHaveProperty(
        'output',
        expect.stringMatching(/at byte \d+ .*truncate -s \d+/),
      )
      expect(readFileSync(path)).toEqual(spoilt)
    }
    writeFileSync(path, bytes)
    await (await mustStart(dir)).kill()
  }, 120_000)

  test('of two that start on one folder one runs, and the other says so', async () => {
    const dir = place()
    for (let i = 0; i < 5; i += 1) {
      const both = await Promise.all([startOn(dir), startOn(dir), startOn(dir)])
      const running = both.flatMap((each) => ('ask' in each ? [each] : []))
      const refused = both.flatMap((each) => ('code' in each ? [each] : []))
      expect(running).toHaveLength(1)
      for (const each of refused) {
        expect(each.output).toMatch(/process \d+ works with this folder/)
        expect(each.code).toBe(1)
      }
      for (const each of running) await each.kill()
    }
  }, 120_000)

  test.skipIf(!canMount())(
    'a full disk refuses writes and takes them again; a read-only one is named',
    async () => {
      const dir = place()
      execFileSync('mkdir', ['-p', dir])
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', dir])
      try {
        await fill(dir)
        execFileSync('mount', ['-o', 'remount,ro', dir])
        const refused = await startOn(dir)
        expect(refused).toMatchObject({ code: 1 })
        expect(refused).toHaveProperty('output', expect.stringMatching(/read-only/))
      } finally {
        execFileSync('umount', [dir])
      }
    },
    120_000,
  )
})

/** Writes until the disk is full, and on when there is room again. */
async function fill(dir: string): Promise<void> {
  const server = await mustStart(dir)
  const path = '/api/v1/namespaces/default/configmaps'
  const big = 'x'.repeat(100_000)
  const post = async (name: string) =>
    server.ask({ method: 'POST', path, body: { metadata: { name }, data: { big } } })
  const made: string[] = []
  for (let i = 0; i < 100; i += 1) {
    const { status, object } = await post(`c${i}`)
    if (status === 201) made.push(`c${i}`)
    else {
      expect(status).toBe(500)
      expect(JSON.stringify(object)).toMatch(/no space left on device/)
      break
    }
  }
  expect(made.length).toBeLessThan(100)
  const names = async (from: DataServer): Promise<(string | undefined)[]> => {
    const { object } = await from.ask({ method: 'GET', path })
    const items = object['items'] as unknown as KubeObject[]
    return items.map(({ metadata }) => metadata.name).filter((name) => /^c\d+$/.test(name ?? ''))
  }
  expect(await names(server)).toEqual([...made].sort())
  execFileSync('mount', ['-o', 'remount,size=6m', dir])
  expect((await post('later')).status).toBe(201)
  await server.kill()
  const again = await mustStart(dir)
  expect(await names(again)).toEqual([...made].sort())
  await again.kill()
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = scratch()
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder.dir], { stdio: 'ignore' })
    execFileSync('umount', [folder.dir])
    return true
  } catch {
    return false
  } finally {
    folder.dispose()
  }
}
