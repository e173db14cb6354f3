import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Cluster,
  gvkOf,
  idOf,
  isApiFault,
  isKubeObject,
  type KubeObject,
  parseYaml,
} from '../../src/object/index.ts'
import type { FileContent, MemoryRepository } from '../../src/source/index.ts'
import { type GitHost, startGitHost } from '../../test/kit/git-host.ts'
import { startRegistry, type TestRegistry } from '../../test/kit/registry.ts'
import { bundle, startCluster, type TestCluster } from '../clusters.ts'

/** Texts that the attacker must never see, by where they lie. */
export const CANARY = {
  victimSecret: 'c4n4ry-victim-secret',
  victimConfig: 'c4n4ry-victim-config',
  victimSpec: 'c4n4ry-victim-spec',
  victimStatus: 'c4n4ry-victim-status',
  victimRepo: 'c4n4ry-victim-repo',
  internalBody: 'c4n4ry-internal-body',
  hostFile: 'c4n4ry-host-file',
} as const

/** Values of Secrets of the attacker's own namespace: its readers of statuses must not see them. */
export const OWN_SECRET = 'c4n4ry-own-secret'
export const OWN_SECRET_UPPER: string = OWN_SECRET.toUpperCase()

/** A cluster with a victim, an attacker, a bystander, and hosts that nobody may be sent to. */
export interface World {
  readonly admin: Cluster
  /** What the attacker may do: all in its namespace, nothing elsewhere. */
  readonly mallory: Cluster
  readonly git: GitHost
  /** The attacker's registry. */
  readonly registry: TestRegistry
  /** The attacker's repository. */
  readonly repository: MemoryRepository
  /** A server that the attacker cannot reach by itself; each request is noted. */
  readonly internal: Host
  /** The attacker's own server. */
  readonly evil: Host
  /** `host:port` that artifacts are served on. */
  readonly artifacts: string
  readonly metricsUrl: string
  /** Where webhooks are served. */
  readonly hooksUrl: string
  /** Takes events and traces. */
  readonly collector: Host
  readonly auditFile: string
  readonly folder: string
  logs(): string
  audit(): string
  /** The controller has not ended. */
  isRunning(): boolean
  /** A commit of the victim, and a request to look at it. */
  commitVictim(more: string): Promise<void>
  get(kind: string, namespace: string, name: string): Promise<KubeObject | undefined>
  apply(who: Cluster, text: string): Promise<readonly string[]>
  close(): Promise<void>
}

/** An HTTP server that notes what it is asked. */
export interface Host {
  readonly url: string
  /** `METHOD path authorization token`. */
  readonly requests: string[]
  /** What was sent to it, where that is kept. */
  readonly bodies: string[]
  close(): Promise<void>
}

const GROUPS: Readonly<Record<string, string>> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  GitRepository: 'source.toolkit.fluxcd.io',
  OCIRepository: 'source.toolkit.fluxcd.io',
  Bucket: 'source.toolkit.fluxcd.io',
  ExternalArtifact: 'source.toolkit.fluxcd.io',
  Receiver: 'notification.toolkit.fluxcd.io',
  ClusterRoleBinding: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  CustomResourceDefinition: 'apiextensions.k8s.io',
}
const CLUSTER_SCOPED = ['Namespace', 'ClusterRoleBinding', 'CustomResourceDefinition']

const LOCK_DOWN = [
  '--no-cross-namespace-refs',
  '--no-remote-bases',
  '--default-service-account=gitops',
  '--default-kubeconfig-service-account=gitops',
  '--default-decryption-service-account=gitops',
  '--feature-gates=ObjectLevelWorkloadIdentity=true,ExternalArtifact=true',
  '--log-level=trace',
]

/** Starts the controller, locked down, on a cluster by its name in e2e/clusters.ts. */
export async function startWorld(name: string): Promise<World> {
  const test: TestCluster = await startCluster(name)
  const [internal, collector, git, registry] = await Promise.all([
    startHost((_, response) => answerBody(response)),
    startHost((_, response) => response.end('{}')),
    startGitHost(),
    startRegistry(),
  ])
  const evil = await startHost((request, response) => answerEvil(request, response, internal.url))
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-attacks-'))
  const [storage = 0, metrics, health, hooks] = await Promise.all(
    Array.from({ length: 4 }, freePort),
  )
  let logs = ''
  const auditFile = join(folder, 'audit.jsonl')
  const world: World = {
    admin: test.cluster,
    mallory: test.cluster.as({ user: 'mallory', groups: ['system:authenticated'] }),
    git,
    registry,
    repository: git.repository('tenant'),
    internal,
    evil,
    artifacts: `127.0.0.1:${storage}`,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    hooksUrl: `http://127.0.0.1:${hooks}`,
    collector,
    auditFile,
    folder,
    logs: () => logs,
    audit: () => readFileSync(auditFile, 'utf8'),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    commitVictim: async (more) => {
      commitVictim(git, more)
      await test.cluster.patch(
        { group: 'source.toolkit.fluxcd.io', kind: 'GitRepository', ...VICTIM },
        { type: 'merge', value: { metadata: { annotations: REQUEST } } },
      )
    },
    get: (kind, namespace, object) => find(test.cluster, kind, namespace, object),
    apply: (who, text) => applyAll(who, text),
    close: async () => {
      child.kill('SIGKILL')
      await ended
      await Promise.all([internal, evil, collector, git, registry].map((host) => host.close()))
      await test.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await world.apply(world.admin, setting(git.url, internal.url))
  commitVictim(git, '')
  const child = spawn(
    process.execPath,
    [
      bundle,
      'controller',
      ...LOCK_DOWN,
      `--kubeconfig=${test.kubeconfig('tidegate')}`,
      `--storage-addr=127.0.0.1:${storage}`,
      `--storage-path=${folder}/storage`,
      `--metrics-addr=127.0.0.1:${metrics}`,
      `--health-addr=127.0.0.1:${health}`,
      `--audit-file=${auditFile}`,
      `--receiver-addr=127.0.0.1:${hooks}`,
      `--events-addr=${collector.url}`,
      `--otlp-endpoint=${collector.url}`,
      '--report-configmap=tidegate-report',
    ],
    { cwd: folder, env: { RUNTIME_NAMESPACE: 'flux-system', HOME: folder, TMPDIR: folder } },
  )
  const ended = new Promise((resolve) => child.on('close', resolve))
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      logs += chunk.toString()
    })
  return world
}

