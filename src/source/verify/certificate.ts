import { type KeyObject, X509Certificate } from 'node:crypto'
import { BadDer, type DerElement, derElement, derElements, derOid } from './der.ts'

/** What a certificate says, read of its bytes. */
export interface Certificate {
  readonly x509: X509Certificate
  readonly key: KeyObject
  readonly raw: Buffer
  /** The part that is signed. */
  readonly tbs: Buffer
  /** In DER. */
  readonly issuer: Buffer
  readonly subject: Buffer
  readonly serial: Buffer
  /** The key with its algorithm, in DER. */
  readonly spki: Buffer
  readonly signatureOid: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly extensions: ReadonlyMap<string, Extension>
  readonly isAuthority: boolean
  readonly hasConstraints: boolean
  /** How many authorities may stand below; undefined for any number. */
  readonly pathMax: number | undefined
  /** Bits by their number; undefined where nothing is said. */
  readonly keyUsage: ((bit: number) => boolean) | undefined
  readonly extendedUsages: readonly string[]
  readonly names: AlternativeNames
}

export interface Extension {
  readonly isCritical: boolean
  readonly value: Buffer
}

/** The names beside the subject, by their kind. */
export interface AlternativeNames {
  readonly emails: readonly string[]
  readonly hosts: readonly string[]
  readonly uris: readonly string[]
  readonly addresses: readonly Buffer[]
  /** Names of another kind: the identifier of the kind and the text. */
  readonly others: readonly { readonly oid: string; readonly text: string }[]
}

export const KEY_USAGE = { digitalSignature: 0, certSign: 5 } as const
const EXTENSIONS = {
  keyUsage: '2.5.29.15',
  names: '2.5.29.17',
  basic: '2.5.29.19',
  uses: '2.5.29.37',
}

/**
 * Reads a certificate in DER.
 * @throws BadDer
 */
export function readCertificate(raw: Buffer): Certificate {
  const whole = derElement(raw)
  if (whole.tag !== 0x30 || whole.whole.length !== raw.length) throw new BadDer('no certificate')
  let x509: X509Certificate
  try {
    x509 = new X509Certificate(raw)
  } catch (error) {
    throw new BadDer('no certificate', { cause: error })
  }
  const [tbs, algorithm] = derElements(whole.content)
  if (tbs === undefined || algorithm === undefined) throw new BadDer('no certificate')
  const parts = derElements(tbs.content)
  const at = parts[0]?.tag === 0xa0 ? 1 : 0
  const [serial, , issuer, , subject, spki] = parts.slice(at)
  const extensions = extensionsIn(parts)
  return {
    x509,
    key: keyOf(x509),
    raw,
    tbs: tbs.whole,
    issuer: issuer?.whole ?? Buffer.alloc(0),
    subject: subject?.whole ?? Buffer.alloc(0),
    serial: serial?.content ?? Buffer.alloc(0),
    spki: spki?.whole ?? Buffer.alloc(0),
    signatureOid: derOid(derElement(algorithm.content).content),
    notBeforeMs: Date.parse(x509.validFrom),
    notAfterMs: Date.parse(x509.validTo),
    extensions,
    ...basicOf(extensions.get(EXTENSIONS.basic)),
    keyUsage: keyUsageOf(extensions.get(EXTENSIONS.keyUsage)),
    extendedUsages: usesOf(extensions.get(EXTENSIONS.uses)),
    names: namesOf(extensions.get(EXTENSIONS.names)),
  }
}

function keyOf(x509: X509Certificate): KeyObject {
  try {
    return x509.publicKey
  } catch (error) {
    throw new BadDer('a key that cannot be read', { cause: error })
  }
}

function extensionsIn(parts: readonly DerElement[]): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>()
  const holder = parts.find(({ tag }) => tag === 0xa3)
  if (holder === undefined) return found
  for (const each of derElements(derElement(holder.content).content)) {
    const inner = derElements(each.content)
    const oid = derOid(inner[0]?.content ?? Buffer.alloc(0))
    if (found.has(oid)) throw new BadDer('an extension that is there twice')
    const isCritical = inner[1]?.tag === 0x01 && inner[1].content[0] !== 0
    found.set(oid, { isCritical, value: inner.at(-1)?.content ?? Buffer.alloc(0) })
  }
  return found
}

function basicOf(
  extension: Extension | undefined,
): Pick<Certificate, 'isAuthority' | 'hasConstraints' | 'pathMax'> {
  if (extension === undefined)
    return { isAuthority: false, hasConstraints: false, pathMax: undefined }
  const parts = derElements(derElement(extension.value).content)
  const isAuthority = parts[0]?.tag === 0x01 && parts[0].content[0] !== 0
  const length = parts.find(({ tag }) => tag === 0x02)
  const pathMax =
    length === undefined
      ? undefined
      : length.content.readIntBE(0, Math.min(6, length.content.length))
  return { isAuthority, hasConstraints: true, pathMax }
}

function keyUsageOf(extension: Extension | undefined): Certificate['keyUsage'] {
  if (extension === undefined) return undefined
  const bits = derElement(extension.value).content.subarray(1)
  return (bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0
}

function usesOf(extension: Extension | undefined): readonly string[] {
  if (extension === undefined) return []
  return derElements(derElement(extension.value).content).map(({ content }) => derOid(content))
}

function namesOf(extension: Extension | undefined): AlternativeNames {
  const parts = extension === undefined ? [] : derElements(derElement(extension.value).content)
  const texts = (tag: number): readonly string[] =>
    parts.filter((each) => each.tag === tag).map(({ content }) => content.toString('latin1'))
  return {
    emails: texts(0x81),
    hosts: texts(0x82),
    uris: texts(0x86),
    addresses: parts.filter(({ tag }) => tag === 0x87).map(({ content }) => content),
    others: parts.filter(({ tag }) => tag === 0xa0).map(otherName),
  }
}

function otherName({ content }: DerElement): { readonly oid: string; readonly text: string } {
  const [oid, value] = derElements(content)
  const inner = value === undefined ? undefined : derElement(value.content)
  const isText = inner?.tag === 0x0c
  return {
    oid: derOid(oid?.content ?? Buffer.alloc(0)),
    text: isText ? inner.content.toString() : '',
  }
}

/** Reads the certificates of a text in PEM; blocks of other kinds are an error. @throws BadDer */
export function readPemCertificates(pem: string): readonly Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\s([^-]*)-----END \1-----/g)]
  if (blocks.length === 0) throw new BadDer('error during PEM decoding')
  return blocks.map(([, kind, body = '']) => {
    if (kind !== 'CERTIFICATE') throw new BadDer('error during PEM decoding')
    return readCertificate(Buffer.from(body, 'base64'))
  })
}
