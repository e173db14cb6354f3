import type { KeyService } from '../api/index.ts'
import { awsKeys } from './aws.ts'
import { azureKeys } from './azure.ts'
import { gcpKeys } from './gcp.ts'
import type { CloudKeyOptions } from './options.ts'
import { vaultKeys } from './vault.ts'

/**
 * The key services of the clouds as one. Tokens are kept until shortly before they end. Who is to be a
 * service account never is the process instead, whatever that account may not.
 */
export function cloudKeys(given: CloudKeyOptions): KeyService {
  const { own, ...others } = given
  const options = given.identity === undefined && own !== undefined ? given : others
  const services = [awsKeys(options), gcpKeys(options), azureKeys(options), vaultKeys(options)]
  return {
    decrypt: async (key) => {
      for (const service of services) {
        const opened = await service.decrypt(key)
        if (opened !== undefined) return opened
      }
      return undefined
    },
  }
}
