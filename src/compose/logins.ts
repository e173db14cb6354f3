import { readFile } from 'node:fs/promises'
import type { CloudLogins } from '../api/index.ts'
import { cloudLogins, fetchHttp } from '../keys/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** Logins to clouds, as service accounts of the cluster or as what the environment says we are. */
export function systemLogins(env: Readonly<Record<string, string | undefined>>): CloudLogins {
  return cloudLogins({
    env,
    readFile: (path) => readFile(path, 'utf8'),
    http: fetchHttp(systemClock),
    clock: systemClock,
    random: systemRandom,
  })
}

/** An emulator of Google Cloud Storage, as Google's own clients find it. */
export function googleBase(env: Readonly<Record<string, string | undefined>>): {
  readonly googleBase?: string
} {
  const host = env['STORAGE_EMULATOR_HOST']
  if (!host) return {}
  return { googleBase: /^https?:\/\//.test(host) ? host.replace(/\/$/, '') : `http://${host}` }
}
