import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { createApiServer, serve } from '../src/apiserver/index.ts'
import { type Clock, seededRandom, sleepOn } from '../src/base/index.ts'
import { createCluster, httpTransport, loadKubeconfig } from '../src/cluster/index.ts'
import {
  type ApiRequest,
  type Cluster,
  gvkOf,
  idOf,
  isKubeObject,
  type KubeObject,
  parseYaml,
  type Transport,
} from '../src/object/index.ts'
import { TEST_TLS } from '../test/cluster/tls.ts'
import { hasPrograms, startKube, until } from './kube/kube.ts'

export const root: string = join(import.meta.dirname, '..')
export const bundle: string = join(root, 'dist/tidegate.mjs')

/** A real API server takes its time to start. */
export const START_MS = 120_000

/** Real time. */
export const clock: Clock = {
  now: () => Date.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(clock, ms, signal),
}

/** A write that reached the way to the API server. */
export interface Write {
  readonly atMs: number
  /** Name under which it was sent. */
  readonly who: string
  readonly method: string
  /** Without the query. */
  readonly path: string
}

/** A cluster on which the same tests run, whatever is behind it. */
export interface TestCluster {
  readonly cluster: Cluster
  readonly dir: string
  /** What was written under names; Leases and Events are left out. */
  readonly writes: readonly Write[]
  /** A kubeconfig file for an administrator of this name. */
  kubeconfig(name: string): string
  /** Lets nothing of a name through any more, or all again. */
  cutOff(name: string, isCut: boolean): void
  /** The same API over TLS, where tokens count: as other clusters see it. */
  secure(): Promise<{ readonly address: string; readonly ca: string }>
  /** Creates or changes objects, as an administrator. */
  apply(objects: readonly KubeObject[]): Promise<void>
  close(): Promise<void>
}

/** The clusters that can be had here: always the embedded one, and a real one where there is one. */
export const CLUSTERS: readonly string[] = [
  'embedded',
  ...(hasPrograms('etcd', 'kube-apiserver', 'kube-controller-manager') ? ['kube'] : []),
  ...(process.env['E2E_KUBECONFIG'] === undefined ? [] : ['kubeconfig']),
].filter((name) => (process.env['E2E_CLUSTER'] ?? name) === name)

