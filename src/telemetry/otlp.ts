import { createHash } from 'node:crypto'
import {
  type Clock,
  type Log,
  type MetricDefinition,
  type Metrics,
  messageOf,
  type Random,
  type Trace,
  type TracedRun,
} from '../base/index.ts'

/** Where traces go, and as whose. */
export interface OtlpOptions {
  /** Base address, as OTEL_EXPORTER_OTLP_ENDPOINT has it: `/v1/traces` is added. */
  readonly endpoint: string
  /** `name=value,name=value`, as OTEL_EXPORTER_OTLP_HEADERS has it; values may be percent-encoded. */
  readonly headers?: string
  readonly service: string
  readonly version: string
  /** Name of this process. */
  readonly instance: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
}

/** Traces on their way out. */
export interface OtlpTrace extends Trace {
  /** Sends what is left, and ends. */
  close(): Promise<void>
}

const DROPPED: MetricDefinition = {
  name: 'tidegate_trace_spans_dropped_total',
  help: 'Spans that were not sent: the collector was away, or too slow.',
  type: 'counter',
  labels: [],
}
const SENT: MetricDefinition = {
  name: 'tidegate_trace_spans_sent_total',
  help: 'Spans that a collector has taken.',
  type: 'counter',
  labels: [],
}

const EVERY_MS = 5_000
const TIMEOUT_MS = 10_000
const SPANS_MAX = 4_096
const BATCH_MAX = 512
const NANOSECONDS_A_MS = 1_000_000n
const KIND_INTERNAL = 1
const STATUS_ERROR = 2

type Span = Readonly<Record<string, unknown>>

/**
 * Sends runs as spans by OTLP over HTTP, in JSON. What waits is bounded; what a collector does not
 * take is dropped and counted. Attributes are names and revisions alone, never a message.
 * @see https://opentelemetry.io/docs/specs/otlp/ (1.x)
 */
export function createOtlpTrace(options: OtlpOptions): OtlpTrace {
  const { clock, metrics, log } = options
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`
  const waiting: Span[] = []
  let sending: Promise<void> | undefined
  let takeBack: () => void = () => undefined
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_MAX)
      try {
        await send(url, options, batch)
        metrics.add(SENT, {}, batch.length)
      } catch (error) {
        metrics.add(DROPPED, {}, batch.length)
        log.debug('unable to send traces', { error: messageOf(error) })
        return
      }
    }
  }
  const flushOnce = (): Promise<void> => {
    sending ??= flush().finally(() => {
      sending = undefined
    })
    return sending
  }
  const arm = (): void => {
    takeBack = clock.after(EVERY_MS, () => void flushOnce().then(arm))
  }
  arm()
  return {
    run: (run) => {
      const spans = spansOf(run, options.random)
      if (waiting.length + spans.length > SPANS_MAX) metrics.add(DROPPED, {}, spans.length)
      else waiting.push(...spans)
    },
    close: async () => {
      takeBack()
      await flushOnce()
    },
  }
}

/** The run as spans: itself, and its stages below it. */
function spansOf(run: TracedRun, random: Random): Span[] {
  const traceId = run.key === undefined ? randomId(random, 32) : hashId(run.key, 32)
  const origin = run.key === undefined ? undefined : hashId(`${run.key} origin`, 16)
  const spanId = run.isOrigin === true && origin !== undefined ? origin : randomId(random, 16)
  const parent = run.isOrigin === true || origin === undefined ? {} : { parentSpanId: origin }
  const failed = run.failure === undefined ? {} : { code: STATUS_ERROR, message: run.failure }
  const root = {
    traceId,
    spanId,
    ...parent,
    ...timed(run),
    attributes: attributesOf(run.attributes),
    status: failed,
  }
  const stages = run.stages.map((stage) => ({
    traceId,
    spanId: randomId(random, 16),
    parentSpanId: spanId,
    ...timed(stage),
    attributes: [],
    status: {},
  }))
  return [root, ...stages]
}

function timed(stage: { name: string; fromMs: number; toMs: number }): Span {
  return {
    name: stage.name,
    kind: KIND_INTERNAL,
    startTimeUnixNano: nano(stage.fromMs),
    endTimeUnixNano: nano(stage.toMs),
  }
}

function nano(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * (NANOSECONDS_A_MS / 1000n))
}

function attributesOf(attributes: Readonly<Record<string, string>>): readonly Span[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }))
}

function hashId(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits)
}

function randomId(random: Random, digits: number): string {
  const digit = (): string => Math.floor(random.next() * 16).toString(16)
  return Array.from({ length: digits }, digit).join('')
}

async function send(url: string, options: OtlpOptions, spans: readonly Span[]): Promise<void> {
  const { service, version, instance } = options
  const resource = attributesOf({
    'service.name': service,
    'service.version': version,
    'service.instance.id': instance,
  })
  const scope = { name: 'tidegate', version }
  const body = {
    resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans }] }],
  }
  const late = new AbortController()
  const takeBack = options.clock.after(TIMEOUT_MS, () => late.abort(new Error('no answer')))
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headersOf(options.headers ?? ''), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: late.signal,
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the collector answered ${response.status}`)
  } finally {
    takeBack()
  }
}

function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
