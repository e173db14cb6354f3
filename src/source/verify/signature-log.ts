import { createHash } from 'node:crypto'
import { ociFault } from '../oci/fault.ts'
import { isSignedBy } from './cosign.ts'
import type { TrustedLog, TrustedRoot } from './trusted-root.ts'

/** An entry of a log of signatures (Rekor), as bundles have it. */
export interface LogEntry {
  readonly logIndex: number
  readonly logId: Buffer
  /** Seconds. */
  readonly integratedTime: number
  /** The entry itself, as it was hashed. */
  readonly body: Buffer
  /** The log's promise to take it in. */
  readonly promise: Buffer | undefined
  readonly inclusion: Inclusion | undefined
}

/** Proof that an entry is in the log. */
export interface Inclusion {
  readonly index: number
  readonly treeSize: number
  readonly rootHash: Buffer
  readonly hashes: readonly Buffer[]
  /** What the log has signed of its tree. */
  readonly checkpoint: string
}

/** What an entry must be about. */
export interface LoggedSignature {
  /** What was signed: the bytes, or the content of an envelope. */
  readonly payload: Buffer
  readonly signature: Buffer
  /** PEM. */
  readonly certificate: string
}

const HASHES_MAX = 64

/**
 * Checks that a trusted log has an entry and that it is about a signature; answers when it was made.
 * @throws Fault OCI_VERIFY
 * @see sigstore/sigstore-go pkg/tlog/entry.go, rekor pkg/verify (v1.5)
 */
export function checkEntry(entry: LogEntry, about: LoggedSignature, root: TrustedRoot): number {
  const atMs = entry.integratedTime * 1000
  const log = root.signatureLogs.find(
    ({ id, isGoodAt }) => id.equals(entry.logId) && isGoodAt(atMs),
  )
  if (log === undefined) throw refuse('unable to verify log entry: the log is not trusted')
  // Only with its promise has the log signed the time.
  if (entry.promise === undefined || !isPromised(entry, entry.promise, log))
    throw refuse('unable to verify the signed entry timestamp of the log')
  if (entry.inclusion !== undefined) checkInclusion(entry, entry.inclusion, log)
  if (!isAbout(entry.body, about)) throw refuse('the log entry is about something else')
  return atMs
}

function isPromised(entry: LogEntry, promise: Buffer, log: TrustedLog): boolean {
  const { body, integratedTime, logId, logIndex } = entry
  const signed = JSON.stringify({
    body: body.toString('base64'),
    integratedTime,
    logID: logId.toString('hex'),
    logIndex,
  })
  return isSignedBy(log.key, Buffer.from(signed), promise)
}

function checkInclusion(entry: LogEntry, proof: Inclusion, log: TrustedLog): void {
  const root = rootOf(sha256(Buffer.from([0]), entry.body), proof)
  if (root === undefined || !root.equals(proof.rootHash))
    throw refuse('unable to verify inclusion proof of the log entry')
  const end = proof.checkpoint.indexOf('\n\n')
  const note = proof.checkpoint.slice(0, end + 1)
  const [, size, hash] = note.split('\n')
  const isSame = size === String(proof.treeSize) && hash === proof.rootHash.toString('base64')
  const signatures = proof.checkpoint
    .slice(end + 2)
    .split('\n')
    .map((line) => Buffer.from(line.split(' ').at(-1) ?? '', 'base64').subarray(4))
  const isSigned = signatures.some((each) => isSignedBy(log.key, Buffer.from(note), each))
  if (end < 0 || !isSame || !isSigned) throw refuse('unable to verify the checkpoint of the log')
}

/** The root that a leaf and its neighbours make. @see RFC 9162 section 2.1.3.2 */
function rootOf(leaf: Buffer, { index, treeSize, hashes }: Inclusion): Buffer | undefined {
  if (!(index >= 0 && index < treeSize) || hashes.length > HASHES_MAX) return undefined
  let [at, last, hash] = [BigInt(index), BigInt(treeSize) - 1n, leaf]
  for (const other of hashes) {
    if (last === 0n) return undefined
    if (at % 2n === 1n || at === last) {
      hash = sha256(Buffer.from([1]), other, hash)
      while (at % 2n === 0n && at !== 0n) {
        at /= 2n
        last /= 2n
      }
    } else hash = sha256(Buffer.from([1]), hash, other)
    at /= 2n
    last /= 2n
  }
  return last === 0n ? hash : undefined
}

interface Body {
  readonly kind?: string
  readonly apiVersion?: string
  readonly spec?: {
    readonly data?: { readonly hash?: { readonly algorithm?: string; readonly value?: string } }
    readonly signature?: {
      readonly content?: string
      readonly publicKey?: { readonly content?: string }
    }
    readonly payloadHash?: { readonly algorithm?: string; readonly value?: string }
    readonly signatures?: readonly { readonly signature?: string; readonly verifier?: string }[]
  }
}

/** Says whether an entry is about a signature: its hash, its bytes and its certificate. */
function isAbout(body: Buffer, { payload, signature, certificate }: LoggedSignature): boolean {
  let json: Body
  try {
    json = JSON.parse(body.toString()) as Body
  } catch {
    return false
  }
  const { kind, spec = {} } = json
  const isHash = (hash: { algorithm?: string; value?: string } | undefined): boolean =>
    hash?.algorithm === 'sha256' && hash.value === sha256(payload).toString('hex')
  const isCertificate = (text: string | undefined): boolean =>
    text !== undefined && plain(Buffer.from(text, 'base64').toString()) === plain(certificate)
  const isSignature = (text: string | undefined): boolean =>
    text !== undefined && Buffer.from(text, 'base64').equals(signature)
  if (kind === 'hashedrekord')
    return (
      isHash(spec.data?.hash) &&
      isSignature(spec.signature?.content) &&
      isCertificate(spec.signature?.publicKey?.content)
    )
  if (kind !== 'dsse' || !isHash(spec.payloadHash)) return false
  return (
    spec.signatures?.some((each) => isSignature(each.signature) && isCertificate(each.verifier)) ===
    true
  )
}

function plain(pem: string): string {
  return pem.replace(/\s+/g, '')
}

function sha256(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function refuse(message: string): Error {
  return ociFault('OCI_VERIFY', message)
}