function answerBody(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'text/plain' }).end(`${CANARY.internalBody}\n`)
}

/** What servers of the attacker answer, by the path that they are asked for. */
const ANSWERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  endless: (response) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ')
    const more = (): void => {
      if (!response.destroyed && response.write(chunk)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  },
  deep: (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`),
  empty: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  proto: (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(
        '{"__proto__":{"polluted":"c4n4ry"},"constructor":{"prototype":{"polluted":"yes"}},"kind":"APIVersions","versions":["v1","__proto__"],"groups":[{"name":"__proto__","versions":[{"groupVersion":"__proto__/v1","version":"v1"}]}],"resources":[{"name":"__proto__","kind":"__proto__"}]}',
      ),
  headers: (response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n')
    const more = (): void => {
      if (response.socket?.destroyed === false)
        response.socket.write(`x-a: ${'a'.repeat(60_000)}\r\n`, () => setImmediate(more))
    }
    more()
  },
}

function answerEvil(request: IncomingMessage, response: ServerResponse, internal: string): void {
  const [, first = '', second = ''] = (request.url ?? '').split('/')
  const answer = ANSWERS[first]
  if (answer !== undefined && Object.hasOwn(ANSWERS, first)) answer(response)
  else if (first === 'redirect')
    response.writeHead(307, { location: `${internal}/${second}` }).end()
  else response.writeHead(401, { 'www-authenticate': 'Basic' }).end('no')
}

/** A free port of loopback. */
async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts a server on loopback. */
export async function startHost(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Host> {
  const requests: string[] = []
  const bodies: string[] = []
  const server: Server = createServer((request, response) => {
    const { authorization = '', 'x-vault-token': token = '' } = request.headers
    requests.push(`${request.method} ${request.url} ${authorization} ${String(token)}`)
    request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function find(
  cluster: Cluster,
  kind: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const at = CLUSTER_SCOPED.includes(kind) ? '' : namespace
  try {
    return await cluster.get({ group: GROUPS[kind] ?? '', kind, namespace: at, name })
  } catch (error) {
    if (isApiFault(error)) return undefined
    throw error
  }
}

/** Applies objects, their status too where they bring one; answers what the server refused. */
async function applyAll(who: Cluster, text: string): Promise<readonly string[]> {
  const refused: string[] = []
  for (const object of parseYaml(text, 'attack.yaml').filter((each) => isKubeObject(each))) {
    const ref = { ...idOf(object), version: gvkOf(object).version }
    const body = { type: 'apply', value: object, force: true } as const
    try {
      await who.patch(ref, body, { fieldManager: 'attack' })
      if (object['status'] !== undefined)
        await who.patch(ref, body, { fieldManager: 'attack', subresource: 'status' })
    } catch (error) {
      if (!isApiFault(error)) throw error
      refused.push(error.message)
    }
  }
  return refused
}

const VICTIM = { namespace: 'tenant-b', name: 'victim' }
const REQUEST = { 'reconcile.fluxcd.io/requestedAt': 'now' }

function commitVictim(git: GitHost, more: string): void {
  const files: Record<string, FileContent> = {
    'app/config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-git}\ndata: {text: ${CANARY.victimRepo}${more === '' ? '' : `, more: ${more}`}}\n`,
  }
  const repository = git.repository('victim')
  repository.setRef('refs/heads/main', repository.commit({ files, message: 'Victim' }))
}

/** Namespaces, accounts, rights, and what the victim has. */
function setting(git: string, internal: string): string {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
  return read('setting.yaml')
    .replaceAll('${git}', git)
    .replaceAll('${internal}', internal)
    .replaceAll(/\$\{canary\.(\w+)\}/g, (_, name: keyof typeof CANARY) => CANARY[name])
    .replaceAll('${own}', OWN_SECRET)
}
