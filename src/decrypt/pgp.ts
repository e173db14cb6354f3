import type { PrivateKey } from 'openpgp'
import type { KeyService } from '../api/index.ts'
import { decryptFault } from './faults.ts'

/** A data key has 32 bytes, a part of one 33: what unfolds to more is none. */
const UNFOLDED_BYTES_MAX = 64 * 1024
/** 64 MiB, for keys that are made from passwords; the library would take a terabyte. */
const ARGON2_MEMORY_EXPONENT_MAX = 16

/**
 * A key service over armored PGP private keys without passphrase.
 * @throws Fault KEY_FORMAT
 */
export async function pgpKeys(armored: readonly string[]): Promise<KeyService> {
  if (armored.length === 0) return { decrypt: async () => undefined }
  // Loaded where there are such keys alone: it is by far the biggest thing here.
  const openpgp = await import('openpgp')
  const keys = (await Promise.all(armored.map((text) => readKeys(openpgp, text)))).flat()
  const config = {
    maxDecompressedMessageSize: UNFOLDED_BYTES_MAX,
    maxArgon2MemoryExponent: ARGON2_MEMORY_EXPONENT_MAX,
  }
  return {
    decrypt: async (key) => {
      if (key.kind !== 'pgp' || keys.length === 0) return undefined
      try {
        const message = await openpgp.readMessage({ armoredMessage: key.enc, config })
        const { data } = await openpgp.decrypt({
          message,
          decryptionKeys: keys,
          format: 'binary',
          config,
        })
        return data
      } catch {
        throw decryptFault(
          'SOPS_KEY',
          'could not decrypt data key with PGP key: GnuPG binary error: failed to decrypt sops data key with pgp: gpg: decryption failed: No secret key',
        )
      }
    },
  }
}

async function readKeys(openpgp: typeof import('openpgp'), text: string): Promise<PrivateKey[]> {
  try {
    return await openpgp.readPrivateKeys({ armoredKeys: text })
  } catch {
    throw decryptFault(
      'KEY_FORMAT',
      'failed to import armored key data: no valid private key found',
    )
  }
}
