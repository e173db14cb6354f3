import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GitHost, startGitHost } from '../test/kit/git-host.ts'
import { bundle, folderOf, startCluster, type TestCluster } from './clusters.ts'
import { freePort } from './kube/kube.ts'

/** A controller that runs as a process of its own. */
export interface Replica {
  readonly name: string
  readonly child: ChildProcess
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
  /** `host:port` of /metrics and of the probes. */
  readonly metrics: string
  readonly health: string
  log(): string
}

/** A cluster with the namespace `team`, a Git host, and whatever controllers are started on it. */
export interface Team {
  readonly cluster: TestCluster
  readonly git: GitHost
  readonly replicas: Replica[]
  close(): Promise<void>
}

/** Starts or opens a cluster by its name, and a Git host. */
export async function startTeam(name: string): Promise<Team> {
  const cluster = await startCluster(name)
  const git = await startGitHost()
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }])
  const replicas: Replica[] = []
  return {
    cluster,
    git,
    replicas,
    close: async () => {
      for (const { child } of replicas) child.kill('SIGKILL')
      await git.close()
      await cluster.close()
    },
  }
}

/** A lease that runs out fast, so that a failover is over in seconds. */
export const FAST_LEASES: readonly string[] = [
  '--leader-election-lease-duration=3s',
  '--leader-election-renew-deadline=2s',
  '--leader-election-retry-period=500ms',
]

/** Starts a controller that works under a name of its own. */
export async function startReplica(
  cluster: TestCluster,
  name: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Replica> {
  const [storage, metrics, health] = await Promise.all([freePort(), freePort(), freePort()])
  const folder = folderOf(cluster, name)
  const log = join(cluster.dir, `${name}.log`)
  const output = openSync(log, 'a')
  const child = spawn(
    process.execPath,
    [
      bundle,
      'controller',
      `--kubeconfig=${cluster.kubeconfig(name)}`,
      `--storage-path=${folder}`,
      `--storage-addr=127.0.0.1:${storage}`,
      `--storage-adv-addr=127.0.0.1:${storage}`,
      `--metrics-addr=127.0.0.1:${metrics}`,
      `--health-addr=127.0.0.1:${health}`,
      ...flags,
    ],
    {
      env: {
        PATH: process.env['PATH'],
        TMPDIR: cluster.dir,
        RUNTIME_NAMESPACE: 'flux-system',
        ...env,
      },
      stdio: ['ignore', output, output],
    },
  )
  // A run of the tests that is cut off leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'))
  return {
    name,
    child,
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code))),
    metrics: `127.0.0.1:${metrics}`,
    health: `127.0.0.1:${health}`,
    log: () => readFileSync(log, 'utf8'),
  }
}
