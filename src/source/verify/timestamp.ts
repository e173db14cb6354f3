import { constants, createHash, verify } from 'node:crypto'
import { type Certificate, readCertificate } from './certificate.ts'
import { findChain, isWithin, TIME_STAMPING } from './chain.ts'
import { BadDer, type DerElement, derElement, derElements, derEncode, derOid } from './der.ts'

/** That a timestamp does not hold. Callers make a fault of it. */
export class BadTimestamp extends Error {}

/** Whose timestamps are believed. */
export interface TimestampTrust {
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  /** The one that must have signed, where it is known. */
  readonly signer?: Certificate
}

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TIMESTAMP_INFO = '1.2.840.113549.1.9.16.1.4'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const EXTENDED_USE = '2.5.29.37'
const ANY_USAGE = '2.5.29.37.0'
const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const RSA_PSS = '1.2.840.113549.1.1.10'
const CERTIFICATES_MAX = 16

/** A signed message of CMS, read. */
export interface SignedData {
  readonly content: Buffer
  readonly contentType: string
  readonly certificates: readonly Certificate[]
  readonly signer: SignerInfo
}

interface SignerInfo {
  /** Issuer and serial number, or the identifier of the key. */
  readonly issuer: Buffer | undefined
  readonly serial: Buffer
  readonly hash: string
  readonly signatureOid: string
  readonly attributes: ReadonlyMap<string, readonly DerElement[]>
  readonly signed: Buffer | undefined
  readonly signature: Buffer
}

/** What a timestamp says. */
export interface Timestamp {
  readonly atMs: number
  /** How far it may be off. */
  readonly accuracyMs: number
  readonly signer: Certificate
  readonly chain: readonly Certificate[]
}

/**
 * Checks a response of a timestamp authority about some bytes; answers its time.
 * @throws BadTimestamp
 * @see RFC 3161; sigstore/timestamp-authority pkg/verification (v2.1)
 */
export function checkTimestampResponse(
  response: Buffer,
  message: Uint8Array,
  trust: TimestampTrust,
): Timestamp {
  return guarded(() => {
    const parts = derElements(derElement(response).content)
    const status = derElement(parts[0]?.content ?? Buffer.alloc(0))
    if (status.content.some((byte) => byte !== 0)) throw new BadTimestamp('it was not granted')
    if (parts[1] === undefined) throw new BadTimestamp('no pkcs7 data in Time-Stamp response')
    return checkTimestampToken(parts[1].whole, message, trust)
  })
}

/**
 * Checks a token of a timestamp authority about some bytes.
 * @throws BadTimestamp
 */
export function checkTimestampToken(
  token: Buffer,
  message: Uint8Array,
  trust: TimestampTrust,
): Timestamp {
  return guarded(() => {
    const data = readSignedData(token)
    if (data.contentType !== TIMESTAMP_INFO) throw new BadTimestamp('it is no timestamp')
    const signer = signerOf(data, trust.signer)
    checkSignature(data, signer)
    const info = readInfo(data.content)
    if (trust.signer !== undefined && !trust.signer.raw.equals(signer.raw))
      throw new BadTimestamp('TSR cert does not match the provided TSA cert')
    const chain = findChain(signer, {
      roots: trust.roots,
      intermediates: [...trust.intermediates, ...data.certificates],
      atMs: info.atMs,
      usage: TIME_STAMPING,
    })
    if (chain === undefined)
      throw new BadTimestamp('error while verifying signer certificate chain')
    checkUses(chain)
    const found = createHash(info.hash).update(message).digest()
    if (!found.equals(info.imprint)) throw new BadTimestamp("hashed messages don't match")
    return { atMs: info.atMs, accuracyMs: info.accuracyMs, signer, chain }
  })
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof BadDer || error instanceof RangeError)
      throw new BadTimestamp('it cannot be read', { cause: error })
    throw error
  }
}

/** Reads a message of CMS that one has signed. @throws BadDer, BadTimestamp */
export function readSignedData(bytes: Buffer): SignedData {
  const [type, holder] = derElements(derElement(bytes).content)
  if (type === undefined || holder === undefined || derOid(type.content) !== SIGNED_DATA)
    throw new BadTimestamp('it is no signed data')
  const parts = derElements(derElement(holder.content).content)
  const [contentType, contentHolder] = derElements(parts[2]?.content ?? Buffer.alloc(0))
  const content = contentHolder === undefined ? undefined : derElement(contentHolder.content)
  const certificates = parts.find(({ tag }) => tag === 0xa0)
  const infos = parts.at(-1)
  const signers = infos?.tag === 0x31 ? derElements(infos.content) : []
  const [signer] = signers
  if (
    contentType === undefined ||
    content === undefined ||
    signer === undefined ||
    signers.length !== 1
  )
    throw new BadTimestamp('it has not one signer')
  const found = certificates === undefined ? [] : derElements(certificates.content)
  if (found.length > CERTIFICATES_MAX) throw new BadTimestamp('it has too many certificates')
  return {
    content: octetsOf(content),
    contentType: derOid(contentType.content),
    certificates: found
      .filter(({ tag }) => tag === 0x30)
      .map(({ whole }) => readCertificate(whole)),
    signer: readSigner(signer),
  }
}

/** Octets may come in pieces. */
function octetsOf({ tag, content }: DerElement): Buffer {
  if (tag !== 0x24) return content
  return Buffer.concat(derElements(content).map((piece) => piece.content))
}

