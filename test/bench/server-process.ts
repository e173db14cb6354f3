import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  readonly url: string
  /** From the start of the process until it is ready, in milliseconds. */
  readonly startMs: number
  stop(): Promise<void>
}

/** Starts Node with a script that serves on the port given, and waits until /readyz answers. */
export async function startServer(args: readonly string[], port: number): Promise<ServerProcess> {
  const start = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const startMs = Math.round(performance.now() - start)
  return { pid: child.pid ?? 0, url, startMs, stop: () => stopped(child) }
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(`${url}/readyz`, { agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    call.on('error', () => resolve(false))
    call.end()
  })
}

/** The processes that this one started and that still run. */
export function children(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    return statOf(Number(name))?.[1] === String(process.pid) ? [Number(name)] : []
  })
}

/** Fields of /proc/PID/stat from the state on; undefined when the process is gone. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Seconds of CPU that processes have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const stat = statOf(pid)
    return Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0)
  })
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND
}

/** Resident memory of processes in MiB: now, and at the most that it was. */
export function memoryMiB(pids: readonly number[]): {
  readonly now: number
  readonly peak: number
} {
  const of = (name: string): number =>
    pids.reduce((sum, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1')
      return sum + Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
    }, 0)
  return { now: Math.round(of('VmRSS') / 1024), peak: Math.round(of('VmHWM') / 1024) }
}
