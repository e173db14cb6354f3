/**
 * The embedded API server beside the real one, where that is on this machine: start, 1,000 creates,
 * 1,000 first and 1,000 no-op applies over HTTP from 16 connections, and the memory of 20,000
 * objects. Usage: tsx test/bench/apiserver.ts
 */
import { Agent } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { whyWithout } from '../../e2e/kube/assets.ts'
import { startKube } from '../../e2e/kube/kube.ts'
import { createApiServer, serve } from '../../src/apiserver/index.ts'
import { pool, seededRandom, VirtualClock } from '../../src/base/index.ts'
import type { Transport } from '../../src/object/index.ts'
import { plainTransport } from '../kit/plain-transport.ts'

const COUNT = 1000
const SOCKETS = 16
const MANY = 20_000
const PATH = '/apis/apps/v1/namespaces/default/deployments'

function deployment(i: number): string {
  const labels = { app: `d${i}` }
  const container = { name: 'c', image: 'nginx:1', ports: [{ containerPort: 80 }] }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `d${i}`, labels },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
}

async function ask(
  transport: Transport,
  method: 'POST' | 'PATCH',
  path: string,
  body: string,
): Promise<void> {
  const type = method === 'POST' ? 'application/json' : 'application/apply-patch+yaml'
  const response = await transport.request({
    method,
    path,
    headers: { 'content-type': type, accept: 'application/json' },
    body,
  })
  const text = await response.text()
  if (response.status >= 300) throw new Error(text)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return Math.round(performance.now() - start)
}

async function measure(transport: Transport): Promise<Record<string, number>> {
  const all = Array.from({ length: COUNT }, (_, i) => i)
  const apply = (i: number): Promise<void> =>
    ask(transport, 'PATCH', `${PATH}/d${i}?fieldManager=x&force=true`, deployment(i))
  return {
    createsMs: await timed(() =>
      pool(all, SOCKETS, (i) => ask(transport, 'POST', PATH, deployment(i))),
    ),
    firstAppliesMs: await timed(() => pool(all, SOCKETS, apply)),
    noOpAppliesMs: await timed(() => pool(all, SOCKETS, apply)),
  }
}

async function ours(): Promise<Record<string, number>> {
  const start = performance.now()
  const deps = { clock: new VirtualClock(), random: seededRandom(1) }
  const server = createApiServer(deps, { controllers: false })
  const served = await serve(server)
  const startMs = Math.round(performance.now() - start)
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS })
  const figures = await measure(plainTransport(served.url, { agent }))
  agent.destroy()
  await served.close()
  for (let i = COUNT; i < MANY; i += 1) await ask(server, 'POST', PATH, deployment(i))
  const heapMiB = Math.round(process.memoryUsage().heapUsed / 2 ** 20)
  const rssMiB = Math.round(process.memoryUsage().rss / 2 ** 20)
  return { startMs, ...figures, heapMiB, rssMiB }
}

async function theirs(): Promise<Record<string, number>> {
  const start = performance.now()
  const real = await startKube({ controllers: false })
  const startMs = Math.round(performance.now() - start)
  const agent = new TlsAgent({
    keepAlive: true,
    maxSockets: SOCKETS,
    rejectUnauthorized: false,
  })
  const headers = { authorization: `Bearer ${real.token}` }
  try {
    return {
      startMs,
      ...(await measure(plainTransport(real.url, { ask: tlsRequest, agent, headers }))),
    }
  } finally {
    agent.destroy()
    await real.close()
  }
}

const why = whyWithout('etcd', 'kube-apiserver')
const real = why === '' ? await theirs() : { skipped: why }
process.stdout.write(`${JSON.stringify({ ours: await ours(), real }, null, 2)}\n`)
