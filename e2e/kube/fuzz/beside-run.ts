/**
 * Plays random watches beside writers on a real API server and on the embedded one, both over HTTP and
 * by the clock of the wall, and prints how they differ.
 * Usage: tsx e2e/kube/fuzz/beside-run.ts URL TOKEN FROM COUNT
 */
import { Agent } from 'node:http'
import { request, Agent as SecureAgent } from 'node:https'
import { createApiServer, serve } from '../../../src/apiserver/index.ts'
import { systemClock, systemRandom } from '../../../src/compose/system.ts'
import { plainTransport } from '../../../test/kit/plain-transport.ts'
import { besideCaseOf, playBeside } from './beside.ts'
import { readDefinition } from './reading.ts'
import { define } from './reading-play.ts'
import { inParallel, RUN } from './workers.ts'

const [url = '', token = '', from = '0', count = '100'] = process.argv.slice(2)
const agent = new SecureAgent({ keepAlive: true, maxSockets: 256 })
const headers = { authorization: `Bearer ${token}` }
const real = plainTransport(url, { ask: request, agent, headers })
const server = createApiServer({ clock: systemClock, random: systemRandom }, { controllers: false })
const served = await serve(server)
const near = new Agent({ keepAlive: true, maxSockets: 256 })
const own = plainTransport(served.url, { agent: near })
const print = (text: string): void => void process.stdout.write(`${text}\n`)
await define(own, readDefinition)
await define(real, readDefinition)
await new Promise((resolve) => setTimeout(resolve, 2000))

let watches = 0
let equal = 0
let late = 0
async function compare(number: number): Promise<void> {
  const of = besideCaseOf(number)
  const namespace = `${of.name}-${RUN}`
  const [ours, theirs] = await Promise.all([
    playBeside(own, of, namespace),
    playBeside(real, of, namespace),
  ])
  if (ours.isLate || theirs.isLate) {
    late += 1
    return
  }
  watches += theirs.told.length
  if (String(ours.statuses) !== String(theirs.statuses))
    print(`${of.name} ${of.kind}: writes ${String(theirs.statuses)}, ours ${String(ours.statuses)}`)
  for (const [i, told] of theirs.told.entries()) {
    const own = ours.told[i] ?? []
    const at = [...told, ''].findIndex((line, j) => line !== own[j])
    if (told.length === own.length && told.every((line, j) => line === own[j])) equal += 1
    else
      print(
        `${of.name} ${of.kind} ${of.watches[i]?.query} ${of.watches[i]?.accept}\n  event ${at} of ${told.length}, ours of ${own.length}\n  ${told[at]}\n  ${own[at]}`,
      )
  }
}
await inParallel({ from: Number(from), count: Number(count), workers: 32 }, compare)
await served.close()
server.close()
agent.destroy()
near.destroy()
print(`${equal} of ${watches} watches told the same, ${late} cases were too slow`)