/** Starts or opens a cluster, with Flux's definitions and the namespace `flux-system`. */
export async function startCluster(name: string): Promise<TestCluster> {
  const behind = await backend(name)
  const dir = mkdtempSync(join(tmpdir(), 'tidegate-e2e-'))
  const writes: Write[] = []
  const cut = new Set<string>()
  const front = await serve(recording(behind.transport, writes, cut))
  const cluster = createCluster({ transport: behind.transport, clock, random: seededRandom(2) })
  const apply: TestCluster['apply'] = async (objects) => {
    for (const object of objects)
      await cluster.patch(
        { ...idOf(object), version: gvkOf(object).version },
        { type: 'apply', value: object, force: true },
        { fieldManager: 'e2e' },
      )
  }
  for (const file of readdirSync(join(root, 'crds')).filter((each) => each.endsWith('.yaml')))
    await apply(objectsIn(readFileSync(join(root, 'crds', file), 'utf8')))
  await until('all definitions are served', 20_000, () => areServed(cluster))
  cluster.forgetDiscovery()
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }])
  return {
    cluster,
    dir,
    writes,
    apply,
    kubeconfig: (who) => {
      const path = join(dir, `${who}.kubeconfig`)
      writeFileSync(path, kubeconfigText(front.url, who))
      return path
    },
    secure: () => behind.secure(),
    cutOff: (who, isCut) => void (isCut ? cut.add(who) : cut.delete(who)),
    close: async () => {
      await front.close()
      await behind.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function areServed(cluster: Cluster): Promise<boolean> {
  const kind = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }
  const { items } = await cluster.list(kind)
  return items.every((crd) => {
    const { conditions } = (crd['status'] ?? {}) as {
      conditions?: readonly { type: string; status: string }[] | null
    }
    return (conditions ?? []).some(
      ({ type, status }) => type === 'Established' && status === 'True',
    )
  })
}

/** The objects of a YAML stream. */
export function objectsIn(text: string): KubeObject[] {
  return (parseYaml(text, 'objects') as unknown[]).filter(isKubeObject)
}

interface Backend extends Pick<TestCluster, 'secure' | 'close'> {
  readonly transport: Transport
}

async function backend(name: string): Promise<Backend> {
  if (name === 'embedded') {
    const api = createApiServer({ clock, random: seededRandom(1) })
    const closers: (() => unknown)[] = [() => api.close()]
    return {
      transport: api,
      secure: () => overTls(api, closers),
      close: async () => {
        for (const close of closers.reverse()) await close()
      },
    }
  }
  const kube = name === 'kube' ? await startKube() : undefined
  const file = kube?.kubeconfig ?? process.env['E2E_KUBECONFIG'] ?? ''
  const { http } = await loadKubeconfig({ files: [file] }, clock)
  const transport = httpTransport(http, clock)
  return {
    transport,
    secure: async () => ({
      address: http.server,
      ca: kube === undefined ? '' : readFileSync(join(kube.dir, 'certs/apiserver.crt'), 'utf8'),
    }),
    close: async () => {
      transport.close()
      await kube?.close()
    },
  }
}

/** Serves an API server over HTTP, and TLS in front of that. */
async function overTls(
  api: Transport,
  closers: (() => unknown)[],
): Promise<{ readonly address: string; readonly ca: string }> {
  const plain = await serve(api)
  const to = Number(new URL(plain.url).port)
  const open = new Set<Socket>()
  const front = createTlsServer(TEST_TLS, (socket) => {
    const back = connect(to, '127.0.0.1')
    for (const end of [socket, back])
      open.add(end.on('error', () => end.destroy()).on('close', () => open.delete(end)))
    socket.pipe(back).pipe(socket)
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  closers.push(() => plain.close())
  closers.push(() => {
    front.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = front.address() as AddressInfo
  return { address: `https://localhost:${port}`, ca: TEST_TLS.cert }
}

/** Sends on what is asked, and remembers who wrote what. */
function recording(to: Transport, writes: Write[], cut: ReadonlySet<string>): Transport {
  return {
    request: async (request) => {
      const who = String(request.headers?.['authorization'] ?? '').replace('Bearer ', '')
      if (cut.has(who)) return silence(request)
      const path = request.path.split('?')[0] ?? ''
      if (request.method !== 'GET' && !/\/(leases|events)(\/|$)/.test(path))
        writes.push({ atMs: clock.now(), who, method: request.method, path })
      const answer = await to.request({ ...request, ...withoutHop(request) })
      // It is unpacked by now; what is no watch has its own end.
      const headers = keptOf(answer.headers, ['transfer-encoding'])
      const isWatch = /[?&](watch|follow)=/.test(request.path)
      return { ...answer, headers: { ...headers, ...(isWatch && CHUNKED) } }
    },
  }
}

const CHUNKED = { 'transfer-encoding': 'chunked' }

/** What is of one hop, or of whoever asked, alone. */
const HOP = ['authorization', 'host', 'connection', 'content-length', 'accept-encoding']

function withoutHop(request: ApiRequest): Pick<ApiRequest, 'headers' | 'body'> {
  const headers = keptOf(request.headers ?? {}, [...HOP, 'transfer-encoding'])
  return request.body === ''
    ? { headers }
    : { headers, ...(request.body && { body: request.body }) }
}

function keptOf<T>(
  headers: Readonly<Record<string, T>>,
  without: readonly string[],
): Record<string, T> {
  const gone = ['content-encoding', 'content-length', ...without]
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !gone.includes(name)))
}

/** A network that swallows everything: whoever asks has to give up by itself. */
function silence(request: ApiRequest): Promise<never> {
  return new Promise((_, reject) =>
    request.signal?.addEventListener('abort', () => reject(request.signal?.reason)),
  )
}

function kubeconfigText(server: string, token: string): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token } }],
  })
}

/** A folder of a replica, made anew. */
export function folderOf(cluster: TestCluster, name: string): string {
  const folder = join(cluster.dir, name)
  mkdirSync(folder, { recursive: true })
  return folder
}
