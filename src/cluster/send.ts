import type { Clock, MetricDefinition, Metrics, Random } from '../base/index.ts'
import {
  type ApiFault,
  type ApiRequest,
  type ApiResponse,
  isApiFault,
  type Transport,
} from '../object/index.ts'
import { type Asked, faultOf, unreachable } from './faults.ts'

/** What a cluster needs of the world. */
export interface SendDeps {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
}

/** As client-go counts its requests. */
const REQUESTS: MetricDefinition = {
  name: 'rest_client_requests_total',
  help: 'Number of HTTP requests, partitioned by status code, method, and host.',
  type: 'counter',
  labels: ['code', 'host', 'method'],
}

/** As client-go times them; a watch counts until it is open. */
const LATENCY: MetricDefinition = {
  name: 'rest_client_request_duration_seconds',
  help: 'Request latency in seconds. Broken down by verb, and host.',
  type: 'histogram',
  labels: ['host', 'verb'],
  buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
}

/** How often a request is sent again when the server asks to come back later. */
const TRIES_MAX = 6
/** The longest wait between two of these tries, whatever the server asks. */
const WAIT_MS_MAX = 30_000
const WAIT_MS_FIRST = 250

/** Sends requests and answers responses that are a success. */
export interface Sender {
  /** @throws ApiFault */
  send(request: ApiRequest, asked: Asked): Promise<ApiResponse>
}

/**
 * Sends requests; whatever is not a success becomes an ApiFault. A server that says "later" (429, or
 * 5xx with Retry-After) is asked again after what it asks for, or after a jittered backoff.
 */
export function createSender(deps: SendDeps, host: string): Sender {
  const once = async (request: ApiRequest, asked: Asked): Promise<ApiResponse> => {
    const response = await reach(deps, request, host)
    if (response.status >= 200 && response.status < 300) return response
    throw faultOf(response.status, response.headers, await response.text(), asked)
  }
  return {
    send: async (request, asked) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await once(request, asked)
        } catch (error) {
          const wait = laterMs(error, tries, deps.random)
          if (wait === undefined) throw error
          await deps.clock.sleep(wait, request.signal)
        }
      }
    },
  }
}

async function reach(deps: SendDeps, request: ApiRequest, host: string): Promise<ApiResponse> {
  const count = (code: string): void =>
    deps.metrics.add(REQUESTS, { code, host, method: request.method })
  const startedMs = deps.clock.now()
  try {
    const response = await deps.transport.request(request)
    count(String(response.status))
    const seconds = (deps.clock.now() - startedMs) / 1000
    deps.metrics.observe(LATENCY, { host, verb: request.method }, seconds)
    return response
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason
    count('<error>')
    if (isApiFault(error)) throw error
    throw unreachable(request, host, error)
  }
}

function laterMs(error: unknown, tries: number, random: Random): number | undefined {
  if (!isApiFault(error) || tries >= TRIES_MAX || !asksForLater(error)) return undefined
  const backoff = WAIT_MS_FIRST * 2 ** (tries - 1) * (0.5 + random.next())
  return Math.min(WAIT_MS_MAX, Math.max(error.retryAfterMs ?? 0, backoff))
}

function asksForLater(fault: ApiFault): boolean {
  return fault.status === 429 || (fault.status >= 500 && fault.retryAfterMs !== undefined)
}
