import { armor, Decrypter, type Identity } from 'age-encryption'
import type { KeyService } from '../api/index.ts'
import { messageOf } from '../base/index.ts'
import { x25519Identity } from './age-x25519.ts'
import { decryptFault } from './faults.ts'
import { sshIdentity } from './ssh-identity.ts'

/** Identities of one set of keys. */
const MAX_IDENTITIES = 500

/**
 * A key service over age identities: X25519, post-quantum hybrid, and SSH keys without passphrase.
 * Each text may hold several, one a line, with comments.
 * @throws Fault KEY_FORMAT
 */
export function ageKeys(texts: readonly string[]): KeyService {
  const identities = texts.flatMap(identitiesOf)
  if (identities.length > MAX_IDENTITIES)
    throw decryptFault('KEY_FORMAT', 'too many age identities')
  const decrypter = new Decrypter()
  for (const identity of identities) add(decrypter, identity)
  return {
    decrypt: async (key) => {
      if (key.kind !== 'age' || identities.length === 0) return undefined
      try {
        return await decrypter.decrypt(armor.decode(key.enc), 'uint8array')
      } catch (error) {
        throw decryptFault(
          'SOPS_KEY',
          `failed to create reader for decrypting sops data key with age: ${ageWords(error, identities.length)}`,
        )
      }
    },
  }
}

/** The library quotes an identity that it cannot read, so its fault ends here. */
function add(decrypter: Decrypter, identity: string | Identity): void {
  try {
    decrypter.addIdentity(identity)
  } catch {
    throw decryptFault(
      'KEY_FORMAT',
      'failed to parse and add to age identities: malformed secret key',
    )
  }
}

/** In the words of Go's age where they are known; others may quote what they are about. */
function ageWords(error: unknown, count: number): string {
  if (!/no identity matched|no match/i.test(messageOf(error)))
    return 'the encrypted data key is damaged'
  return count === 1
    ? 'identity did not match any of the recipients: incorrect identity for recipient block'
    : 'no identity matched any of the recipients'
}

function identitiesOf(text: string): (string | Identity)[] {
  if (text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) return [sshIdentity(text)]
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (/^AGE-SECRET-KEY-1[A-Z0-9]+$/.test(line)) return x25519Identity(line)
      if (/^AGE-SECRET-KEY-PQ-1[A-Z0-9]+$/.test(line)) return line
      throw decryptFault(
        'KEY_FORMAT',
        `failed to parse and add to age identities: unknown identity type`,
      )
    })
}
