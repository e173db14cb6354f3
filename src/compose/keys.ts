import type { CloudKeys } from '../api/index.ts'
import { cloudKeys, fetchHttp, ownCredentials } from '../keys/index.ts'
import { systemClock, systemRandom } from './system.ts'

/** Keys across the network, with what the environment holds as the process's own credentials. */
export function systemCloudKeys(env: Readonly<Record<string, string | undefined>>): CloudKeys {
  const own = ownCredentials(env)
  const parts = { clock: systemClock, random: systemRandom, http: fetchHttp(systemClock) }
  return (request) => cloudKeys({ ...request, own, ...parts })
}
