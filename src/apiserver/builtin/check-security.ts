import { isObject, type Json, type JsonObject } from '../../object/index.ts'
import { at, items, text, texts } from './check.ts'
import { invalid, notSupported, required } from './field-error.ts'
import { asStruct } from './go-struct.ts'
import type { Cause } from './refusal.ts'

/** What is wrong with the security context of a container. */
export function containerSecurity(context: JsonObject, path: string, hostUsers: boolean): Cause[] {
  const causes = ids(context, path, 'runAsUser', 'runAsGroup')
  causes.push(...optional(context, 'procMount', ['Default', 'Unmasked'], path))
  if (hostUsers && context['procMount'] === 'Unmasked')
    causes.push(
      invalid(`${path}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'),
    )
  causes.push(...seccomp(context['seccompProfile'], `${path}.seccompProfile`))
  if (context['allowPrivilegeEscalation'] === false) {
    const not = 'cannot set `allowPrivilegeEscalation` to false and'
    const added = texts(at(context, 'capabilities'), 'add')
    if (context['privileged'] === true)
      causes.push(invalid(path, goContext(context), `${not} \`privileged\` to true`))
    if (added.includes('CAP_SYS_ADMIN'))
      causes.push(invalid(path, goContext(context), `${not} \`capabilities.Add\` CAP_SYS_ADMIN`))
  }
  return [...causes, ...appArmor(context['appArmorProfile'], `${path}.appArmorProfile`)]
}

/** What is wrong with the security context of a pod. */
export function podSecurity(spec: JsonObject, path: string): Cause[] {
  const context = at(spec, 'securityContext')
  const causes = ids(context, path, 'fsGroup', 'runAsUser', 'runAsGroup')
  const groups = context['supplementalGroups']
  for (const [i, group] of (Array.isArray(groups) ? (groups as Json[]) : []).entries())
    causes.push(...idCauses(group, `${path}.supplementalGroups[${i}]`))
  if (spec['shareProcessNamespace'] === true && spec['hostPID'] === true)
    causes.push(
      invalid(
        `${path}.shareProcessNamespace`,
        true,
        'ShareProcessNamespace and HostPID cannot both be enabled',
      ),
    )
  for (const [i, sysctl] of items(context, 'sysctls').entries())
    causes.push(...sysctlName(text(sysctl, 'name'), `${path}.sysctls[${i}].name`))
  return [
    ...causes,
    ...optional(context, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch'], path),
    ...seccomp(context['seccompProfile'], `${path}.seccompProfile`),
    ...appArmor(context['appArmorProfile'], `${path}.appArmorProfile`),
    ...optional(context, 'supplementalGroupsPolicy', ['Merge', 'Strict'], path),
    ...optional(context, 'seLinuxChangePolicy', ['Recursive'], path),
  ]
}

function ids(context: JsonObject, path: string, ...keys: readonly string[]): Cause[] {
  return keys.flatMap((key) => idCauses(context[key], `${path}.${key}`))
}

function idCauses(value: Json | undefined, path: string): Cause[] {
  if (typeof value !== 'number' || (value >= 0 && value <= 2_147_483_647)) return []
  return [invalid(path, value, 'must be between 0 and 2147483647, inclusive')]
}

function optional(
  context: JsonObject,
  key: string,
  supported: readonly string[],
  path: string,
): Cause[] {
  const value = context[key]
  return typeof value !== 'string' || supported.includes(value)
    ? []
    : [notSupported(`${path}.${key}`, value, supported)]
}

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']

function seccomp(profile: Json | undefined, path: string): Cause[] {
  if (!isObject(profile)) return []
  const type = text(profile, 'type')
  const own = profile['localhostProfile']
  const causes: Cause[] =
    type === ''
      ? [required(`${path}.type`, 'type is required when seccompProfile is set')]
      : PROFILES.includes(type)
        ? []
        : [notSupported(`${path}.type`, type, PROFILES)]
  const place = `${path}.localhostProfile`
  if (type === 'Localhost' && own === undefined)
    causes.push(required(place, 'must be set when seccomp type is Localhost'))
  else if (type !== 'Localhost' && own !== undefined)
    causes.push(
      invalid(place, goProfile(profile), 'can only be set when seccomp type is Localhost'),
    )
  return causes
}

function appArmor(profile: Json | undefined, path: string): Cause[] {
  if (!isObject(profile)) return []
  const type = text(profile, 'type')
  const own = profile['localhostProfile']
  const place = `${path}.localhostProfile`
  if (type === '') return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (!PROFILES.includes(type)) return [notSupported(`${path}.type`, type, PROFILES)]
  if (type !== 'Localhost')
    return own === undefined
      ? []
      : [invalid(place, own, 'can only be set when AppArmor type is Localhost')]
  if (typeof own !== 'string' || own === '')
    return [required(place, 'must be set when AppArmor type is Localhost')]
  return own.trim() === own ? [] : [invalid(place, own, 'must not be padded with whitespace')]
}

const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'

function sysctlName(name: string, path: string): Cause[] {
  if (name === '') return [required(path)]
  if (name.length <= 253 && new RegExp(`^${SYSCTL}$`).test(name)) return []
  return [invalid(path, name, `must have at most 253 characters and match regex ^${SYSCTL}$`)]
}

/** The context as Go prints its own struct: no JSON names, all fields. */
function goContext(context: JsonObject): Json {
  const capabilities = context['capabilities']
  return {
    Capabilities: isObject(capabilities)
      ? { Add: capabilities['add'] ?? null, Drop: capabilities['drop'] ?? null }
      : null,
    Privileged: context['privileged'] ?? null,
    SELinuxOptions: context['seLinuxOptions'] ?? null,
    WindowsOptions: context['windowsOptions'] ?? null,
    RunAsUser: context['runAsUser'] ?? null,
    RunAsGroup: context['runAsGroup'] ?? null,
    RunAsNonRoot: context['runAsNonRoot'] ?? null,
    ReadOnlyRootFilesystem: context['readOnlyRootFilesystem'] ?? null,
    AllowPrivilegeEscalation: context['allowPrivilegeEscalation'] ?? null,
    ProcMount: context['procMount'] ?? null,
    SeccompProfile: goProfile(context['seccompProfile']),
    AppArmorProfile: goProfile(context['appArmorProfile']),
  }
}

function goProfile(profile: Json | undefined): Json {
  if (!isObject(profile)) return null
  const { localhostProfile = null } = profile
  return asStruct({ Type: text(profile, 'type'), LocalhostProfile: localhostProfile })
}
