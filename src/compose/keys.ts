import type { CloudKeys } from '../api/index.ts'
import { cloudKeys, fetchHttp, ownCredentials, type TokenCache } from '../keys/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** Keys across the network, with what the environment holds as the process's own credentials. */
export function systemCloudKeys(
  env: Readonly<Record<string, string | undefined>>,
  tokens?: TokenCache,
): CloudKeys {
  const own = ownCredentials(env)
  const kept = tokens === undefined ? {} : { tokens }
  const parts = { clock: systemClock, random: systemRandom, http: fetchHttp(systemClock), ...kept }
  return (request) => cloudKeys({ ...request, own, ...parts })
}
