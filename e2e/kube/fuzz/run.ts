/**
 * Plays random cases on a real API server and on the embedded one, and prints how they differ, by
 * kind of difference. Usage: tsx e2e/kube/fuzz/run.ts URL TOKEN FROM COUNT [KIND…|custom|versions|definitions|wide|parts|texts]
 */
import { Agent, request } from 'node:https'
import { createApiServer } from '../../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../../src/base/index.ts'
import type { JsonObject } from '../../../src/object/index.ts'
import type { ContractCase } from '../../../test/kit/cluster-contract.ts'
import { plainTransport } from '../../../test/kit/plain-transport.ts'
import { caseOf, customCaseOf, definition } from './cases.ts'
import { definitionCaseOf } from './definitions.ts'
import { partCaseOf } from './part-cases.ts'
import { playBoth } from './play.ts'
import { textCaseOf } from './text-cases.ts'
import { versionCaseOf, versionsDefinition } from './version-cases.ts'
import { wideCaseOf } from './wide-cases.ts'
import { compareCases } from './workers.ts'

const [url = '', token = '', from = '0', count = '100', ...kinds] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const real = plainTransport(url, {
  ask: request,
  agent,
  headers: { authorization: `Bearer ${token}` },
})
const clock = new VirtualClock()
const own = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })

/** Tells both servers of a custom kind. */
async function define(definition: JsonObject): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  for (const server of [own, real]) {
    const answer = await server.request({
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      headers,
      body: JSON.stringify(definition),
    })
    // 409: it is there of an earlier run.
    if (![201, 409].includes(answer.status)) throw new Error(`defining answers ${answer.status}`)
  }
  await new Promise((resolve) => setTimeout(resolve, 2000))
  await clock.advance(2000)
}

const caseFor = (number: number): ContractCase => {
  if (kinds[0] === 'custom') return customCaseOf(number)
  if (kinds[0] === 'versions') return versionCaseOf(number)
  if (kinds[0] === 'wide') return wideCaseOf(number, kinds.slice(1))
  if (kinds[0] === 'parts') return partCaseOf(number, kinds.slice(1))
  if (kinds[0] === 'texts') return textCaseOf(number, kinds.slice(1))
  return kinds[0] === 'definitions' ? definitionCaseOf(number) : caseOf(number, kinds)
}

if (kinds[0] === 'custom') await define(definition)
if (kinds[0] === 'versions') await define(versionsDefinition)
const range = { from: Number(from), count: Number(count), workers: 4 }
const report = await compareCases(range, {
  caseOf: caseFor,
  play: (named) => playBoth({ own, real, clock }, named),
})
own.close()
agent.destroy()
process.stdout.write(report)
