import type { KubeObject } from '../../object/index.ts'
import type { Core } from '../core.ts'
import { StatusFault } from '../status.ts'
import { convertedByWebhook, type Need } from './webhook.ts'

/** Something now, or when webhooks have been asked. */
export type Soon<T> = T | Promise<T>

/** That an object is needed in a version that only a webhook gives, and has not given yet. */
export class Unconverted extends Error {
  readonly needs: readonly Need[]

  constructor(needs: readonly Need[]) {
    super('no webhook was asked for an object in another version')
    this.needs = needs
  }
}

/** A request under way: what its webhooks have given so far. */
interface Run {
  readonly core: Core
  /** What is warned of; what a try said that has to begin anew is taken back. */
  readonly warnings: string[]
  readonly answers: Map<string, KubeObject | StatusFault>
  rounds: number
}

/** So often a part of a request begins anew. */
const ROUNDS_MAX = 100
/** So many objects are asked for at a time. */
const AT_ONCE = 16

/** The request whose part is under way: parts are synchronous, so there is one at most. */
let current: Run | undefined

/**
 * Does what may need objects in other versions. Where one is missing it is asked for, and all is done
 * again with it; so what is done must change nothing before it has all that it needs.
 */
export function converting<T>(core: Core, warnings: string[], next: () => Soon<T>): Soon<T> {
  return within({ core, warnings, answers: new Map(), rounds: 0 }, next)
}

/** How a later part of the request that is under way is done, after something was waited for. */
export function resuming(): <T>(next: () => Soon<T>) => Soon<T> {
  const run = current
  return run === undefined ? (next) => next() : (next) => within(run, next)
}

function within<T>(run: Run, next: () => Soon<T>): Soon<T> {
  const before = current
  const told = run.warnings.length
  current = run
  const again = async (error: unknown): Promise<T> => {
    if (!(error instanceof Unconverted)) throw error
    run.rounds += 1
    if (run.rounds > ROUNDS_MAX) throw new Error('a request needs ever more conversions')
    run.warnings.length = told
    await answered(run, error.needs)
    return within(run, next)
  }
  try {
    const result = next()
    return result instanceof Promise ? result.catch(again) : result
  } catch (error) {
    if (error instanceof Unconverted) return again(error)
    throw error
  } finally {
    current = before
  }
}

async function answered(run: Run, needs: readonly Need[]): Promise<void> {
  const { core, answers } = run
  for (let i = 0; i < needs.length; i += AT_ONCE)
    await Promise.all(
      needs.slice(i, i + AT_ONCE).map(async (need) => {
        answers.set(keyOf(need), await answerTo(core, need))
      }),
    )
}

async function answerTo(core: Core, need: Need): Promise<KubeObject | StatusFault> {
  try {
    return await convertedByWebhook(core, need)
  } catch (error) {
    if (error instanceof StatusFault) return error
    throw error
  }
}

function keyOf({ object, to }: Need): string {
  return `${to}\n${JSON.stringify(object)}`
}

/**
 * What a webhook made of an object.
 * @throws Unconverted where it was not asked yet
 * @throws StatusFault with what it said instead
 */
export function givenByWebhook(need: Need): KubeObject {
  const known = current?.answers.get(keyOf(need))
  if (known === undefined) throw new Unconverted([need])
  if (known instanceof StatusFault) throw known
  return known
}
