/**
 * The embedded API server (the built bundle, in a process of its own) beside the real one with its
 * etcd: start, 1,000 creates, first applies and no-op applies of a mix of kinds over HTTP/1.1 from 16
 * kept connections of one lean client in this process, no-op applies and creates once more when all is
 * compiled; wall time and CPU seconds of the servers; resident memory of the embedded server with
 * 20,000 objects. `trivial` is a server that answers everything with one fixed text: what the client
 * and Node's HTTP cost alone.
 * Usage: npm run build && tsx test/bench/apiserver.ts [--dist DIR] [--only ours|cluster|real|trivial]
 *   [--of mix|configmaps|services|deployments] [--sockets N]
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { whyWithout } from '../../e2e/kube/assets.ts'
import { freePort, startKube } from '../../e2e/kube/kube.ts'
import { type Mix, sample } from './apiserver-objects.ts'
import { type LeanClient, leanClient, requestBytes, type Target } from './lean-client.ts'
import { children, cpuSeconds, memoryMiB, startServer } from './server-process.ts'

const COUNT = 1000
const MANY = 20_000

const { values } = parseArgs({
  options: {
    dist: { type: 'string', default: 'dist' },
    only: { type: 'string' },
    many: { type: 'boolean', default: true },
    of: { type: 'string', default: 'mix' },
    sockets: { type: 'string', default: '16' },
  },
  allowNegative: true,
})
const dist = resolve(values.dist)
const SOCKETS = Number(values.sockets)
const of = values.of as Mix

/** Wall time and CPU seconds of the servers for one round. */
interface Round {
  readonly ms: number
  readonly cpuMs: number
}

type Figures = Readonly<Record<string, number | string | Round>>

async function round(work: () => Promise<unknown>): Promise<Round> {
  const pids = children()
  const cpu = cpuSeconds(pids)
  const start = performance.now()
  await work()
  const ms = Math.round(performance.now() - start)
  return { ms, cpuMs: Math.round((cpuSeconds(pids) - cpu) * 1000) }
}

function creates(target: Target, from: number, to: number): Buffer[] {
  return Array.from({ length: to - from }, (_, i) => {
    const { collection, body } = sample(from + i, of)
    return requestBytes(target, { method: 'POST', path: collection, body })
  })
}

function applies(target: Target, names: string): Buffer[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const { collection, name, body } = sample(i, of)
    return requestBytes(target, {
      method: 'PATCH',
      path: `${collection}/${names}${name}?fieldManager=x&force=true`,
      type: 'application/apply-patch+yaml',
      body: body.replace(`"name":"${name}"`, `"name":"${names}${name}"`),
    })
  })
}

async function measure(target: Target, client: LeanClient): Promise<Figures> {
  // What is compiled or opened on first use is not what is measured.
  await client.send(applies(target, 'warm-').slice(0, 100))
  const news = creates(target, 0, COUNT)
  const [own, others] = [applies(target, 'own-'), applies(target, '')]
  const later = creates(target, COUNT, 2 * COUNT)
  return {
    creates: await round(() => client.send(news)),
    createsByApply: await round(() => client.send(own)),
    firstApplies: await round(() => client.send(others)),
    noOpApplies: await round(() => client.send(others)),
    noOpAppliesAgain: await round(() => client.send(others)),
    createsLater: await round(() => client.send(later)),
  }
}

async function embedded(args: (port: number) => string[]): Promise<Figures> {
  const port = await freePort()
  const server = await startServer(args(port), port)
  const target = { url: server.url }
  const client = await leanClient(target, SOCKETS)
  try {
    const emptyMiB = memoryMiB([server.pid]).now
    const figures = await measure(target, client)
    if (!values.many) return { startMs: server.startMs, ...figures }
    await client.send(creates(target, 2 * COUNT, MANY))
    const { now, peak } = memoryMiB([server.pid])
    return { startMs: server.startMs, ...figures, emptyMiB, manyMiB: now, peakMiB: peak }
  } finally {
    client.close()
    await server.stop()
  }
}

/** The API server alone, as the real one is measured: without controllers. */
function alone(port: number): string[] {
  const entry = JSON.stringify(pathToFileURL(`${dist}/apiserver.mjs`).href)
  const script = `import { startApiServer } from ${entry}
await startApiServer({ port: ${port}, controllers: false })`
  return ['--input-type=module', '-e', script]
}

/** What a user runs, with every controller. */
function cluster(port: number): string[] {
  return [`${dist}/tidegate.mjs`, 'cluster', '--port', String(port), '--kubeconfig', '/dev/null']
}

/** Answers everything at once with as many bytes as a create does. */
function trivial(port: number): string[] {
  const script = `import { createServer } from 'node:http'
const answer = 'x'.repeat(1500)
createServer((request, response) => {
  request.resume()
  request.on('end', () => response.end(answer))
}).listen(${port}, '127.0.0.1')`
  return ['--input-type=module', '-e', script]
}

async function theirs(controllers: boolean): Promise<Figures> {
  const why = whyWithout('etcd', 'kube-apiserver')
  if (why !== '') return { skipped: why }
  const start = performance.now()
  const real = await startKube({ controllers })
  const startMs = Math.round(performance.now() - start)
  const target = { url: real.url, headers: { authorization: `Bearer ${real.token}` } }
  const client = await leanClient(target, SOCKETS)
  try {
    return { startMs, ...(await measure(target, client)), rssMiB: memoryMiB(children()).now }
  } finally {
    client.close()
    await real.close()
  }
}

const RUNS: Readonly<Record<string, () => Promise<Figures>>> = {
  trivial: async () => {
    const port = await freePort()
    const server = await startServer(trivial(port), port)
    const target = { url: server.url }
    const client = await leanClient(target, SOCKETS)
    const figures = await measure(target, client)
    client.close()
    await server.stop()
    return { creates: figures['creates'] ?? '', noOpApplies: figures['noOpApplies'] ?? '' }
  },
  real: () => theirs(false),
  ours: () => embedded(alone),
  cluster: () => embedded(cluster),
}

for (const [name, run] of Object.entries(RUNS))
  if (values.only === undefined || values.only.split(',').includes(name))
    process.stdout.write(`${JSON.stringify({ [name]: await run() })}\n`)
