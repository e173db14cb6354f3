import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { compareText } from '../../base/index.ts'

/** That metadata of a repository does not hold. Callers make a fault of it. */
export class BadMetadata extends Error {}

export type RoleName = 'root' | 'timestamp' | 'snapshot' | 'targets'

/** What is said of a file. */
export interface FileNote {
  readonly version: number
  readonly length: number | undefined
  readonly hashes: Readonly<Record<string, string>>
}

/** Who may sign for a role. */
export interface RootKeys {
  readonly keys: Readonly<Record<string, KeyJson>>
  readonly roles: Readonly<Record<string, RoleJson>>
}

/** Metadata of a role, as it was signed. */
export interface Metadata extends RootKeys {
  readonly version: number
  readonly expiresMs: number
  readonly isConsistent: boolean
  readonly meta: Readonly<Record<string, FileNote>>
  readonly targets: Readonly<Record<string, FileNote>>
  readonly signed: Buffer
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}

interface KeyJson {
  readonly keytype?: string
  readonly scheme?: string
  readonly keyval?: { readonly public?: string }
}

interface RoleJson {
  readonly keyids?: readonly string[]
  readonly threshold?: number
}

interface SignedJson {
  readonly _type?: string
  readonly spec_version?: string
  readonly version?: number
  readonly expires?: string
  readonly consistent_snapshot?: boolean
  readonly keys?: Readonly<Record<string, KeyJson>>
  readonly roles?: Readonly<Record<string, RoleJson>>
  readonly meta?: Readonly<Record<string, Partial<FileNote>>>
  readonly targets?: Readonly<Record<string, Partial<FileNote>>>
}

const SIGNATURES_MAX = 64
const DEPTH_MAX = 32

/** Reads metadata of a role. @throws BadMetadata */
export function readMetadata(bytes: Buffer, role: RoleName): Metadata {
  let json: {
    readonly signed?: SignedJson
    readonly signatures?: readonly { readonly keyid?: unknown; readonly sig?: unknown }[]
  } | null
  try {
    json = JSON.parse(bytes.toString()) as typeof json
  } catch (error) {
    throw new BadMetadata(`${role}.json is no JSON`, { cause: error })
  }
  const { signed, signatures } = json ?? {}
  if (signed?._type !== role)
    throw new BadMetadata(`expected metadata type ${role}, got - ${signed?._type ?? ''}`)
  const expiresMs = Date.parse(signed.expires ?? '')
  const { version } = signed
  if (!Number.isSafeInteger(version) || Number.isNaN(expiresMs) || !Array.isArray(signatures))
    throw new BadMetadata(`${role}.json lacks something`)
  if (!/^1(\.|$)/.test(signed.spec_version ?? ''))
    throw new BadMetadata(`unsupported version of the specification: ${signed.spec_version ?? ''}`)
  return {
    version: version ?? 0,
    expiresMs,
    isConsistent: signed.consistent_snapshot !== false,
    keys: signed.keys ?? {},
    roles: signed.roles ?? {},
    meta: notes(signed.meta),
    targets: notes(signed.targets),
    signed: Buffer.from(canonical(signed, 0)),
    signatures: signaturesOf(signatures, role),
  }
}

function signaturesOf(
  given: readonly { readonly keyid?: unknown; readonly sig?: unknown }[],
  role: RoleName,
): Metadata['signatures'] {
  const read = given.slice(0, SIGNATURES_MAX).map(({ keyid, sig }) => {
    if (typeof keyid !== 'string' || typeof sig !== 'string')
      throw new BadMetadata(`${role}.json has a signature that is none`)
    return { keyid, sig }
  })
  const names = new Set(read.map(({ keyid }) => keyid))
  if (names.size < read.length) throw new BadMetadata(`multiple signatures found for a key id`)
  return read
}

function notes(
  given: Readonly<Record<string, Partial<FileNote>>> | undefined,
): Readonly<Record<string, FileNote>> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, { version = 0, length, hashes = {} }]) => [
      name,
      { version, length, hashes },
    ]),
  )
}

/** Go's canonical JSON: keys in order, no blanks, and nothing escaped but quotes and backslashes. */
function canonical(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new BadMetadata('metadata is too deep')
  if (typeof value === 'string') return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => compareText(a, b))
    return `{${fields.map(([key, each]) => `${canonical(key, 0)}:${canonical(each, depth + 1)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new BadMetadata('a number that is not whole')
  return JSON.stringify(value)
}

/**
 * Checks that as many keys of a role as it takes have signed metadata; one key counts once, whatever its
 * names.
 * @throws BadMetadata
 */
export function verifySigned(
  { signed, signatures }: Metadata,
  { keys, roles }: RootKeys,
  role: RoleName,
): void {
  const { keyids = [], threshold = 0 } = roles[role] ?? {}
  if (keyids.length === 0 || threshold < 1) throw new BadMetadata(`no delegation found for ${role}`)
  const good = new Set<string>()
  for (const id of keyids) {
    const key = keys[id]
    if (key === undefined) throw new BadMetadata(`key with ID ${id} not found in ${role} keyids`)
    const { sig = '' } = signatures.find(({ keyid }) => keyid === id) ?? {}
    const found = keyOf(key)
    if (sig !== '' && isSigned(found, key.scheme ?? '', signed, Buffer.from(sig, 'hex')))
      good.add(found.export({ type: 'spki', format: 'der' }).toString('hex'))
  }
  if (good.size < threshold)
    throw new BadMetadata(
      `Verifying ${role} failed, not enough signatures, got ${good.size}, want ${threshold}`,
    )
}

const ED25519_HEAD = Buffer.from('302a300506032b6570032100', 'hex')

function keyOf({ keytype = '', keyval }: KeyJson): KeyObject {
  const text = keyval?.public ?? ''
  try {
    if (keytype === 'ed25519') {
      const key = Buffer.concat([ED25519_HEAD, Buffer.from(text, 'hex')])
      return createPublicKey({ key, format: 'der', type: 'spki' })
    }
    if (['ecdsa', 'ecdsa-sha2-nistp256', 'rsa'].includes(keytype)) return createPublicKey(text)
  } catch (error) {
    throw new BadMetadata('a key that cannot be read', { cause: error })
  }
  throw new BadMetadata('unsupported public key type')
}

function isSigned(key: KeyObject, scheme: string, data: Buffer, signature: Buffer): boolean {
  const hash = scheme === 'ecdsa-sha2-nistp384' ? 'sha384' : 'sha256'
  const pss = {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  }
  const isRsa = key.asymmetricKeyType === 'rsa'
  try {
    return verify(
      key.asymmetricKeyType === 'ed25519' ? null : hash,
      data,
      isRsa ? { key, ...pss } : key,
      signature,
    )
  } catch {
    return false
  }
}
