/**
 * Plays random lists, watches and deletions on a real API server and on the embedded one, both over
 * HTTP and by the clock of the wall, and prints how they differ.
 * Usage: tsx e2e/kube/fuzz/reading-run.ts URL TOKEN FROM COUNT
 */
import { Agent } from 'node:http'
import { request, Agent as SecureAgent } from 'node:https'
import { createApiServer, serve } from '../../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../../src/compose/system.ts'
import { plainTransport } from '../../../test/kit/plain-transport.ts'
import { Differences } from './differences.ts'
import { readDefinition, readingCaseOf } from './reading.ts'
import { define, playReading } from './reading-play.ts'

const [url = '', token = '', from = '0', count = '100'] = process.argv.slice(2)
const agent = new SecureAgent({ keepAlive: true, maxSockets: 64 })
const headers = { authorization: `Bearer ${token}` }
const real = plainTransport(url, { ask: request, agent, headers })
const server = createApiServer({ clock: systemClock, random: systemRandom }, { controllers: false })
const served = await serve(server)
const near = new Agent({ keepAlive: true, maxSockets: 64 })
const own = plainTransport(served.url, { agent: near })
const differences = new Differences()
const started = process.env['TG_FUZZ_RUN'] ?? String(process.pid)

let next = Number(from)
const end = next + Number(count)
async function work(): Promise<void> {
  while (next < end) {
    const number = next
    next += 1
    const of = readingCaseOf(number)
    const named = { ...of, name: `${started}-${number}` }
    try {
      const [ours, theirs] = await playReading({ own, real }, named)
      differences.add(of, ours, theirs)
    } catch (error) {
      process.stdout.write(`${of.name} ${of.why}: ${String(error)}\n`)
    }
  }
}
await define(own, readDefinition)
await define(real, readDefinition)
await new Promise((resolve) => setTimeout(resolve, 2000))
await Promise.all(Array.from({ length: 24 }, work))
await served.close()
server.close()
agent.destroy()
near.destroy()
process.stdout.write(differences.report())
