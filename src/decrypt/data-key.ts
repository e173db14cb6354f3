import type { KeyService, MasterKey } from '../api/index.ts'
import { isFault } from '../base/index.ts'
import { dataKeyText, type GroupResult, type KeyFailure } from './data-key-text.ts'
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
  const { groups, shamirThreshold } = metadata
  const results = await Promise.all(groups.map((group) => openGroup(group, keys)))
  const parts = results.filter((result) => result instanceof Uint8Array)
  const [only] = parts
  const enough = groups.length > 1 ? parts.length >= shamirThreshold : parts.length === 1
  if (only === undefined || !enough) {
    const text = dataKeyText(results, shamirThreshold)
    throw decryptFault('SOPS_KEY', `cannot get sops data key: ${text}`)
  }
  return groups.length > 1 ? combineShares(parts) : only
}

/** The part of the data key that a group holds, or why none of its keys gave it. */
async function openGroup(group: readonly MasterKey[], keys: KeyService): Promise<GroupResult> {
  const failures: KeyFailure[] = []
  for (const key of group) {
    const name = keyName(key)
    try {
      const part = await keys.decrypt(key)
      if (part !== undefined) return part
      failures.push({ name, why: ABSENT[key.kind] ?? 'no credentials for keys of this kind' })
    } catch (error) {
      if (!isFault(error)) throw error
      failures.push({ name, why: error.message })
    }
  }
  return failures
}

/** What Flux says where there are no keys of a kind. */
const ABSENT: Readonly<Partial<Record<MasterKey['kind'], string>>> = {
  age: 'failed to load age identities',
  pgp: 'could not decrypt data key with PGP key: GnuPG binary error: failed to decrypt sops data key with pgp: gpg: decryption failed: No secret key',
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
