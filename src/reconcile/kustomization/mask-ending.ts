import { Fault, isFault } from '../../base/index.ts'
import { ApiFault, isApiFault, isObject, type KubeObject } from '../../object/index.ts'
import { maskSecrets } from '../../substitute/index.ts'
import type { Run } from './context.ts'
import type { Ending } from './ending.ts'

/** The ending without the values that came from Secrets: an API server quotes what it refuses. */
export function maskEnding(run: Run, ending: Ending): Ending {
  if (run.secrets.length === 0) return ending
  const values = run.secrets.flatMap((get) => [...get()])
  const mask = (text: string): string => maskSecrets(text, values)
  const told = {
    ...('message' in ending && ending.message !== undefined
      ? { message: mask(ending.message) }
      : {}),
    ...('event' in ending && ending.event !== undefined ? { event: mask(ending.event) } : {}),
    ...('fault' in ending ? { fault: maskError(run, ending.fault) } : {}),
  }
  return { ...ending, ...told } as Ending
}

/** What was thrown, without those values: it goes to the log. A fault stays the fault that it is. */
export function maskError(run: Run, error: unknown): unknown {
  if (!(error instanceof Error) || run.secrets.length === 0) return error
  const values = run.secrets.flatMap((get) => [...get()])
  const message = maskSecrets(error.message, values)
  if (message === error.message) return error
  if (isApiFault(error)) return new ApiFault({ code: error.code, status: error.status, message })
  if (isFault(error)) return new Fault({ code: error.code, message })
  return new Error(message)
}

/** Shorter values of Secrets that stand plain in the source are words of messages, as often as not. */
const MIN_PLAIN_LENGTH = 8

/** The plain values of the Secrets among some objects: all of those that were decrypted. */
export function secretValues(objects: readonly KubeObject[], wasDecrypted: boolean): string[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'Secret' && apiVersion === 'v1')
    .flatMap((object) => [
      ...texts(object['stringData']),
      ...texts(object['data']).map((value) => Buffer.from(value, 'base64').toString()),
    ])
    .filter((value) => wasDecrypted || value.length >= MIN_PLAIN_LENGTH)
}

function texts(value: unknown): string[] {
  return isObject(value) ? Object.values(value).filter((item) => typeof item === 'string') : []
}
