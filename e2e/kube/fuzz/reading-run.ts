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
import { readDefinition, readingCaseOf } from './reading.ts'
import { define, playReading } from './reading-play.ts'
import { compareCases } from './workers.ts'

const [url = '', token = '', from = '0', count = '100'] = process.argv.slice(2)
const agent = new SecureAgent({ keepAlive: true, maxSockets: 64 })
const headers = { authorization: `Bearer ${token}` }
const real = plainTransport(url, { ask: request, agent, headers })
const server = createApiServer({ clock: systemClock, random: systemRandom }, { controllers: false })
const served = await serve(server)
const near = new Agent({ keepAlive: true, maxSockets: 64 })
const own = plainTransport(served.url, { agent: near })

await define(own, readDefinition)
await define(real, readDefinition)
await new Promise((resolve) => setTimeout(resolve, 2000))
const range = { from: Number(from), count: Number(count), workers: 24 }
const report = await compareCases(range, {
  caseOf: readingCaseOf,
  play: (named) => playReading({ own, real }, named),
})
await served.close()
server.close()
agent.destroy()
near.destroy()
process.stdout.write(report)
