import { Buffer } from 'node:buffer'
import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** What somebody asks to have signed. */
export interface CertificateRequest {
  /** As it stands in the request. */
  readonly subject: Buffer
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly key: KeyObject
  /** The names and addresses asked for, as the extension holds them. */
  readonly hosts: Buffer | undefined
}

interface Item {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Buffer
  readonly content: Buffer
}

const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'
const EXTENSIONS = '2a864886f70d01090e'
const HOSTS = '551d11'
/** What a request may be signed with, and the digest of it. */
const DIGESTS: Readonly<Record<string, string | undefined>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
}
const ED25519 = '2b6570'

/**
 * Reads a request for a certificate (PKCS #10, as PEM).
 * @returns undefined for what is none, or is not signed with its own key
 */
export function readRequest(pem: string): CertificateRequest | undefined {
  const [, text] = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/.exec(pem) ?? []
  if (text === undefined) return undefined
  try {
    return read(Buffer.from(text, 'base64'))
  } catch {
    // Cut short, or with a key that nobody knows.
    return undefined
  }
}

function read(bytes: Buffer): CertificateRequest | undefined {
  const [info, algorithm, signature] = itemsIn(itemsIn(bytes)[0]?.content)
  const [, subject, key, attributes] = itemsIn(info?.content)
  if (info === undefined || subject === undefined || key === undefined) return undefined
  const publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  const oid = itemsIn(algorithm?.content)[0]?.content.toString('hex') ?? ''
  const digest = oid === ED25519 ? null : DIGESTS[oid]
  // The first byte of a string of bits counts those that are not used.
  const signed = signature?.content.subarray(1) ?? Buffer.alloc(0)
  if (digest === undefined || !verify(digest, info.whole, publicKey, signed)) return undefined
  const names = itemsIn(subject.content).flatMap((set) => itemsIn(set.content))
  const texts = (type: string): string[] =>
    names
      .map((each) => itemsIn(each.content))
      .filter(([of]) => of?.content.toString('hex') === type)
      .map(([, value]) => value?.content.toString() ?? '')
  return {
    subject: subject.whole,
    commonName: texts(COMMON_NAME)[0] ?? '',
    organizations: texts(ORGANIZATION),
    key: publicKey,
    hosts: hostsIn(attributes),
  }
}

function hostsIn(attributes: Item | undefined): Buffer | undefined {
  for (const attribute of itemsIn(attributes?.content)) {
    const [type, values] = itemsIn(attribute.content)
    if (type?.content.toString('hex') !== EXTENSIONS) continue
    for (const extension of itemsIn(itemsIn(values?.content)[0]?.content)) {
      const parts = itemsIn(extension.content)
      if (parts[0]?.content.toString('hex') === HOSTS) return parts.at(-1)?.content
    }
  }
  return undefined
}

/** The values that follow each other in DER. */
function itemsIn(bytes: Buffer | undefined): Item[] {
  const items: Item[] = []
  for (let at = 0; bytes !== undefined && at < bytes.length; ) {
    const tag = bytes.readUInt8(at)
    const first = bytes.readUInt8(at + 1)
    const digits = first < 0x80 ? 0 : first & 0x7f
    const length = digits === 0 ? first : bytes.readUIntBE(at + 2, digits)
    const start = at + 2 + digits
    if (start + length > bytes.length) throw new RangeError('cut short')
    const content = bytes.subarray(start, start + length)
    items.push({ tag, whole: bytes.subarray(at, start + length), content })
    at = start + length
  }
  return items
}
