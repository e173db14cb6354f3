import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transport } from '../../src/object/index.ts'
import { realTransport } from './real-server.ts'

/** A real kube-apiserver with its etcd, on loopback. */
export interface ControlPlane {
  readonly url: string
  readonly token: string
  readonly transport: Transport
  stop(): void
}

const TOKEN = 'contract'

/** Starts etcd and kube-apiserver from a folder; ready in some five seconds. */
export async function startControlPlane(folder: string): Promise<ControlPlane> {
  const data = mkdtempSync(join(tmpdir(), 'tidegate-kube-'))
  const [client, peer, port] = await freePorts(3)
  writeFileSync(join(data, 'tokens.csv'), `${TOKEN},admin,admin,"system:masters"\n`)
  execFileSync('openssl', ['genrsa', '-out', join(data, 'sa.key'), '2048'], { stdio: 'ignore' })
  const run = (name: string, args: readonly string[]): ChildProcess =>
    spawn(join(folder, name), [...args], { cwd: data, stdio: 'ignore' })
  const etcd = run('etcd', [
    `--data-dir=${join(data, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ])
  const api = run('kube-apiserver', apiFlags(data, { client, port }))
  const url = `https://127.0.0.1:${port}`
  const transport = realTransport(url, TOKEN)
  const stop = (): void => {
    api.kill('SIGKILL')
    etcd.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  for (let i = 0; i < 300; i += 1) {
    if (await isReady(transport)) return { url, token: TOKEN, transport, stop }
    await sleep(100)
  }
  stop()
  throw new Error('kube-apiserver did not become ready')
}

function apiFlags(
  data: string,
  ports: { readonly client: number | undefined; readonly port: number | undefined },
): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.client}`,
    `--secure-port=${ports.port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(data, 'certs')}`,
    `--service-account-key-file=${join(data, 'sa.key')}`,
    `--service-account-signing-key-file=${join(data, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${join(data, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/16',
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
  ]
}

async function isReady(transport: Transport): Promise<boolean> {
  try {
    return (await transport.request({ method: 'GET', path: '/readyz' })).status === 200
  } catch {
    return false
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address !== null ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
