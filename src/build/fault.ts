import { Fault, type Place } from '../base/index.ts'

/** Codes of faults of a build: one for what the input is to blame for. */
export type BuildCode = 'BUILD'

/**
 * A fault in kustomize's words. Layers above put their context in front, as kustomize does.
 */
export class BuildFault extends Fault<BuildCode> {
  constructor(message: string, at?: Place, cause?: unknown, others: readonly Fault[] = []) {
    super({ code: 'BUILD', message, ...(at === undefined ? {} : { at }), cause, others })
  }
}

/** Fails with a message of kustomize. */
export function fail(message: string, at?: Place): never {
  throw new BuildFault(message, at)
}

/** Runs `work`; a fault in it gets `context` in front. */
export function within<T>(context: string | (() => string), work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof BuildFault)) throw error
    const text = typeof context === 'string' ? context : context()
    throw new BuildFault(`${text}: ${error.message}`, error.at, error, error.others)
  }
}
