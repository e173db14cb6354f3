import { usageFault } from './options.ts'

/** Feature gates of the two controllers, with Flux's defaults. */
export const GATES: Readonly<Record<'kustomize' | 'source', Readonly<Record<string, boolean>>>> = {
  kustomize: {
    AdditiveCELDependencyCheck: false,
    CacheSecretsAndConfigMaps: false,
    CancelHealthCheckOnNewRevision: false,
    DirectSourceFetch: false,
    DisableConfigWatchers: false,
    DisableFailFastBehavior: false,
    DisableStatusPollerCache: true,
    ExternalArtifact: false,
    GroupChangeLog: false,
    MigrateAPIVersion: false,
    ObjectLevelWorkloadIdentity: false,
    StrictPostBuildSubstitutions: true,
  },
  source: { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: false },
}

/**
 * The gates of both sides. `--feature-gates` may name gates of either; each side takes its own, so
 * that one flag does for both as it does for two Deployments of Flux.
 */
export function gatesOf(
  plain: string | undefined,
  source: string | undefined,
): Record<'kustomize' | 'source', Record<string, boolean>> {
  const set = parseGates(plain ?? '', { ...GATES.kustomize, ...GATES.source })
  const own = parseGates(source ?? '', GATES.source)
  const taken = Object.entries({ ...set, ...own }).filter(([name]) =>
    Object.hasOwn(GATES.source, name),
  )
  return {
    kustomize: { ...GATES.kustomize, ...set },
    source: { ...GATES.source, ...Object.fromEntries(taken) },
  }
}

function parseGates(
  text: string,
  known: Readonly<Record<string, boolean>>,
): Record<string, boolean> {
  const gates: Record<string, boolean> = {}
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name = '', value] = part.split('=').map((each) => each.trim())
    const on = value === undefined ? undefined : boolOf(value)
    if (on === undefined)
      throw invalid('feature-gates', text, `${part} must be of the form Name=true or Name=false`)
    if (!Object.hasOwn(known, name)) throw usageFault(`feature-gate '${name}' not supported`)
    gates[name] = on
  }
  return gates
}

/** A boolean as Go's flags have it. */
export function boolOf(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? false : undefined
}

/** A fault in the value of a flag. */
export function invalid(name: string, text: string, why: string): Error {
  return usageFault(`invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${why}`)
}
