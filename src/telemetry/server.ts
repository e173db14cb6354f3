import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault, messageOf } from '../base/index.ts'

/** Codes of faults in telemetry. */
export type TelemetryCode = 'LISTEN'

/** Says what is wrong, or nothing when all is well. */
export type HealthCheck = () => string | undefined

/** What is served, and where. */
export interface TelemetryServerOptions {
  /** `:8080`, `127.0.0.1:0`, `[::1]:9440`; `0` or empty: not at all. */
  readonly metricsAddress: string
  readonly healthAddress: string
  readonly metrics: () => string
  /** By name, as `/healthz?verbose` lists them. */
  readonly alive: Readonly<Record<string, HealthCheck>>
  readonly ready: Readonly<Record<string, HealthCheck>>
}

/** A running server. */
export interface TelemetryServer {
  /** The ports it listens on; undefined where it does not. */
  readonly metricsPort: number | undefined
  readonly healthPort: number | undefined
  close(): Promise<void>
}

type Route = (url: URL) => { readonly status: number; readonly type: string; readonly body: string }

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'
const PLAIN = 'text/plain; charset=utf-8'

/**
 * Serves `/metrics` on one address, `/healthz` and `/readyz` on the other, as Flux's controllers do.
 * @throws Fault LISTEN when an address is taken or makes no sense
 */
export async function serveTelemetry(options: TelemetryServerOptions): Promise<TelemetryServer> {
  const health = await listen(options.healthAddress, {
    '/healthz': (url) => checked(options.alive, url),
    '/readyz': (url) => checked(options.ready, url),
  })
  let metrics: Server | undefined
  try {
    metrics = await listen(options.metricsAddress, {
      '/metrics': () => ({ status: 200, type: PROMETHEUS, body: options.metrics() }),
    })
  } catch (error) {
    await closed(health)
    throw error
  }
  return {
    metricsPort: portOf(metrics),
    healthPort: portOf(health),
    close: async () => {
      await Promise.all([closed(metrics), closed(health)])
    },
  }
}

/** Splits `host:port`; an empty host is every address. @throws Fault LISTEN */
export function parseListenAddress(
  text: string,
): { readonly host?: string; readonly port: number } | undefined {
  if (text === '' || text === '0') return undefined
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new Fault<TelemetryCode>({
      code: 'LISTEN',
      message: `listen ${text}: address must be host:port`,
    })
  const host = match[1] ?? match[2] ?? ''
  return host === '' ? { port } : { host, port }
}

async function listen(
  address: string,
  routes: Readonly<Record<string, Route>>,
): Promise<Server | undefined> {
  const at = parseListenAddress(address)
  if (at === undefined) return undefined
  const server = createServer((request, response) => answer(routes, request, response))
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, resolve)
    })
  } catch (error) {
    throw new Fault<TelemetryCode>({
      code: 'LISTEN',
      message: `listen ${address}: ${messageOf(error)}`,
      cause: error,
    })
  }
  return server
}

function answer(
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const target = request.url ?? '/'
  if (!URL.canParse(target, 'http://localhost')) {
    response.writeHead(400, { 'content-type': PLAIN }).end('400 Bad Request\n')
    return
  }
  const url = new URL(target, 'http://localhost')
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined
  const { status, type, body } =
    route === undefined ? { status: 404, type: PLAIN, body: '404 page not found\n' } : route(url)
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function checked(
  checks: Readonly<Record<string, HealthCheck>>,
  url: URL,
): { readonly status: number; readonly type: string; readonly body: string } {
  const results = Object.entries(checks).map(([name, check]) => ({ name, wrong: check() }))
  const failed = results.some(({ wrong }) => wrong !== undefined)
  const lines = results.map(({ name, wrong }) =>
    wrong === undefined ? `[+]${name} ok\n` : `[-]${name} failed: ${wrong}\n`,
  )
  const body = failed || url.searchParams.has('verbose') ? lines.join('') : 'ok'
  return { status: failed ? 500 : 200, type: PLAIN, body }
}

function portOf(server: Server | undefined): number | undefined {
  return server === undefined ? undefined : (server.address() as AddressInfo).port
}

async function closed(server: Server | undefined): Promise<void> {
  if (server === undefined) return
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
