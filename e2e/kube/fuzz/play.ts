import type { VirtualClock } from '../../../src/base/index.ts'
import { isObject, type Transport, valueAt } from '../../../src/object/index.ts'
import {
  type ContractAnswer,
  type ContractCase,
  playCase,
} from '../../../test/kit/cluster-contract.ts'
import { settling } from './settled.ts'

/** Plays a case on both servers: what the embedded one answers, what the real one does. */
export async function playBoth(
  on: { readonly own: Transport; readonly real: Transport; readonly clock: VirtualClock },
  of: ContractCase,
): Promise<[ContractAnswer[], ContractAnswer[]]> {
  const passes = (): Promise<void> => on.clock.advance(50)
  const waits = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))
  const both = await Promise.all([
    playCase(settling(on.own, passes), of, passes),
    playCase(settling(on.real, waits), of, waits),
  ])
  const drawn = generatedOf(of)
  return [both[0].map((each) => plain(each, drawn)), both[1].map((each) => plain(each, drawn))]
}

/** Texts that the servers draw letters for. */
function generatedOf(of: ContractCase): readonly string[] {
  return of.steps.flatMap(({ body }) => {
    const generate = isObject(body) ? valueAt(body, 'metadata', 'generateName') : undefined
    return typeof generate === 'string' && generate !== '' ? [generate] : []
  })
}

/** An answer without what each server has of its own in the objects that messages quote. */
function plain(answer: ContractAnswer, drawn: readonly string[]): ContractAnswer {
  let text = JSON.stringify(answer)
    // The servers call their administrator by different names.
    .replaceAll(/"uid":"admin",/g, '')
    .replaceAll('"username":"system:admin"', '"username":"admin"')
    // Ages in tables.
    .replaceAll(/"\d+s"/g, '"<age>"')
    .replaceAll(/selfType\d+/g, 'selfType')
    .replaceAll(/(clusterIPs?\\+":\[?\\+")[\d.]+/g, '$1<ip>')
    .replaceAll(/(odePort\\+":)\d+/g, '$1<port>')
    .replaceAll(/(resourceVersion\\+":\\+")\d+/g, '$1<rv>')
    .replaceAll(/(\\+")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(\\+")/g, '$1<time>$2')
  for (const each of drawn) {
    // Longer starts are cut.
    const start = JSON.stringify(each.slice(0, 58)).slice(1, -1)
    text = text.replaceAll(
      new RegExp(`${escaped(start)}[bcdfghjklmnpqrstvwxz2456789]{5}`, 'g'),
      () => `${start}<5>`,
    )
  }
  return withoutChance(JSON.parse(text) as ContractAnswer)
}

const CHANCE = /^failed to (?:create typed patch object \([^)]*\)|convert (?:new|old) object: )/

/** Go looks at maps in no order, and stops at some faults: what else it has found differs. */
function withoutChance(answer: ContractAnswer): ContractAnswer {
  const { body } = answer
  const message = isObject(body) ? body['message'] : undefined
  if (!isObject(body) || typeof message !== 'string') return answer
  const start = CHANCE.exec(message)?.[0]
  return start === undefined ? answer : { ...answer, body: { ...body, message: start } }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
