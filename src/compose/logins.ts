import { readFile } from 'node:fs/promises'
import type { CloudClusters, CloudLogins } from '../api/index.ts'
import {
  type CloudLoginOptions,
  cloudClusters,
  cloudLogins,
  fetchHttp,
  type TokenCache,
} from '../keys/index.ts'
import { systemClock, systemRandom } from './system.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Logins to clouds, as service accounts of the cluster or as what the environment says we are. */
export function systemLogins(env: Env, tokens?: TokenCache): CloudLogins {
  return cloudLogins(loginOptions(env, tokens))
}

/** Clusters in clouds, by such logins. */
export function systemClusters(env: Env, tokens: TokenCache): CloudClusters {
  return cloudClusters(loginOptions(env, tokens))
}

function loginOptions(env: Env, tokens: TokenCache | undefined): CloudLoginOptions {
  return {
    env,
    readFile: (path) => readFile(path, 'utf8'),
    http: fetchHttp(systemClock),
    clock: systemClock,
    random: systemRandom,
    ...(tokens === undefined ? {} : { tokens }),
  }
}

/** An emulator of Google Cloud Storage, as Google's own clients find it. */
export function googleBase(env: Readonly<Record<string, string | undefined>>): {
  readonly googleBase?: string
} {
  const host = env['STORAGE_EMULATOR_HOST']
  if (!host) return {}
  return { googleBase: /^https?:\/\//.test(host) ? host.replace(/\/$/, '') : `http://${host}` }
}
