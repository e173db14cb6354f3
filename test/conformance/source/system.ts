import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createApiServer } from '../../../src/apiserver/index.ts'
import { noMetrics, seededRandom, silentLog } from '../../../src/base/index.ts'
import { createCluster } from '../../../src/cluster/index.ts'
import { systemClock } from '../../../src/compose/system.ts'
import {
  type Cluster,
  isKubeObject,
  type JsonObject,
  parseYaml,
} from '../../../src/object/index.ts'
import { createEvents, createGitRepositoryController } from '../../../src/reconcile/index.ts'
import { listen } from '../../../src/source/artifact/server.ts'
import {
  createArtifactStore,
  createFetcher,
  createHttpClient,
  type RunningServer,
  serveArtifacts,
} from '../../../src/source/index.ts'
import { type GitHost, startGitHost, startTlsFront } from '../../kit/git-host.ts'
import { httpProxy } from '../../kit/http-proxy.ts'
import { scratch } from '../../kit/program.ts'
import { startSshHost } from '../../kit/ssh-host.ts'
import { keyText, loadRepositories, RECORDED, RecordedRepository } from './recorded.ts'

/** Everything that the scenarios talk to, in this process and on loopback. */
export interface SourceSystem {
  readonly cluster: Cluster
  readonly host: Pick<GitHost, 'setDown'>
  /** What `${name}` in a scenario stands for. */
  readonly names: Readonly<Record<string, string>>
  /** Addresses and what a recording calls them. */
  readonly masks: readonly (readonly [string | RegExp, string])[]
  readonly storageDir: string
  /** A copy of a repository that a scenario may push to. */
  copyFor(scenario: string, repository: string): RecordedRepository
  /** Moves a tag to what is called so, or takes it away. */
  retag?(repository: string, tag: string, name: string | null): void
  /** The spec of an object, from what a scenario says of it. */
  specOf?(given: JsonObject): JsonObject
  close(): Promise<void>
}

/** An API server with our kinds in it. */
export async function startCluster(deps: Parameters<typeof createApiServer>[0]): Promise<{
  readonly cluster: Cluster
  close(): void
}> {
  const server = createApiServer(deps)
  const cluster = createCluster({ transport: server, ...deps })
  for (const name of readdirSync(join(ROOT, 'crds')).filter((each) => each.endsWith('.yaml')))
    for (const crd of parseYaml(readFileSync(join(ROOT, 'crds', name), 'utf8'), name))
      if (isKubeObject(crd)) await cluster.create(crd)
  return { cluster, close: () => server.close() }
}

const ROOT = join(import.meta.dirname, '../../..')

/** Starts it all. */
export async function startSourceSystem(): Promise<SourceSystem> {
  const clock = systemClock
  const deps = { clock, random: seededRandom(7), log: silentLog }
  const server = await startCluster(deps)
  const { cluster } = server
  const repositories = await loadRepositories()
  const host = await startGitHost({ clock })
  for (const [name, repository] of repositories) host.put(name, repository)
  const keys = join(RECORDED, 'keys')
  const fronts = await Promise.all([
    startTlsFront(host, { keys, name: 'server' }),
    startTlsFront(host, { keys, name: 'server', wantsClient: true }),
    startTlsFront(host, { keys, name: 'othername' }),
  ])
  const [https, mtls, othername] = fronts.map((front) => front.url)
  const ssh = await startSshHost({
    hostKey: keyText('host-a'),
    authorized: ['ssh-a', 'ssh-rsa', 'ssh-ecdsa', 'ssh-locked'].map((name) =>
      keyText(`${name}.pub`),
    ),
    repository: (path) => repositories.get(path.replace(/^\/+/, '').replace(/\.git$/, '')),
  })
  const [proxy, authproxy] = await startProxies()
  const closed = await closedPort()
  const { dir, dispose } = scratch()
  const storage = await serveArtifacts({ dir, host: '127.0.0.1', port: 0 })
  const http = createHttpClient()
  const end = new AbortController()
  const controller = createGitRepositoryController({
    ...deps,
    cluster,
    metrics: noMetrics,
    fetcher: createFetcher({ http, clock }),
    store: createArtifactStore({ dir, advertised: () => storage.address, clock }),
    events: createEvents({ ...deps, cluster, component: 'source-controller', instance: 'test' }),
    options: { concurrent: 16, fluxTiming: true },
  })
  const done = controller.run(end.signal)
  const sshHost = `127.0.0.1:${ssh.port}`
  return {
    cluster,
    host,
    storageDir: dir,
    names: {
      http: host.url,
      https: https ?? '',
      mtls: mtls ?? '',
      othername: othername ?? '',
      ssh: `ssh://git@${sshHost}`,
      'http-host': hostOf(host.url),
      'https-host': hostOf(https ?? ''),
      'ssh-host': sshHost,
      closed: `127.0.0.1:${closed}`,
      proxy: proxy.address,
      authproxy: authproxy.address,
      'known-hosts-a': `[127.0.0.1]:${ssh.port} ${keyText('host-a.pub')}`,
      'known-hosts-b': `[127.0.0.1]:${ssh.port} ${keyText('host-b.pub')}`,
    },
    masks: [
      [hostOf(host.url), 'HTTP_HOST'],
      [hostOf(https ?? ''), 'HTTPS_HOST'],
      [hostOf(mtls ?? ''), 'MTLS_HOST'],
      [hostOf(othername ?? ''), 'OTHERNAME_HOST'],
      [sshHost, 'SSH_HOST'],
      [`127.0.0.1:${closed}`, 'CLOSED_HOST'],
      [proxy.address, 'PROXY_HOST'],
      [authproxy.address, 'AUTHPROXY_HOST'],
      [storage.address, 'STORAGE_HOST'],
    ],
    copyFor: (scenario, name) => {
      const source = repositories.get(name)
      if (source === undefined) throw new Error(`no repository ${name}`)
      const copy = new RecordedRepository(name, source.objects)
      host.put(`${scenario}/${name}`, copy)
      return copy
    },
    close: async () => {
      end.abort(new Error('done'))
      await done
      http.close()
      server.close()
      const servers = [...fronts, host, ssh, storage, proxy, authproxy]
      await Promise.all(servers.map((each) => each.close()))
      dispose()
    },
  }
}

/** One that serves everybody, and one that wants to know whom. */
function startProxies(): Promise<[RunningServer, RunningServer]> {
  const at = { host: '127.0.0.1', port: 0 }
  return Promise.all([
    listen(httpProxy(), at),
    listen(httpProxy({ user: 'proxy-user:proxy-pass' }), at),
  ])
}

function hostOf(url: string): string {
  return url === '' ? '' : new URL(url).host
}

/** A port where nothing listens: one that was free a moment ago. */
export function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
