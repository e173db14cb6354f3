import type { KeyService, MasterKey } from '../api/index.ts'
import { isFault } from '../base/index.ts'
import { decryptFault } from './faults.ts'
import type { Metadata } from './metadata.ts'
import { combineShares } from './shamir.ts'

/**
 * The key that the values of a file are encrypted with: from one group of master keys, or put
 * together from as many groups as the threshold asks for.
 * @throws Fault SOPS_KEY that names the keys that were tried, and why each failed
 * @see getsops/sops v3.13 sops.go GetDataKeyWithKeyServices
 */
export async function dataKeyOf(metadata: Metadata, keys: KeyService): Promise<Uint8Array> {
  const results = await Promise.all(metadata.groups.map((group) => openGroup(group, keys)))
  const parts = results.filter((result) => result instanceof Uint8Array)
  const needed = metadata.groups.length > 1 ? Math.max(metadata.shamirThreshold, 1) : 1
  const [only] = parts
  if (only === undefined || parts.length < needed) throw keyFault(metadata, results, needed)
  return metadata.groups.length > 1 ? combineShares(parts) : only
}

/** The part of the data key that a group holds, or why none of its keys gave it. */
async function openGroup(
  group: readonly MasterKey[],
  keys: KeyService,
): Promise<Uint8Array | readonly string[]> {
  const whys: string[] = []
  for (const key of group) {
    try {
      const part = await keys.decrypt(key)
      if (part !== undefined) return part
      whys.push(`${keyName(key)}: no credentials for keys of this kind`)
    } catch (error) {
      if (!isFault(error)) throw error
      whys.push(`${keyName(key)}: ${error.message}`)
    }
  }
  return whys
}

function keyFault(
  metadata: Metadata,
  results: readonly (Uint8Array | readonly string[])[],
  needed: number,
): ReturnType<typeof decryptFault> {
  const whys = results.flatMap((result) => (result instanceof Uint8Array ? [] : result))
  const tried = whys.length === 0 ? 'the file names no master key' : whys.join('; ')
  const groups =
    metadata.groups.length > 1 ? ` (needs ${needed} of ${metadata.groups.length} groups)` : ''
  return decryptFault(
    'SOPS_KEY',
    `cannot get sops data key: Error getting data key: 0 successful groups required, got 0${groups}: ${tried}`,
  )
}

/** A master key by its public name. */
function keyName(key: MasterKey): string {
  switch (key.kind) {
    case 'age':
      return key.recipient
    case 'pgp':
      return key.fingerprint
    case 'kms':
      return key.arn
    case 'gcp_kms':
      return key.resourceId
    case 'azure_kv':
      return `${key.vaultUrl}/keys/${key.name}/${key.version}`
    case 'hc_vault':
      return `${key.address}/v1/${key.enginePath}/keys/${key.keyName}`
    case 'hckms':
      return key.keyId
  }
}
