import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { noMetrics, seededRandom, silentLog, VirtualClock } from '../../src/base/index.ts'
import { createMetrics, createOtlpTrace, type OtlpTrace } from '../../src/telemetry/index.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Sent {
  readonly path: string
  readonly token: string
  readonly body: {
    readonly resourceSpans: readonly {
      readonly resource: { readonly attributes: readonly { key: string; value: object }[] }
      readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
    }[]
  }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number; readonly message?: string }
}

/** A collector that answers one status. */
async function collector(status = 200): Promise<{ readonly url: string; readonly got: Sent[] }> {
  const got: Sent[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    request.on('end', () => {
      const token = String(request.headers['x-token'] ?? '')
      got.push({ path: request.url ?? '', token, body: JSON.parse(text) as Sent['body'] })
      response.writeHead(status).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, got }
}

function traceTo(url: string, metrics = noMetrics): OtlpTrace {
  return createOtlpTrace({
    endpoint: url,
    headers: 'x-token=a%20b',
    service: 'tidegate',
    version: '0.1.0',
    instance: 'pod-1',
    clock: new VirtualClock(),
    random: seededRandom(1),
    log: silentLog,
    metrics,
  })
}

const KEY = 'GitRepository/team/fleet@main@sha1:1'

test('a fetch and what came of it are one trace; stages lie in their run', async () => {
  const { url, got } = await collector()
  const trace = traceTo(url)
  const stage = { name: 'fetch', fromMs: 1_000.5, toMs: 1_200 }
  trace.run({
    name: 'reconcile GitRepository',
    fromMs: 1_000,
    toMs: 1_250,
    attributes: { 'k8s.object.name': 'fleet' },
    stages: [stage],
    key: KEY,
    isOrigin: true,
  })
  trace.run({
    name: 'reconcile Kustomization',
    fromMs: 1_300,
    toMs: 1_400,
    attributes: {},
    stages: [],
    key: KEY,
    failure: 'BuildFailed',
  })
  trace.run({ name: 'alone', fromMs: 1, toMs: 2, attributes: {}, stages: [] })
  await trace.close()
  expect(got.map(({ path, token }) => [path, token])).toEqual([['/v1/traces', 'a b']])
  const [first] = got[0]?.body.resourceSpans ?? []
  expect(first?.resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'tidegate' },
  })
  const [source, fetched, kustomization, alone] = first?.scopeSpans[0]?.spans ?? []
  expect(source).toMatchObject({ startTimeUnixNano: '1000000000', endTimeUnixNano: '1250000000' })
  expect(source?.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(source?.parentSpanId).toBeUndefined()
  expect(fetched).toMatchObject({
    traceId: source?.traceId,
    parentSpanId: source?.spanId,
    startTimeUnixNano: '1000500000',
  })
  expect(kustomization).toMatchObject({
    traceId: source?.traceId,
    parentSpanId: source?.spanId,
    status: { code: 2, message: 'BuildFailed' },
  })
  expect(alone?.traceId).not.toBe(source?.traceId)
})

test('a collector that is away costs nothing but what waited', async () => {
  const { url } = await collector(503)
  const metrics = createMetrics()
  const trace = traceTo(url, metrics)
  const run = { name: 'run', fromMs: 1, toMs: 2, attributes: {}, stages: [] }
  for (let i = 0; i < 5_000; i += 1) trace.run(run)
  await trace.close()
  const dropped = /^tidegate_trace_spans_dropped_total (\d+)$/m.exec(metrics.render())
  expect(Number(dropped?.[1])).toBeGreaterThanOrEqual(5_000 - 4_096 + 512)
})