function readSigner({ content }: DerElement): SignerInfo {
  const parts = derElements(content)
  const [, who, digest] = parts
  const attributes = parts.find(({ tag }) => tag === 0xa0 && who?.tag !== 0xa0)
  const rest = parts.slice(attributes === undefined ? 3 : 4)
  const [algorithm, signature] = rest
  const hash = HASHES[derOid(derElement(digest?.content ?? Buffer.alloc(0)).content)]
  if (hash === undefined) throw new BadTimestamp('unsupported hash algorithm')
  const [issuer, serial] = who?.tag === 0x30 ? derElements(who.content) : []
  return {
    issuer: issuer?.whole,
    serial: serial?.content ?? Buffer.alloc(0),
    hash,
    signatureOid: derOid(derElement(algorithm?.content ?? Buffer.alloc(0)).content),
    attributes: new Map(
      (attributes === undefined ? [] : derElements(attributes.content)).map((each) => {
        const [type, values] = derElements(each.content)
        return [
          derOid(type?.content ?? Buffer.alloc(0)),
          values === undefined ? [] : derElements(values.content),
        ]
      }),
    ),
    // What is signed is written as a set, though it stands there under a tag of its own.
    signed: attributes === undefined ? undefined : derEncode(0x31, attributes.content),
    signature: signature?.content ?? Buffer.alloc(0),
  }
}

function signerOf(
  { certificates, signer }: SignedData,
  known: Certificate | undefined,
): Certificate {
  const all = certificates.length === 0 && known !== undefined ? [known] : certificates
  const found = all.find(
    ({ issuer, serial }) => signer.issuer?.equals(issuer) === true && signer.serial.equals(serial),
  )
  if (found !== undefined) return found
  throw new BadTimestamp('leaf certificate must be present in the TSR or as a verify option')
}

function checkSignature({ content, contentType, signer }: SignedData, by: Certificate): void {
  const { attributes, hash, signed, signatureOid, signature } = signer
  if (signed !== undefined) {
    const digest = attributes.get(MESSAGE_DIGEST)?.[0]?.content
    const type = attributes.get(CONTENT_TYPE)?.[0]?.content
    if (digest?.equals(createHash(hash).update(content).digest()) !== true)
      throw new BadTimestamp('Message digest mismatch')
    if (type !== undefined && derOid(type) !== contentType)
      throw new BadTimestamp('it says to be of another type')
    const time = attributes.get(SIGNING_TIME)?.[0]
    if (time !== undefined && !isWithin(by, timeOf(time)))
      throw new BadTimestamp('signing time is outside of certificate validity')
  } else if (contentType === TIMESTAMP_INFO) throw new BadTimestamp('it has no signed attributes')
  const padding =
    signatureOid === RSA_PSS
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}
  const isEd = by.key.asymmetricKeyType === 'ed25519'
  let isGood: boolean
  try {
    isGood = verify(isEd ? null : hash, signed ?? content, { key: by.key, ...padding }, signature)
  } catch {
    isGood = false
  }
  if (!isGood) throw new BadTimestamp('error while verifying signature')
}

interface TimestampInfo {
  readonly atMs: number
  readonly accuracyMs: number
  readonly hash: string
  readonly imprint: Buffer
}

function readInfo(content: Buffer): TimestampInfo {
  const parts = derElements(derElement(content).content)
  const [algorithm, imprint] = derElements(parts[2]?.content ?? Buffer.alloc(0))
  const hash = HASHES[derOid(derElement(algorithm?.content ?? Buffer.alloc(0)).content)]
  const time = parts[4]
  if (hash === undefined) throw new BadTimestamp('unsupported hash algorithm')
  if (imprint === undefined || time === undefined) throw new BadTimestamp('it says nothing')
  const accuracy = parts[5]?.tag === 0x30 ? derElements(parts[5].content) : []
  const of = (tag: number): number =>
    accuracy.find((each) => each.tag === tag)?.content.reduce((sum, byte) => sum * 256 + byte, 0) ??
    0
  return {
    atMs: timeOf(time),
    accuracyMs: of(0x02) * 1000 + of(0x80) + of(0x81) / 1000,
    hash,
    imprint: imprint.content,
  }
}

/** A time as DER has it, in either form. @throws BadTimestamp */
export function timeOf({ tag, content }: DerElement): number {
  const text = content.toString('latin1')
  const short = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  const long = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text)
  const [, year = '', ...rest] = (tag === 0x17 ? short : long) ?? []
  const [month = '', day = '', hour = '', minute = '', second = '', part = ''] = rest
  const full = tag === 0x17 ? `${Number(year) < 50 ? 20 : 19}${year}` : year
  const ms = Date.parse(`${full}-${month}-${day}T${hour}:${minute}:${second}${part.slice(0, 4)}Z`)
  if (Number.isNaN(ms)) throw new BadTimestamp('a time that is none')
  return ms
}

/** The signer is for timestamps and nothing else; what stands between allows them. */
function checkUses(chain: readonly Certificate[]): void {
  const [leaf, ...above] = chain
  if (leaf?.extensions.get(EXTENDED_USE)?.isCritical !== true)
    throw new BadTimestamp('certificate must set EKU to critical')
  const { extendedUsages } = leaf
  if (extendedUsages.length !== 1 || extendedUsages[0] !== TIME_STAMPING)
    throw new BadTimestamp('leaf certificate EKU is not set to TimeStamping as required')
  for (const { extendedUsages: uses } of above.slice(0, -1))
    if (uses.length > 0 && !uses.includes(TIME_STAMPING) && !uses.includes(ANY_USAGE))
      throw new BadTimestamp('intermediate certificate does not allow Timestamping usage')
}
