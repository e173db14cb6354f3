import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Signed } from '../../api/index.ts'
import { Fault } from '../../base/index.ts'

const MAGIC = 'SSHSIG'
/** Git signs under this name, so that a signature made for something else is worth nothing here. */
const NAMESPACE = 'git'
const HASHES: ReadonlySet<string> = new Set(['sha256', 'sha512'])
const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  nistp256: { name: 'P-256', hash: 'sha256' },
  nistp384: { name: 'P-384', hash: 'sha384' },
  nistp521: { name: 'P-521', hash: 'sha512' },
}
const RSA_BITS_MIN = 2048

/**
 * Checks an SSH signature; answers the fingerprint of the key that made it.
 * @throws Fault SIGNATURE
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
export function verifySshSignature(signed: Signed, authorizedKeys: readonly string[]): string {
  const keys = authorizedKeys.flatMap(parseAuthorizedKeys)
  const signature = parseSignature(signed.signature)
  const trusted = keys.find((key) => key.equals(signature.publicKey))
  const prefix = 'unable to verify payload with any of the given authorized keys'
  if (trusted === undefined) throw refuse(`${prefix}: no matching key found`)
  if (signature.namespace !== NAMESPACE)
    throw refuse(`${prefix}: no matching key found: namespace ${signature.namespace}`)
  const digest = createHash(signature.hash).update(signed.payload).digest()
  const message = Buffer.concat([
    Buffer.from(MAGIC),
    ...[NAMESPACE, '', signature.hash].map((part) => field(Buffer.from(part))),
    field(digest),
  ])
  if (!isSignedBy(trusted, message, signature.signature))
    throw refuse(`${prefix}: no matching key found: invalid signature`)
  const print = createHash('sha256').update(trusted).digest('base64').replace(/=+$/, '')
  return `SHA256:${print}`
}

/** The keys in the text of an authorized_keys file, in wire form. */
function parseAuthorizedKeys(text: string): Buffer[] {
  const keys: Buffer[] = []
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const match = /(?:^|\s)((?:ssh|ecdsa|sk)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/=]+)/.exec(trimmed)
    const key = Buffer.from(match?.[2] ?? '', 'base64')
    if (match === null || !key.includes(match[1] ?? ''))
      throw refuse(
        'unable to parse authorized keys: unable to parse authorized key: ssh: no key found',
      )
    keys.push(key)
  }
  return keys
}

interface SshSignature {
  readonly publicKey: Buffer
  readonly namespace: string
  readonly hash: string
  readonly signature: Buffer
}

function parseSignature(armored: string): SshSignature {
  const body = /-----BEGIN SSH SIGNATURE-----\s+([\s\S]*?)\s*-----END SSH SIGNATURE-----/.exec(
    armored,
  )
  const wire = new Wire(Buffer.from(body?.[1] ?? '', 'base64'))
  if (wire.bytes(MAGIC.length).toString('latin1') !== MAGIC || wire.number() !== 1)
    throw refuse('unable to parse SSH signature')
  const publicKey = wire.field()
  const namespace = wire.field().toString()
  wire.field()
  const hash = wire.field().toString()
  if (!HASHES.has(hash)) throw refuse(`unsupported hash algorithm ${hash}`)
  return { publicKey, namespace, hash, signature: wire.field() }
}

function isSignedBy(publicKey: Buffer, message: Buffer, signature: Buffer): boolean {
  const key = new Wire(publicKey)
  const type = key.field().toString()
  const wire = new Wire(signature)
  const algorithm = wire.field().toString()
  const value = wire.field()
  if (type === 'ssh-ed25519' && algorithm === type)
    return verify(null, message, ed25519(key.field()), value)
  if (type === 'ssh-rsa') return isRsaSigned({ key, algorithm, message, value })
  if (type.startsWith('ecdsa-sha2-') && algorithm === type)
    return isEcdsaSigned({ key, curve: type.slice(11), message, value })
  if (type === 'sk-ssh-ed25519@openssh.com' && algorithm === type) {
    const point = key.field()
    const application = createHash('sha256').update(key.field()).digest()
    const tail = wire.bytes(5)
    const hashed = createHash('sha256').update(message).digest()
    const presence = (tail[0] ?? 0) & 1
    const signed = Buffer.concat([application, tail, hashed])
    return presence === 1 && verify(null, signed, ed25519(point), value)
  }
  throw refuse(`unsupported key type ${type}`)
}

function ed25519(point: Buffer): KeyObject {
  const x = point.toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

function isRsaSigned(parts: {
  readonly key: Wire
  readonly algorithm: string
  readonly message: Buffer
  readonly value: Buffer
}): boolean {
  const e = parts.key.field()
  const n = withoutSign(parts.key.field())
  const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[parts.algorithm]
  if (hash === undefined || n.length * 8 < RSA_BITS_MIN)
    throw refuse(`unsupported signature algorithm ${parts.algorithm}`)
  const jwk = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }
  return verify(hash, parts.message, createPublicKey({ key: jwk, format: 'jwk' }), parts.value)
}

function isEcdsaSigned(parts: {
  readonly key: Wire
  readonly curve: string
  readonly message: Buffer
  readonly value: Buffer
}): boolean {
  const curve = CURVES[parts.curve]
  const named = parts.key.field().toString()
  const point = parts.key.field()
  if (curve === undefined || named !== parts.curve || point[0] !== 4)
    throw refuse(`unsupported curve ${parts.curve}`)
  const size = (point.length - 1) / 2
  const jwk = {
    kty: 'EC',
    crv: curve.name,
    x: point.subarray(1, 1 + size).toString('base64url'),
    y: point.subarray(1 + size).toString('base64url'),
  }
  const numbers = new Wire(parts.value)
  const joined = Buffer.concat([padded(numbers.field(), size), padded(numbers.field(), size)])
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return verify(curve.hash, parts.message, { key, dsaEncoding: 'ieee-p1363' }, joined)
}

function withoutSign(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number
}

function padded(number: Buffer, size: number): Buffer {
  const plain = withoutSign(number)
  return Buffer.concat([Buffer.alloc(Math.max(0, size - plain.length)), plain])
}

/** SSH's wire format: numbers of 32 bits, fields that begin with their length. */
class Wire {
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  bytes(length: number): Buffer {
    if (this.#at + length > this.#data.length) throw refuse('unable to parse SSH signature')
    this.#at += length
    return this.#data.subarray(this.#at - length, this.#at)
  }

  number(): number {
    return this.bytes(4).readUInt32BE()
  }

  field(): Buffer {
    return this.bytes(this.number())
  }
}

function field(data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}

function refuse(message: string): Fault {
  return new Fault({ code: 'SIGNATURE', message })
}
