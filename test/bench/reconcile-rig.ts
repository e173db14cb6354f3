import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, hasPrograms, startKube } from '../../e2e/kube/kube.ts'
import { seededRandom } from '../../src/base/index.ts'
import { createCluster, httpTransport, loadKubeconfig } from '../../src/cluster/index.ts'
import { systemClock } from '../../src/compose/system.ts'
import type { Cluster } from '../../src/object/index.ts'
import { type GitHost, startGitHost } from '../kit/git-host.ts'

const root = join(import.meta.dirname, '../..')
const bundle = join(root, 'dist/tidegate.mjs')
const START_MS_MAX = 60_000

/** The controller under measurement. */
export interface Rig {
  /** `kube-apiserver` or `embedded`. */
  readonly server: string
  readonly cluster: Cluster
  readonly git: GitHost
  /** CPU seconds that the controller has used so far. */
  cpuSeconds(): number
  /** Its largest resident memory since the last call, in MiB. */
  peakMiB(): number
  /** Its requests so far, by HTTP method. */
  requests(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

/**
 * Starts an API server (the real one where TG_BIN or KUBEBUILDER_ASSETS names it), a Git host and
 * `tidegate controller`. `profileDir` is where the controller leaves its CPU profile.
 */
export async function startRig(profileDir: string | undefined): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-bench-'))
  const server = await startServer(dir)
  const { http } = await loadKubeconfig({ files: [server.kubeconfig] }, systemClock)
  const transport = httpTransport(http, systemClock)
  const cluster = createCluster({ transport, clock: systemClock, random: seededRandom(1) })
  const git = await startGitHost()
  await install(dir, server.kubeconfig)
  const controller = await startController(dir, server.kubeconfig, profileDir)
  const memory = sampleMemory(controller.pid)
  return {
    server: server.name,
    cluster,
    git,
    cpuSeconds: () => cpuSeconds(controller.pid),
    peakMiB: memory.take,
    requests: () => requestCounts(controller.metricsUrl),
    close: async () => {
      memory.stop()
      await controller.stop()
      transport.close()
      await git.close()
      await server.close()
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface Server {
  readonly name: string
  readonly kubeconfig: string
  close(): Promise<void>
}

async function startServer(dir: string): Promise<Server> {
  if (hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager')) {
    const kube = await startKube()
    return { name: 'kube-apiserver', kubeconfig: kube.kubeconfig, close: kube.close }
  }
  const kubeconfig = join(dir, 'kubeconfig')
  const child = launch(dir, 'cluster', [bundle, 'cluster', '--kubeconfig', kubeconfig])
  await logged(dir, 'cluster', 'Kubernetes API on')
  return { name: 'embedded', kubeconfig, close: () => ended(child) }
}

async function install(dir: string, kubeconfig: string): Promise<void> {
  const crds = join(root, 'crds')
  const args = [`--kubeconfig=${kubeconfig}`, 'apply', '--server-side', '-f', crds]
  const child = spawn('kubectl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error('the definitions were refused')
}

async function startController(dir: string, kubeconfig: string, profileDir: string | undefined) {
  const [metrics, health, storage] = await Promise.all([freePort(), freePort(), freePort()])
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  const child = launch(dir, 'controller', [
    ...profile,
    bundle,
    'controller',
    `--kubeconfig=${kubeconfig}`,
    `--storage-path=${join(dir, 'data')}`,
    `--storage-addr=127.0.0.1:${storage}`,
    `--storage-adv-addr=127.0.0.1:${storage}`,
    `--metrics-addr=127.0.0.1:${metrics}`,
    `--health-addr=127.0.0.1:${health}`,
  ])
  await logged(dir, 'controller', 'starting manager')
  return {
    pid: child.pid ?? 0,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    stop: () => ended(child),
  }
}

function launch(dir: string, name: string, args: readonly string[]): ChildProcess {
  const output = openSync(join(dir, `${name}.log`), 'a')
  const env = { PATH: process.env['PATH'], HOME: dir, TMPDIR: dir, RUNTIME_NAMESPACE: 'default' }
  const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', output, output] })
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

async function logged(dir: string, name: string, words: string): Promise<void> {
  const file = join(dir, `${name}.log`)
  for (const end = systemClock.now() + START_MS_MAX; ; await systemClock.sleep(50)) {
    if (readFileSync(file, 'utf8').includes(words)) return
    if (systemClock.now() > end) throw new Error(readFileSync(file, 'utf8').slice(-2000))
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}

/** Linux counts in hundredths of a second. */
const TICKS_PER_SECOND = 100

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function sampleMemory(pid: number): { take(): number; stop(): void } {
  let peak = 0
  const look = (): void => {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    peak = Math.max(peak, Number(kib ?? 0) / 1024)
  }
  const timer = setInterval(look, 100)
  return {
    take: () => {
      look()
      const most = Math.round(peak)
      peak = 0
      return most
    },
    stop: () => clearInterval(timer),
  }
}

async function requestCounts(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(url)).text()
  const counts: Record<string, number> = {}
  for (const [, labels = '', value] of text.matchAll(
    /^rest_client_requests_total\{(.*)\} (.*)$/gm,
  )) {
    const method = /method="(\w+)"/.exec(labels)?.[1] ?? ''
    counts[method] = (counts[method] ?? 0) + Number(value)
  }
  return counts
}
