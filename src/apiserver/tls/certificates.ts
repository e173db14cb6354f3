import { Buffer } from 'node:buffer'
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import { rfc3339 } from '../../base/index.ts'
import * as der from './der.ts'
import type { CertificateRequest } from './requests.ts'

/** A certificate with its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** Whom a certificate names, and for what it is good. */
export type Holder =
  | { readonly use: 'server'; readonly name: string; readonly hosts: readonly string[] }
  | { readonly use: 'client'; readonly name: string; readonly groups: readonly string[] }

const DAY_MS = 24 * 3600 * 1000
const AUTHORITY_DAYS = 3650
const HOLDER_DAYS = 365
/** Clocks of clients may go behind. */
const BEFORE_MS = 3600 * 1000
const SERIAL_BYTES = 16

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  hosts: '2.5.29.17',
  basic: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** Makes a certificate authority: what signs certificates of a server and its clients. */
export function createAuthority(name: string, nowMs: number): KeyPair {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return made({
    subject: subjectOf(name, []),
    key: own,
    issuer: subjectOf(name, []),
    signer: own,
    nowMs,
    days: AUTHORITY_DAYS,
    extensions: [
      extension(OID.basic, der.sequence(der.yes()), true),
      // Digital signature, encipherment of keys, signing of certificates.
      extension(OID.keyUsage, der.bits(Buffer.from([0b1010_0100]), 2), true),
    ],
  })
}

/** Makes a certificate and its key, signed by an authority. */
export function issue(authority: KeyPair, holder: Holder, nowMs: number): KeyPair {
  const isServer = holder.use === 'server'
  const privateKey = createPrivateKey(authority.key)
  return made({
    subject: subjectOf(holder.name, isServer ? [] : holder.groups),
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    issuer: subjectOf(nameIn(authority.certificate), []),
    signer: { privateKey, publicKey: createPublicKey(privateKey) },
    nowMs,
    days: HOLDER_DAYS,
    extensions: [
      // Digital signature, encipherment of keys.
      extension(OID.keyUsage, der.bits(Buffer.from([0b1010_0000]), 5), true),
      extension(
        OID.extendedUsage,
        der.sequence(der.oid(isServer ? OID.serverAuth : OID.clientAuth)),
      ),
      extension(OID.basic, der.sequence(), true),
      ...(isServer ? [extension(OID.hosts, der.sequence(...holder.hosts.map(hostName)))] : []),
    ],
  })
}

/** What a certificate is to be good for, in the words of Kubernetes: those of the key itself. */
const KEY_USES: readonly (readonly string[])[] = [
  ['signing', 'digital signature'],
  ['content commitment'],
  ['key encipherment'],
  ['data encipherment'],
  ['key agreement'],
  ['cert sign'],
  ['crl sign'],
]
const EXTENDED_USES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': OID.serverAuth,
  'client auth': OID.clientAuth,
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
}
const REQUEST_BEFORE_MS = 5 * 60 * 1000

/** Signs what somebody asked for; the certificate as PEM. */
export function signRequest(
  authority: KeyPair,
  request: CertificateRequest,
  of: { readonly usages: readonly string[]; readonly nowMs: number; readonly lifeMs: number },
): string {
  const privateKey = createPrivateKey(authority.key)
  const uses = KEY_USES.map((names) => names.some((name) => of.usages.includes(name)))
  const used = uses.lastIndexOf(true) + 1
  const bits = uses.reduce((sum, is, i) => (is ? sum | (0x80 >> i) : sum), 0)
  const extended = of.usages.flatMap((each) => EXTENDED_USES[each] ?? [])
  return signed({
    subject: request.subject,
    key: request.key,
    issuer: subjectOf(nameIn(authority.certificate), []),
    signer: { privateKey, publicKey: createPublicKey(privateKey) },
    from: of.nowMs - REQUEST_BEFORE_MS,
    to: of.nowMs + of.lifeMs - REQUEST_BEFORE_MS,
    extensions: [
      ...(used === 0
        ? []
        : [extension(OID.keyUsage, der.bits(Buffer.from([bits]), 8 - used), true)]),
      ...(extended.length === 0
        ? []
        : [extension(OID.extendedUsage, der.sequence(...extended.map(der.oid)))]),
      extension(OID.basic, der.sequence(), true),
      ...(request.hosts === undefined ? [] : [extension(OID.hosts, request.hosts)]),
    ],
  })
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function made(order: {
  readonly subject: Buffer
  readonly key: Keys
  readonly issuer: Buffer
  readonly signer: Keys
  readonly nowMs: number
  readonly days: number
  readonly extensions: readonly Buffer[]
}): KeyPair {
  const { nowMs, key } = order
  const certificate = signed({
    ...order,
    key: key.publicKey,
    from: nowMs - BEFORE_MS,
    to: nowMs + order.days * DAY_MS,
  })
  return { certificate, key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** A certificate as PEM. */
function signed(order: {
  readonly subject: Buffer
  readonly key: KeyObject
  readonly issuer: Buffer
  readonly signer: Keys
  readonly from: number
  readonly to: number
  readonly extensions: readonly Buffer[]
}): string {
  const { key, signer } = order
  const algorithm = der.sequence(der.oid(OID.ecdsaWithSha256))
  const version3 = der.integer(Buffer.from([2]))
  const keys = [
    extension(OID.subjectKey, der.octets(keyId(key))),
    extension(OID.authorityKey, der.sequence(der.tagged(0, keyId(signer.publicKey), false))),
  ]
  const body = der.sequence(
    der.tagged(0, version3, true),
    der.integer(serial()),
    algorithm,
    order.issuer,
    der.sequence(der.time(rfc3339(order.from)), der.time(rfc3339(order.to))),
    order.subject,
    key.export({ type: 'spki', format: 'der' }),
    der.tagged(3, der.sequence(...order.extensions, ...keys), true),
  )
  const signature = sign('sha256', body, signer.privateKey)
  return pem(der.sequence(body, algorithm, der.bits(signature)))
}

/** Positive, and never the same twice. */
function serial(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

function subjectOf(name: string, groups: readonly string[]): Buffer {
  const part = (type: string, text: string): Buffer =>
    der.setOf(der.sequence(der.oid(type), der.utf8(text)))
  return der.sequence(
    ...groups.map((group) => part(OID.organization, group)),
    part(OID.commonName, name),
  )
}

/** The name of an authority that was made here. */
function nameIn(certificate: string): string {
  return new X509Certificate(certificate).subject.replace(/^CN=/, '')
}

function extension(type: string, content: Buffer, isCritical = false): Buffer {
  return der.sequence(der.oid(type), ...(isCritical ? [der.yes()] : []), der.octets(content))
}

/** A host as certificates list it: by name, or by address. */
function hostName(host: string): Buffer {
  if (isIP(host) === 0) return der.tagged(2, Buffer.from(host), false)
  return der.tagged(7, addressBytes(host), false)
}

function addressBytes(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from(host.split('.').map(Number))
  // The parser of URLs knows each way to write an address, and writes it in one.
  const [head = '', tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((each) => Number.parseInt(each, 16))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const all = [...first, ...zeros(8 - first.length - last.length), ...last]
  return Buffer.from(all.flatMap((each) => [each >> 8, each & 0xff]))
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
