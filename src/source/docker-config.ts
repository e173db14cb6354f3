import { ociFault } from './oci-fault.ts'

/** A user of a registry. */
export interface RegistryUser {
  readonly user: string
  readonly password: string
}

interface Entry {
  readonly auth?: string
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

/**
 * Finds the user for a registry in Docker configurations.
 * @throws Fault OCI_AUTH for a configuration that is none
 */
export function registryUser(
  configs: readonly Uint8Array[],
  registry: string,
): RegistryUser | undefined {
  for (const config of configs) {
    const entries = Object.entries(parse(config))
    const found = entries.find(([key]) => hostOf(key) === registry)
    const user = found === undefined ? undefined : userOf(found[1])
    if (user !== undefined) return user
  }
  return undefined
}

function parse(config: Uint8Array): Readonly<Record<string, Entry>> {
  try {
    const value = JSON.parse(Buffer.from(config).toString()) as { auths?: Record<string, Entry> }
    return value.auths ?? {}
  } catch (error) {
    throw ociFault('OCI_AUTH', 'the docker configuration is no JSON', error)
  }
}

/** Keys are hosts, or addresses such as `https://index.docker.io/v1/`. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host
}

function userOf(entry: Entry): RegistryUser | undefined {
  if (entry.identitytoken) return { user: '<token>', password: entry.identitytoken }
  if (entry.username !== undefined && entry.password !== undefined)
    return { user: entry.username, password: entry.password }
  const [user = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString()
    .split(':')
  return user === '' ? undefined : { user, password: password.join(':') }
}
