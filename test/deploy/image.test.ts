import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { type Clock, seededRandom, sleepOn } from '../../src/base/index.ts'

const root = join(import.meta.dirname, '../..')
const USER = 65_532
const isRoot = process.getuid?.() === 0

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(clock, ms, signal),
}

/** The last stage of the Dockerfile: what it copies, and how it starts. */
function lastStage(): {
  readonly copies: readonly { readonly from: readonly string[]; readonly to: string }[]
  readonly entrypoint: readonly string[]
  readonly user: string
} {
  const text =
    readFileSync(join(root, 'Dockerfile'), 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? ''
  const copies = [...text.matchAll(/^COPY --from=build (.+)$/gm)].map((match) => {
    const words = (match[1] ?? '').split(' ')
    return { from: words.slice(0, -1), to: words.at(-1) ?? '' }
  })
  const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(text)?.[1] ?? '[]') as string[]
  return { copies, entrypoint, user: /^USER (.*)$/m.exec(text)?.[1] ?? '' }
}

const box = mkdtempSync(join(tmpdir(), 'tidegate-image-'))
const image = join(box, 'image')
const data = join(box, 'data')
const temp = join(box, 'tmp')
afterAll(() => rmSync(box, { recursive: true, force: true }))

/** Lays out the file system of the image, owned by root and read-only. */
function layOut(): void {
  chmodSync(box, 0o755)
  for (const { from, to } of lastStage().copies) {
    for (const path of from) {
      const source = join(root, path.replace('/src/', ''))
      if (!existsSync(source)) continue
      const single = from.length === 1 && !to.endsWith('/')
      const target = join(image, single ? to : `${to}${basename(path)}`)
      mkdirSync(join(target, '..'), { recursive: true })
      cpSync(source, target, { recursive: true })
    }
  }
  const lock = (path: string): void => {
    const isDirectory = statSync(path).isDirectory()
    if (isDirectory) for (const name of readdirSync(path)) lock(join(path, name))
    chmodSync(path, isDirectory ? 0o555 : 0o444)
  }
  lock(image)
  for (const folder of [data, temp]) {
    mkdirSync(folder)
    if (isRoot) chownSync(folder, USER, USER)
  }
}
layOut()

/** Runs the image's program under its constraints: that user, and no writable place but two. */
function run(args: readonly string[]): ChildProcess {
  const major = Number(process.versions.node.split('.')[0])
  const permission = major >= 24 ? '--permission' : '--experimental-permission'
  const writable = [data, temp].map(
    (folder) => `--allow-fs-write=${folder}${major >= 24 ? '' : '/*'}`,
  )
  const program = join(image, lastStage().entrypoint.at(-1) ?? '')
  return spawn(
    process.execPath,
    [permission, '--allow-fs-read=*', '--allow-worker', ...writable, program, ...args],
    {
      cwd: temp,
      env: { TMPDIR: temp, RUNTIME_NAMESPACE: 'flux-system' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(isRoot ? { uid: USER, gid: USER } : {}),
    },
  )
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function finish(child: ChildProcess): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

test('the image holds the bundle and what it reads, and no packages', () => {
  const top = readdirSync(join(image, 'app')).sort()
  expect(top).toEqual(['LICENSE', 'crds', 'deploy', 'dist', 'package.json'])
  expect(readdirSync(join(image, 'app/dist'))).toContain('tidegate.mjs')
  expect(lastStage()).toMatchObject({
    user: '65532:65532',
    entrypoint: ['/nodejs/bin/node', expect.stringContaining('75'), '/app/dist/tidegate.mjs'],
  })
})

test('the heap is sized from the memory limit, by a flag that this Node knows', async () => {
  if (Number(process.versions.node.split('.')[0]) < 24)
    return expect(lastStage().entrypoint[1]).toBe('--max-old-space-size-percentage=75')
  const flag = lastStage().entrypoint[1] ?? ''
  const child = spawn(process.execPath, [flag, '--version'], { stdio: ['ignore', 'pipe', 'pipe'] })
  expect((await finish(child)).code).toBe(0)
})

test('the program starts from it', async () => {
  const { code, out, err } = await finish(run(['--version']))
  expect([code, err.replace(/.*Permission is an experimental[\s\S]*/, '')]).toEqual([0, ''])
  expect(out).toMatch(/^tidegate \d+\.\d+\.\d+\n$/)
})

test('the controller works from it, writes only where it may, and ends on SIGTERM', async () => {
  const api = createApiServer({ clock, random: seededRandom(1) })
  const served = await serve(api)
  const kubeconfig = join(temp, 'kubeconfig')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: served.url } }],
      users: [{ name: 'u', user: {} }],
    }),
  )
  const health = await freePort()
  const child = run([
    'controller',
    `--kubeconfig=${kubeconfig}`,
    `--storage-path=${data}`,
    '--storage-addr=127.0.0.1:0',
    '--metrics-addr=127.0.0.1:0',
    `--health-addr=127.0.0.1:${health}`,
  ])
  const ended = finish(child)
  const ready = async (): Promise<string> => {
    for (let tries = 0; tries < 200; tries += 1) {
      if (child.exitCode !== null) return `exit ${child.exitCode}: ${(await ended).err}`
      try {
        return await (await fetch(`http://127.0.0.1:${health}/readyz`)).text()
      } catch {
        await clock.sleep(50)
      }
    }
    return 'never ready'
  }
  expect(await ready()).toBe('ok')
  child.kill('SIGTERM')
  const { code, out } = await ended
  await served.close()
  api.close()
  expect(code).toBe(0)
  expect(out).toContain('"msg":"starting manager"')
})
