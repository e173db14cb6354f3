import { isObject, type KubeObject } from '../../object/index.ts'
import { maskSecrets } from '../../substitute/index.ts'
import type { Run } from './context.ts'
import type { Ending } from './ending.ts'

/** The ending without the values that came from Secrets: an API server quotes what it refuses. */
export function maskEnding(run: Run, ending: Ending): Ending {
  if (!('message' in ending) || run.secrets.length === 0) return ending
  const values = run.secrets.flatMap((get) => [...get()])
  const mask = (text: string): string => maskSecrets(text, values)
  const message = mask(ending.message)
  if (ending.kind === 'stalled' || ending.event === undefined) return { ...ending, message }
  return { ...ending, message, event: mask(ending.event) }
}

/** The plain values of the Secrets among some objects. */
export function secretValues(objects: readonly KubeObject[]): string[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'Secret' && apiVersion === 'v1')
    .flatMap((object) => [
      ...texts(object['stringData']),
      ...texts(object['data']).map((value) => Buffer.from(value, 'base64').toString()),
    ])
}

function texts(value: unknown): string[] {
  return isObject(value) ? Object.values(value).filter((item) => typeof item === 'string') : []
}
