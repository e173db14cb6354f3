/**
 * Git beside git: the artifact of a repository of 20,000 files and 100 MB (git clone --depth 1 and
 * tar), a poll that finds nothing new, and 500 GitRepositories on one address.
 * Usage: tsx test/bench/git.ts [FILES]
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApiServer } from '../../src/apiserver/index.ts'
import { noMetrics, seededRandom, silentLog } from '../../src/base/index.ts'
import { createCluster } from '../../src/cluster/index.ts'
import { systemClock } from '../../src/compose/system.ts'
import { isKubeObject, type KubeObject, parseYaml } from '../../src/object/index.ts'
import { createEvents, createGitRepositoryController } from '../../src/reconcile/index.ts'
import {
  createArtifactStore,
  createFetcher,
  createHttpClient,
  serveArtifacts,
} from '../../src/source/index.ts'
import { startGitHost } from '../kit/git-host.ts'
import { httpBackend } from '../kit/git-http-backend.ts'
import { scratch } from '../kit/program.ts'

const FILES = Number(process.argv[2] ?? 20_000)
const FILE_BYTES = 5000
const MANY = 500
const POLLS = 200
const signal = new AbortController().signal

/** A commit of many files as a stream for `git fast-import`; a third of each does not compress. */
function* fastImport(files: number): Generator<Buffer> {
  yield Buffer.from('commit refs/heads/main\ncommitter a <a@b> 1700000000 +0000\ndata 1\nx\n')
  for (let i = 0; i < files; i += 1) {
    let text = `kind: ConfigMap\nmetadata:\n  name: c${i}\ndata:\n`
    for (let line = 0; text.length < FILE_BYTES; line += 1)
      text += `  key-of-line-${line}: "${createHash('sha256').update(`${i} ${line}`).digest('base64')}"\n`
    yield Buffer.from(`M 100644 inline apps/d${i % 200}/f${i}.yaml\ndata ${text.length}\n${text}\n`)
  }
}

async function oursOf(url: string, dir: string): Promise<void> {
  const start = performance.now()
  const fetcher = createFetcher({ http: createHttpClient(), clock: systemClock, spoolDir: dir })
  const request = { url, ref: { branch: 'main' }, recurseSubmodules: false, signal } as const
  const checkout = await fetcher.git({ ...request, provider: 'generic' })
  if (checkout === 'unchanged') throw new Error('nothing was fetched')
  const store = createArtifactStore({ dir, advertised: () => 'x', clock: systemClock })
  await store.put({
    owner: { kind: 'GitRepository', namespace: 'a', name: 'b' },
    revision: checkout.revision,
    file: 'c.tar.gz',
    tree: checkout.tree,
  })
  checkout.release()
  const seconds = (performance.now() - start) / 1000
  const { maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ seconds, mebibytes: Math.round(maxRSS / 1024) }))
}

async function big(): Promise<void> {
  const { dir, dispose } = scratch()
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(dir, 'big.git')])
  const input = Buffer.concat([...fastImport(FILES)])
  execFileSync('git', ['-C', join(dir, 'big.git'), 'fast-import', '--quiet'], { input })
  const host = await httpBackend(dir)
  const url = `${host.url}/big.git`
  const start = performance.now()
  await run('git', ['clone', '-q', '--depth', '1', url, join(dir, 'clone')])
  await run('tar', ['czf', join(dir, 'clone.tgz'), '--exclude=.git', '-C', join(dir, 'clone'), '.'])
  const git = (performance.now() - start) / 1000
  const tsx = ['--import', 'tsx', import.meta.filename]
  const ours = JSON.parse(await run(process.execPath, [...tsx, '--child', url, dir])) as {
    readonly seconds: number
    readonly mebibytes: number
  }
  console.log(`${FILES} files, ${Math.round((FILES * FILE_BYTES) / 1e6)} MB`)
  console.log(`  git clone --depth 1, tar czf  ${git.toFixed(2)} s`)
  const ratio = (ours.seconds / git).toFixed(2)
  console.log(`  artifact  ${ours.seconds.toFixed(2)} s  ${ours.mebibytes} MiB  ratio ${ratio}`)
  await host.close()
  dispose()
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { spawn } = await import('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${command}: ${code}`)),
    )
  })
}

