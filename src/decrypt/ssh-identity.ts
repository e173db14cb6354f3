import {
  constants,
  createHash,
  createPrivateKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto'
import type { Identity } from 'age-encryption'
import { privateX25519, publicX25519, rawPublic, unwrap } from './age-x25519.ts'
import { decryptFault } from './faults.ts'

const ED25519 = 'age-encryption.org/v1/ssh-ed25519'
const RSA = 'age-encryption.org/v1/ssh-rsa'

/**
 * An age identity from an OpenSSH private key without passphrase, ed25519 or RSA. Flux takes no SSH
 * key at all; one with a passphrase is refused here as well, since there is nobody to ask for it.
 * @throws Fault KEY_FORMAT
 * @see https://github.com/C2SP/C2SP age.md, the SSH recipient types
 */
export function sshIdentity(pem: string): Identity {
  const key = readOpenSsh(pem)
  const tag = createHash('sha256').update(key.wire).digest().subarray(0, 4)
  const type = key.kind === 'rsa' ? 'ssh-rsa' : 'ssh-ed25519'
  return {
    unwrapFileKey: (stanzas) => {
      for (const { args, body } of stanzas) {
        if (args[0] !== type || !Buffer.from(args[1] ?? '', 'base64').equals(tag)) continue
        const fileKey =
          key.kind === 'rsa'
            ? openRsa(key.secret, body)
            : openEd25519(key, Buffer.from(args[2] ?? '', 'base64'), body)
        if (fileKey !== undefined) return fileKey
      }
      return null
    },
  }
}

type SshKey =
  | { readonly kind: 'rsa'; readonly wire: Buffer; readonly secret: KeyObject }
  | { readonly kind: 'ed25519'; readonly wire: Buffer; readonly seed: Buffer }

function openRsa(secret: KeyObject, body: Uint8Array): Uint8Array | undefined {
  try {
    const opened = privateDecrypt(
      {
        key: secret,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha256',
        oaepLabel: Buffer.from(RSA),
      },
      body,
    )
    return new Uint8Array(opened)
  } catch {
    return undefined
  }
}

function openEd25519(
  key: SshKey & { kind: 'ed25519' },
  share: Buffer,
  body: Uint8Array,
): Uint8Array | undefined {
  const scalar = createHash('sha512').update(key.seed).digest().subarray(0, 32)
  const secret = privateX25519(scalar)
  const once = diffieHellman({ privateKey: secret, publicKey: publicX25519(share) })
  const tweak = Buffer.from(hkdfSync('sha256', Buffer.alloc(0), key.wire, ED25519, 32))
  const shared = diffieHellman({
    privateKey: privateX25519(tweak),
    publicKey: publicX25519(once),
  })
  return unwrap(body, { shared, salt: Buffer.concat([share, rawPublic(secret)]), info: ED25519 })
}

/** Reads the parts of an OpenSSH key file: each has its length in front. */
class Parts {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(): number {
    if (this.#at + 4 > this.#bytes.length) throw malformed()
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  part(): Buffer {
    const length = this.number()
    if (this.#at + length > this.#bytes.length) throw malformed()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

const MAGIC = 'openssh-key-v1\0'

function readOpenSsh(pem: string): SshKey {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(pem)?.[1] ?? ''
  const bytes = Buffer.from(body, 'base64')
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) throw malformed()
  const file = new Parts(bytes.subarray(MAGIC.length))
  if (file.part().toString() !== 'none')
    throw refused('the SSH key has a passphrase; `ssh-keygen -p -N ""` writes one without')
  file.part()
  file.part()
  if (file.number() !== 1) throw malformed()
  const wire = file.part()
  const secret = new Parts(file.part())
  if (secret.number() !== secret.number()) throw malformed()
  const type = secret.part().toString()
  if (type === 'ssh-ed25519') {
    secret.part()
    return { kind: 'ed25519', wire, seed: secret.part().subarray(0, 32) }
  }
  if (type === 'ssh-rsa') return { kind: 'rsa', wire, secret: rsaKey(secret) }
  throw refused(`unsupported SSH identity type: ${JSON.stringify(type)}`)
}

function rsaKey(parts: Parts): KeyObject {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => parts.part())
  if (!n || !e || !d || !qi || !p || !q) throw malformed()
  const exponent = (prime: Buffer): string => {
    const order = bigOf(prime) - 1n
    if (order <= 0n) throw malformed()
    return url64(bufferOf(bigOf(d) % order))
  }
  const [first, second] = [p, q]
  const jwk = {
    kty: 'RSA',
    n: url64(n),
    e: url64(e),
    d: url64(d),
    p: url64(first),
    q: url64(second),
    dp: exponent(first),
    dq: exponent(second),
    qi: url64(qi),
  }
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    throw malformed()
  }
}

function bigOf(bytes: Buffer): bigint {
  if (bytes.length === 0) throw malformed()
  return BigInt(`0x${bytes.toString('hex')}`)
}

function bufferOf(value: bigint): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

function url64(bytes: Buffer): string {
  return (bytes[0] === 0 ? bytes.subarray(1) : bytes).toString('base64url')
}

function malformed(): ReturnType<typeof decryptFault> {
  return refused('malformed SSH identity')
}

function refused(why: string): ReturnType<typeof decryptFault> {
  return decryptFault('KEY_FORMAT', `failed to parse and add to age identities: ${why}`)
}
