import { type Fault, messageOf } from '../../base/index.ts'
import { fieldAt, isApiFault, type KubeObject } from '../../object/index.ts'
import type { AnyRun } from './context.ts'

/** Data of a Secret, decoded. */
export type SecretData = Readonly<Record<string, Uint8Array>>

/** Reads a Secret of the run's namespace; `refuse` makes the fault when it cannot be had. */
export async function readSecret(
  run: Pick<AnyRun, 'context' | 'object'>,
  name: string,
  refuse: (message: string) => Fault,
): Promise<SecretData> {
  const { namespace = '' } = run.object.metadata
  let secret: KubeObject
  try {
    secret = await run.context.cluster.get({
      group: '',
      version: 'v1',
      kind: 'Secret',
      namespace,
      name,
    })
  } catch (error) {
    if (isApiFault(error, 'NOT_FOUND')) throw refuse(`secrets "${name}" not found`)
    if (isApiFault(error)) throw refuse(messageOf(error))
    throw error
  }
  return secretData(secret)
}

/** The data of a Secret, decoded. */
export function secretData(secret: KubeObject): SecretData {
  const entries = Object.entries((fieldAt(secret, 'data') ?? {}) as Record<string, string>)
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}
