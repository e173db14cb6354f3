import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock, MetricDefinition } from '../base/index.ts'
import type { MetricsRegistry } from './metrics.ts'

function gauge(name: string, help: string, labels: readonly string[] = []): MetricDefinition {
  return { name, help, type: 'gauge', labels }
}

const CPU = gauge('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.')
const RESIDENT = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')
const STARTED = gauge(
  'process_start_time_seconds',
  'Start time of the process since unix epoch in seconds.',
)
const FILES = gauge('process_open_fds', 'Number of open file descriptors.')
const FILES_MAX = gauge('process_max_fds', 'Maximum number of open file descriptors.')
const VIRTUAL = gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.')
// Under these names Flux's dashboards count controllers and look at their memory.
const RUNTIME = gauge('go_info', 'Information about the runtime, which is Node.js.', ['version'])
const ALLOCATED = gauge('go_memstats_alloc_bytes', 'Bytes of the heap that are in use.')
const HEAP = gauge('nodejs_heap_bytes', 'Heap of the JavaScript engine in bytes.', ['state'])
const LAG = gauge(
  'nodejs_eventloop_lag_seconds',
  'How late the event loop was since the last scrape, by quantile.',
  ['quantile'],
)

const NANOSECONDS = 1e9

/** Measures this process whenever the metrics are read, under the names that Prometheus clients use. */
export function measureProcess(metrics: MetricsRegistry, clock: Pick<Clock, 'now'>): () => void {
  const started = (clock.now() - process.uptime() * 1000) / 1000
  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()
  metrics.collect((to) => {
    const { user, system } = process.cpuUsage()
    const memory = process.memoryUsage()
    to.set({ ...CPU, type: 'counter' }, {}, (user + system) / 1e6)
    to.set(RESIDENT, {}, memory.rss)
    to.set(STARTED, {}, started)
    to.set(HEAP, { state: 'used' }, memory.heapUsed)
    to.set(HEAP, { state: 'total' }, memory.heapTotal)
    to.set(HEAP, { state: 'external' }, memory.external)
    to.set(RUNTIME, { version: `node ${process.version}` }, 1)
    to.set(ALLOCATED, {}, memory.heapUsed)
    to.set(LAG, { quantile: '0.99' }, lag.percentile(99) / NANOSECONDS)
    to.set(LAG, { quantile: '1' }, lag.max / NANOSECONDS)
    lag.reset()
    const files = openFiles()
    if (files !== undefined) to.set(FILES, {}, files)
    const most = figureIn('/proc/self/limits', /^Max open files\s+(\d+)/m)
    if (most !== undefined) to.set(FILES_MAX, {}, most)
    const pages = figureIn('/proc/self/status', /^VmSize:\s+(\d+) kB/m)
    if (pages !== undefined) to.set(VIRTUAL, {}, pages * 1024)
  })
  return () => {
    lag.disable()
  }
}

/** A figure that Linux gives in a file; elsewhere it is left out. */
function figureIn(file: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(file, 'utf8'))?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}

/** Linux says so; elsewhere the figure is left out. */
function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