async function polls(): Promise<void> {
  const host = await startGitHost({ clock: systemClock })
  const repository = host.repository('polled')
  const commit = repository.commit({ files: { a: 'a' }, message: 'x' })
  repository.setRef('refs/heads/main', commit)
  for (let i = 0; i < 50; i += 1) repository.tag(`v1.0.${i}`, commit)
  const fetcher = createFetcher({ http: createHttpClient(), clock: systemClock })
  for (const ref of [{ branch: 'main' }, { tag: 'v1.0.7' }, { semver: '>=1.0.0' }]) {
    const url = `${host.url}/plain/polled.git`
    const request = { url, ref, recurseSubmodules: false, provider: 'generic', signal } as const
    const first = await fetcher.git(request)
    if (first === 'unchanged') throw new Error('nothing was fetched')
    const before = { requests: host.requests.length, cpu: process.cpuUsage() }
    for (let i = 0; i < POLLS; i += 1)
      if ((await fetcher.git({ ...request, have: first.revision })) !== 'unchanged')
        throw new Error('a poll found something')
    const { user, system } = process.cpuUsage(before.cpu)
    const requests = (host.requests.length - before.requests) / POLLS
    const ms = ((user + system) / 1000 / POLLS).toFixed(2)
    console.log(
      `poll ${JSON.stringify(ref)}  ${requests} requests, ${ms} CPU ms with the host's share`,
    )
  }
  await host.close()
}

async function many(): Promise<void> {
  const { dir, dispose } = scratch()
  const deps = { clock: systemClock, random: seededRandom(1), log: silentLog }
  const server = createApiServer(deps)
  const cluster = createCluster({ transport: server, ...deps })
  const crd = 'crds/source.toolkit.fluxcd.io_gitrepositories.yaml'
  for (const each of parseYaml(readFileSync(join(import.meta.dirname, '../..', crd), 'utf8'), crd))
    if (isKubeObject(each)) await cluster.create(each)
  const host = await startGitHost({ clock: systemClock })
  const repository = host.repository('shared')
  const files = Object.fromEntries(
    Array.from({ length: 500 }, (_, i) => [`f${i}`, `${i}`.repeat(999)]),
  )
  repository.setRef('refs/heads/main', repository.commit({ files, message: 'x' }))
  const storage = await serveArtifacts({ dir, host: '127.0.0.1', port: 0 })
  const end = new AbortController()
  const controller = createGitRepositoryController({
    ...deps,
    cluster,
    metrics: noMetrics,
    fetcher: createFetcher({ http: createHttpClient(), clock: systemClock }),
    store: createArtifactStore({ dir, advertised: () => storage.address, clock: systemClock }),
    events: createEvents({ ...deps, cluster, component: 'bench', instance: 'bench' }),
  })
  for (let i = 0; i < MANY; i += 1)
    await cluster.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: `r${i}`, namespace: 'default' },
      spec: { url: `${host.url}/plain/shared.git`, interval: '1h', ref: { branch: 'main' } },
    } as KubeObject)
  const start = performance.now()
  const cpu = process.cpuUsage()
  const done = controller.run(end.signal)
  const kind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' }
  for (;;) {
    const { items } = await cluster.list(kind)
    const ready = items.filter((item) => JSON.stringify(item).includes('"artifact"')).length
    if (ready === MANY) break
    await systemClock.sleep(50)
  }
  const { user, system } = process.cpuUsage(cpu)
  const seconds = ((performance.now() - start) / 1000).toFixed(2)
  const fetches = host.requests.filter((each) => each.startsWith('POST')).length - MANY
  console.log(
    `${MANY} on one address  ${seconds} s  ${((user + system) / 1e6).toFixed(2)} CPU s  ${host.requests.length} requests, ${fetches} packs`,
  )
  end.abort(new Error('done'))
  await done
  await Promise.all([host.close(), storage.close()])
  server.close()
  dispose()
}

if (process.argv[2] === '--child') await oursOf(process.argv[3] ?? '', process.argv[4] ?? '')
else {
  if (spawnSync('git', ['--version']).status === 0) await big()
  else console.log('no git here: the large repository was left out')
  await polls()
  await many()
}
