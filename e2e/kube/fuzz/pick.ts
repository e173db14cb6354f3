/**
 * Looks for refusals and warnings in which both API servers agree, one of each sort, and writes them
 * as a case of the contract; `record.ts` then writes what the real server answers.
 * Usage: tsx e2e/kube/fuzz/pick.ts URL TOKEN NAME COUNT KIND…
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { createApiServer } from '../../../src/apiserver/index.ts'
import { seededRandom, VirtualClock } from '../../../src/base/index.ts'
import { isArray, stringAt, valueAt } from '../../../src/object/index.ts'
import {
  type ContractAnswer,
  type ContractStep,
  expectedFile,
} from '../../../test/kit/cluster-contract.ts'
import { plainTransport } from '../../../test/kit/plain-transport.ts'
import { trialOf } from './cases.ts'
import { playBoth } from './play.ts'

/** Bodies and answers above this are not kept: the files are to stay small. */
const MOST = 2500

const [url = '', token = '', name = '', count = '100', ...kinds] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const headers = { authorization: `Bearer ${token}` }
const real = plainTransport(url, { ask: request, agent, headers })
const clock = new VirtualClock()
const own = createApiServer({ clock, random: seededRandom(1) }, { controllers: false })
const seen = new Set<string>()

/** The sorts of what is said in an answer: fields without places, messages without values. */
function sortsOf(kind: string, { status, warnings, body }: ContractAnswer): string[] {
  const causes = valueAt(body, 'details', 'causes')
  const said = (isArray(causes) ? causes : []).map((cause) => {
    const field = stringAt(cause, 'field') ?? ''
    const message = (stringAt(cause, 'message') ?? '').replaceAll(/"[^"]*"|\d+/g, '_')
    return field === 'patch' ? '' : `${field.replaceAll(/\[[^\]]*\]|\d+/g, '')} ${message}`
  })
  const warned = (warnings ?? '').replaceAll(/\[\d+\]/g, '')
  return [...said, warned].filter((each) => each !== '').map((each) => `${kind} ${status} ${each}`)
}

async function pick(kind: string): Promise<ContractStep[]> {
  const kept: ContractStep[] = []
  for (let number = 0; number < Number(count); number += 1) {
    const { made, asked } = trialOf(number, kind)
    const steps = [...(made === undefined ? [] : [made]), ...asked]
    const of = { name: `${name}-${kind.toLowerCase()}-${process.pid}`, why: '', steps }
    const answers = await playBoth({ own, real, clock }, of).catch(() => undefined)
    if (answers === undefined) continue
    const [ours, theirs] = answers
    for (const [i, step] of steps.entries()) {
      const answer = theirs[i]
      if (step === made || answer === undefined) continue
      const size = JSON.stringify(step.body).length + JSON.stringify(answer.body).length
      const fresh = sortsOf(kind, answer).filter((each) => !seen.has(each))
      if (size > MOST || fresh.length === 0) continue
      if (JSON.stringify(answer) !== JSON.stringify(ours[i])) continue
      for (const each of fresh) seen.add(each)
      if (step.method === 'PATCH' && made !== undefined && !kept.some(isSame(made))) kept.push(made)
      kept.push(step)
    }
  }
  return kept
}

function isSame(step: ContractStep): (other: ContractStep) => boolean {
  const text = JSON.stringify(step)
  return (other) => JSON.stringify(other) === text
}

const found = await Promise.all(kinds.map(pick))
own.close()
agent.destroy()
const folder = join(expectedFile(name), '..')
mkdirSync(folder, { recursive: true })
const why = `What a real server says of changed objects: ${kinds.join(', ')}. Found by e2e/kube/fuzz/pick.ts.`
const lines = found.flat().map((step) => `  - ${JSON.stringify(step)}\n`)
writeFileSync(join(folder, 'case.yaml'), `why: '${why}'\nsteps:\n${lines.join('')}`)
process.stdout.write(`${name}: ${lines.length} steps\n`)
