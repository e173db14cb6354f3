import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { seededRandom } from '../../src/base/index.ts'
import { systemClock as clock } from '../../src/compose/system.ts'

const root = join(import.meta.dirname, '../..')
const USER = 65_532
const isRoot = process.getuid?.() === 0

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

/** What lies in the image beside /app: Node with its libraries, lent by this machine. */
const ENTER = `set -e
for folder in nodejs/bin lib lib64 usr/lib proc dev data tmp; do mkdir -p "$IMAGE/$folder"; done
touch "$IMAGE/nodejs/bin/node" "$IMAGE/dev/null" "$IMAGE/dev/urandom"
mount --bind "$IMAGE" "$IMAGE"
mount --bind "$NODE" "$IMAGE/nodejs/bin/node"
for folder in lib lib64 usr/lib; do
  if [ -d "/$folder" ]; then
    mount --bind "/$folder" "$IMAGE/$folder"
    mount -o remount,bind,ro "$IMAGE/$folder"
  fi
done
for device in null urandom; do mount --bind "/dev/$device" "$IMAGE/dev/$device"; done
mount --bind "$DATA" "$IMAGE/data"
mount --bind "$TEMP" "$IMAGE/tmp"
mount --bind /proc "$IMAGE/proc"
mount -o remount,bind,ro "$IMAGE"
exec env -i PATH="$PATH" TMPDIR=/tmp RUNTIME_NAMESPACE=flux-system \
  setpriv --no-new-privs chroot --userspec=65532:65532 --groups= "$IMAGE" /nodejs/bin/node "$@"
`

/** A root of its own needs the rights of root, and a kernel that lets them act. */
const canEnter =
  isRoot &&
  spawnSync('unshare', ['--mount', 'true']).status === 0 &&
  spawnSync('setpriv', ['--version']).status === 0

/** Runs Node inside the image: read-only, without a capability, nothing to write to but two folders. */
function enter(args: readonly string[]): ChildProcess {
  return spawn('unshare', ['--mount', 'sh', '-c', ENTER, 'sh', ...args], {
    env: {
      PATH: process.env['PATH'],
      IMAGE: image,
      DATA: data,
      TEMP: temp,
      NODE: realpathSync(process.execPath),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs the image's program under its constraints: that user, and no writable place but two. */
function run(args: readonly string[]): ChildProcess {
  if (canEnter) return enter([lastStage().entrypoint.at(-1) ?? '', ...args])
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

const PROBE = `
const fs = require('node:fs')
const write = (path) => { try { fs.writeFileSync(path, ''); return 'written' } catch (error) { return error.code } }
const paths = ['/x', '/app/x', '/app/dist/x', '/nodejs/x', '/usr/lib/x', '/data/x', '/tmp/x']
const status = fs.readFileSync('/proc/self/status', 'utf8')
console.log(JSON.stringify({
  user: [process.getuid(), process.getgid()],
  capabilities: /CapEff:\\s*(\\w+)/.exec(status)[1],
  noNewPrivs: /NoNewPrivs:\\s*(\\d)/.exec(status)[1],
  written: paths.filter((path) => write(path) === 'written'),
}))
`

test.skipIf(!canEnter)(
  'inside, nothing can be written but /data and /tmp (skipped where a root of its own needs rights)',
  async () => {
    const { code, out, err } = await finish(enter(['-e', PROBE]))
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual({
      user: [USER, USER],
      capabilities: '0000000000000000',
      noNewPrivs: '1',
      written: ['/data/x', '/tmp/x'],
    })
  },
)

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
    `--kubeconfig=${canEnter ? '/tmp/kubeconfig' : kubeconfig}`,
    `--storage-path=${canEnter ? '/data' : data}`,
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
