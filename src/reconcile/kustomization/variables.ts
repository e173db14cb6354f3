import { gvkOf, isApiFault, type KubeObject } from '../../object/index.ts'
import { isSubstitutionDisabled, variablesIn } from '../../substitute/index.ts'
import type { ConfigData } from './configs.ts'
import type { Run } from './context.ts'
import { failed } from './ending.ts'

/** The variables of a run. */
export interface Variables {
  readonly vars: Readonly<Record<string, string>>
  /** Names of those that came from Secrets. */
  readonly secret: ReadonlySet<string>
}

/**
 * Reads `postBuild.substituteFrom` in order, later ones winning, and lays `substitute` over it.
 * @throws RunEnd for a reference that is not optional and not there; it is laid to the first object
 *   that takes part, as Flux does
 */
export async function readVariables(run: Run, objects: readonly KubeObject[]): Promise<Variables> {
  const { postBuild } = run.object.spec
  const vars: Record<string, string> = {}
  const secret = new Set<string>()
  const first = objects.find((object) => !isSubstitutionDisabled(object))
  if (first === undefined) return { vars, secret }
  for (const reference of postBuild?.substituteFrom ?? []) {
    const { kind, name } = reference
    try {
      const data = await readData(run, kind, name)
      for (const [key, value] of Object.entries(data)) {
        vars[key] = value
        if (kind === 'Secret') secret.add(key)
        else secret.delete(key)
      }
    } catch (error) {
      if (!isApiFault(error)) throw error
      if (reference.optional === true && error.code === 'NOT_FOUND') continue
      const why = `substitute from '${kind}/${name}' error: ${error.message}`
      throw failed('BuildFailed', `post build failed for '${resourceText(first)}': ${why}`, {
        missing: `${kind}/${name}`,
      })
    }
  }
  for (const [key, value] of Object.entries(postBuild?.substitute ?? {})) {
    vars[key] = value
    secret.delete(key)
  }
  run.secrets.push(() => [...secret].map((key) => vars[key] ?? ''))
  return { vars, secret }
}

async function readData(run: Run, kind: string, name: string): Promise<ConfigData> {
  const namespace = run.object.metadata.namespace ?? ''
  const { cluster, configs } = run.context
  const known = configs.known(kind, namespace, name)
  if (known !== undefined) return known
  const object = await cluster.get(
    { group: '', version: 'v1', kind, namespace, name },
    { signal: run.turn.signal },
  )
  const read = variablesIn(object)
  configs.remember(kind, object, read)
  return read
}

/** `ConfigMap.v1.[noGrp]/name`: kustomize's words for a resource. */
export function resourceText(object: KubeObject): string {
  const { group, version, kind } = gvkOf(object)
  return `${kind}.${version}.${group === '' ? '[noGrp]' : group}/${object.metadata.name ?? ''}`
}
