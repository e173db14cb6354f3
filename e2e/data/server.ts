import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import type { ApiRequest, JsonObject, KubeObject } from '../../src/object/index.ts'
import { plainTransport } from '../../test/kit/plain-transport.ts'

const bundle = join(import.meta.dirname, '../../dist/tidegate.mjs')

/** `tidegate cluster --data` in a process of its own. */
export interface DataServer {
  readonly url: string
  readonly pid: number
  /** Asks; rejects when the server ends before it has answered. */
  ask(request: Asked): Promise<Told>
  /** Lines of a watch. */
  watch(path: string, signal: AbortSignal): Promise<AsyncIterable<string>>
  kill(): Promise<void>
}

/** A request with its body as JSON. */
export interface Asked {
  readonly method: ApiRequest['method']
  readonly path: string
  readonly body?: unknown
  /** Default: JSON. */
  readonly type?: string
  readonly token?: string
}

/** An answer. */
export interface Told {
  readonly status: number
  readonly object: KubeObject & JsonObject
}

/** How a start ended that did not come to anything. */
export interface Refusal {
  readonly code: number | null
  readonly output: string
}

/** Starts the server; a string of what it printed when it ended instead. */
export async function startOn(dir: string): Promise<DataServer | Refusal> {
  const kubeconfig = `${dir}.kubeconfig`
  const args = ['cluster', '--http', '--kubeconfig', kubeconfig, '--data', dir]
  const child = spawn(process.execPath, [bundle, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const stopped = new Promise<number | null>((resolve) => child.on('close', resolve))
  const output = await firstWords(child)
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
  if (url === undefined) return { code: await stopped, output }
  const agent = new Agent({ keepAlive: true })
  const transport = plainTransport(url, { agent })
  return {
    url,
    pid: child.pid ?? 0,
    ask: async ({ method, path, body, type, token }) => {
      const answer = await transport.request({
        method,
        path,
        headers: {
          'content-type': type ?? 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, object: JSON.parse(text) as Told['object'] }
    },
    watch: async (path, signal) =>
      (await plainTransport(url).request({ method: 'GET', path, signal })).lines(),
    kill: async () => {
      child.kill('SIGKILL')
      await stopped
      agent.destroy()
    },
  }
}

/** Starts the server. @throws Error with what it said when it ends instead */
export async function mustStart(dir: string): Promise<DataServer> {
  const started = await startOn(dir)
  if ('ask' in started) return started
  throw new Error(`ended with ${started.code}: ${started.output}`)
}

/** What a program prints until its address is there, or until its end. */
function firstWords(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += String(chunk)
      if (/https?:\/\/\S+\n/.test(text)) resolve(text)
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('close', () => resolve(text))
  })
}

/** Memory that a process has, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}
