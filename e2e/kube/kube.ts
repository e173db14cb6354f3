import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transport } from '../../src/object/index.ts'
import { findProgram } from './assets.ts'
import { realTransport } from './real-server.ts'

export { hasPrograms } from './assets.ts'

/** Folder with Flux's controllers and further programs; `''`: none. */
export const BIN: string = process.env['TG_BIN'] ?? process.env['KUBEBUILDER_ASSETS'] ?? ''
/** Folder with Flux's CRDs; `''`: none. */
export const FLUX_CRDS: string = process.env['TG_FLUX_CRDS'] ?? ''
/** A control plane and Flux's two controllers, as `hasPrograms` takes them. */
export const FLUX_PROGRAMS: readonly string[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'source-controller',
  'kustomize-controller',
]

/** A real Kubernetes control plane on loopback, without nodes. */
export interface Kube {
  readonly dir: string
  readonly kubeconfig: string
  readonly url: string
  /** Of a cluster administrator. */
  readonly token: string
  readonly transport: Transport
  /** Starts a program that ends with the cluster; its output goes to `<name>.log`. */
  run(name: string, command: string, args: readonly string[], env?: Record<string, string>): Program
  kubectl(...args: readonly string[]): string
  close(): Promise<void>
}

/** A program that runs. */
export interface Program {
  log(): string
  /** Asks it to end and waits until it has; answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** Waits until something holds. @throws Error that names it */
export async function until(
  what: string,
  ms: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + ms
  for (;;) {
    if (await holds()) return
    if (Date.now() > end) throw new Error(`not seen within ${ms / 1000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const TOKEN = 'admintoken'

/**
 * Starts etcd and kube-apiserver, and kube-controller-manager unless that is not wanted; ready in some
 * five seconds.
 */
export async function startKube(options: { readonly controllers?: boolean } = {}): Promise<Kube> {
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-kube-'))
  const [etcd, peer, api] = await Promise.all([freePort(), freePort(), freePort()])
  const programs: Program[] = []
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const run: Kube['run'] = (name, command, args, env = {}) => {
    const program = start(join(dir, `${name}.log`), command, args, {
      PATH: process.env['PATH'] ?? '',
      HOME: dir,
      TMPDIR: dir,
      ...env,
    })
    programs.push(program)
    return program
  }
  execFileSync('openssl', ['genrsa', '-out', join(dir, 'sa.key'), '2048'], { stdio: 'ignore' })
  const tokens = file('tokens.csv', `${TOKEN},admin,admin,"system:masters"\n`)
  const kubeconfig = file('kubeconfig', kubeconfigText(api))
  const http = `http://127.0.0.1:${etcd}`
  run('etcd', program('etcd'), [
    `--data-dir=${dir}/etcd`,
    `--listen-client-urls=${http}`,
    `--advertise-client-urls=${http}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ])
  await until('etcd', 20_000, () => answers(`${http}/health`))
  run('kube-apiserver', program('kube-apiserver'), [
    `--etcd-servers=${http}`,
    `--secure-port=${api}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${dir}/certs`,
    `--service-account-key-file=${dir}/sa.key`,
    `--service-account-signing-key-file=${dir}/sa.key`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${tokens}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/16',
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
  ])
  const url = `https://127.0.0.1:${api}`
  const transport = realTransport(url, TOKEN)
  const kubectl: Kube['kubectl'] = (...args) =>
    execFileSync('kubectl', [`--kubeconfig=${kubeconfig}`, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
  await until('kube-apiserver', 60_000, () => answersAt(transport, '/readyz'))
  if (options.controllers !== false) {
    run('kube-controller-manager', program('kube-controller-manager'), [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${dir}/sa.key`,
      '--secure-port=0',
      '--leader-elect=false',
    ])
  }
  const home = '/api/v1/namespaces/default'
  await until('default namespace', 20_000, () => answersAt(transport, home))
  return {
    dir,
    kubeconfig,
    url,
    token: TOKEN,
    transport,
    run,
    kubectl,
    close: async () => {
      for (const program of programs.reverse()) await program.stop('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function start(
  log: string,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Program {
  const output = openSync(log, 'a')
  const child: ChildProcess = spawn(command, args, { env, stdio: ['ignore', output, output] })
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  // A run of the tests that is cut off leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(1))
  return {
    log: () => readFileSync(log, 'utf8'),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

function program(name: string): string {
  const found = findProgram(name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

async function answersAt(transport: Transport, path: string): Promise<boolean> {
  try {
    return (await transport.request({ method: 'GET', path })).status === 200
  } catch {
    return false
  }
}

function kubeconfigText(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
      },
    ],
    users: [{ name: 'u', user: { token: TOKEN } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  })
}
