import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import type { Identity } from 'age-encryption'
import { decryptFault } from './faults.ts'

const INFO = 'age-encryption.org/v1/X25519'
/** DER in front of the 32 bytes of a private and of a public X25519 key. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

/**
 * An X25519 identity on the engine's own curve, which is far faster than one in JavaScript.
 * @throws Fault KEY_FORMAT
 * @see https://age-encryption.org/v1, the X25519 recipient type
 */
export function x25519Identity(text: string): Identity {
  const secret = privateX25519(bech32(text))
  const ours = rawPublic(secret)
  return {
    unwrapFileKey: (stanzas) => {
      for (const { args, body } of stanzas) {
        if (args[0] !== 'X25519') continue
        const share = Buffer.from(args[1] ?? '', 'base64')
        const shared = diffieHellman({ privateKey: secret, publicKey: publicX25519(share) })
        const fileKey = unwrap(body, { shared, salt: Buffer.concat([share, ours]), info: INFO })
        if (fileKey !== undefined) return fileKey
      }
      return null
    },
  }
}

/** Opens a wrapped file key; undefined when it is for somebody else. */
export function unwrap(
  body: Uint8Array,
  from: { readonly shared: Uint8Array; readonly salt: Uint8Array; readonly info: string },
): Uint8Array | undefined {
  if (body.length !== 32) return undefined
  const key = Buffer.from(hkdfSync('sha256', from.shared, from.salt, from.info, 32))
  const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), {
    authTagLength: 16,
  })
  decipher.setAuthTag(body.subarray(16))
  try {
    return new Uint8Array(Buffer.concat([decipher.update(body.subarray(0, 16)), decipher.final()]))
  } catch {
    return undefined
  }
}

/** A private key from its 32 bytes. */
export function privateX25519(raw: Uint8Array): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PRIVATE_PREFIX, raw]),
    format: 'der',
    type: 'pkcs8',
  })
}

/** A public key from its 32 bytes. */
export function publicX25519(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' })
}

/** The 32 bytes of the public key that belongs to a private one. */
export function rawPublic(secret: KeyObject): Buffer {
  return createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32)
}

const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** The 32 bytes in `AGE-SECRET-KEY-1…`. @throws Fault KEY_FORMAT, which does not quote it */
function bech32(text: string): Uint8Array {
  const lower = text.toLowerCase()
  const split = lower.lastIndexOf('1')
  const prefix = lower.slice(0, split)
  const values = Array.from(lower.slice(split + 1), (letter) => LETTERS.indexOf(letter))
  const expanded = [
    ...Array.from(prefix, (c) => c.charCodeAt(0) >> 5),
    0,
    ...Array.from(prefix, (c) => c.charCodeAt(0) & 31),
  ]
  if (values.includes(-1) || checksum([...expanded, ...values]) !== 1) throw malformed()
  const bits = values.slice(0, -6)
  const bytes: number[] = []
  let held = 0
  let width = 0
  for (const value of bits) {
    held = ((held << 5) | value) & 0xfff
    width += 5
    if (width < 8) continue
    width -= 8
    bytes.push((held >> width) & 0xff)
  }
  if (bytes.length !== 32) throw malformed()
  return Uint8Array.from(bytes)
}

function checksum(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [i, generator] of GENERATORS.entries()) if ((top >> i) & 1) sum ^= generator
  }
  return sum
}

function malformed(): ReturnType<typeof decryptFault> {
  return decryptFault(
    'KEY_FORMAT',
    'failed to parse and add to age identities: malformed secret key: invalid checksum',
  )
}
