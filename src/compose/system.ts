import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Clock, type Random, sleepOn } from '../base/index.ts'
import type { Io } from '../cli/io.ts'

// Date.now() has whole milliseconds only, and durations in messages have to differ as Flux's do.
let skewMs = Date.now() - performance.now()
const SKEW_MAX_MS = 2

/** Real time, finer than a millisecond. Timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => {
    const fine = performance.now() + skewMs
    if (Math.abs(fine - Date.now()) <= SKEW_MAX_MS) return fine
    skewMs = Date.now() - performance.now()
    return performance.now() + skewMs
  },
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  },
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
}

const startedMs = Date.now() - performance.now()

/** Time that nobody sets: right at the start, then it goes on evenly. For the age of Leases. */
export const steadyClock: Clock = {
  now: () => startedMs + performance.now(),
  after: (ms, fn) => systemClock.after(ms, fn),
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
}

/** What this machine says of the way to other hosts: its proxies, and the authorities it trusts. */
export function systemNetwork(): { env: NodeJS.ProcessEnv; ca?: string } {
  const file = process.env['SSL_CERT_FILE']
  const ca = file === undefined || !existsSync(file) ? {} : { ca: readFileSync(file, 'utf8') }
  return { env: process.env, ...ca }
}

/** Real randomness; good for jitter and names, not for secrets. */
export const systemRandom: Random = { next: () => Math.random() }

/** The terminal and environment of this process. */
export function processIo(): Io {
  const stop = new AbortController()
  const onSignal = (): void => {
    // A second signal ends the process at once, in case that the clean end hangs.
    if (stop.signal.aborted) process.exit(130)
    stop.abort(new Error('interrupted'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.stdout.on('error', ignoreClosedPipe)
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    columns: process.stdout.isTTY === true ? process.stdout.columns : undefined,
    env: process.env,
    cwd: process.cwd(),
    signal: stop.signal,
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}

/** A path of something that is shipped beside the program (`crds`, `deploy/examples/fleet`). */
export function shippedPath(name: string): string {
  return fileURLToPath(new URL(`../${name}`, programUrl()))
}

/** The version in package.json. */
export function programVersion(): string {
  const text = readFileSync(shippedPath('package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Whether this is the bundle, not the sources. */
export function isBundle(): boolean {
  return !import.meta.url.includes('/src/compose/')
}

// The bundle's entry and its chunks lie in dist/, the sources in src/compose/.
function programUrl(): string {
  const here = import.meta.url
  return isBundle() ? here : new URL('..', here).href
}
