import { X509Certificate } from 'node:crypto'
import { readBody } from '../http-client.ts'
import {
  type Descriptor,
  MANIFEST_BYTES_MAX,
  MANIFESTS,
  type Manifest,
  type OciSubject,
  parseJson,
  readBlob,
  readManifest,
} from '../oci/content.ts'
import { ociFault } from '../oci/fault.ts'
import type { CosignSignature } from './cosign.ts'
import type { LogEntry } from './signature-log.ts'

/** A signature and what proves it, in either of the forms that cosign writes. */
export interface SignatureBundle {
  /** The bytes under the signature. */
  readonly signed: Buffer
  /** What an entry of a log has the hash of. */
  readonly payload: Buffer
  readonly signature: Buffer
  /** The digest that it speaks of, `sha256:<hex>`. */
  readonly digest: string | undefined
  /** Absent where a key has signed. */
  readonly certificate: X509Certificate | undefined
  readonly entry: LogEntry | undefined
}

const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle\.v0\.3\+json$/
const BUNDLES_MAX = 32
const IN_TOTO = 'application/vnd.in-toto+json'
const PREDICATE = 'https://sigstore.dev/cosign/sign/v1'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const OLD_BUNDLE = 'dev.sigstore.cosign/bundle'

/**
 * Reads the bundles that cosign 3 puts beside an artifact, by the referrers of its digest: where the
 * registry does not list them, by the tag that stands in for that.
 * @throws Fault OCI_VERIFY
 * @see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export async function readBundles(artifact: OciSubject): Promise<readonly SignatureBundle[]> {
  const { session, digest } = artifact
  const index =
    (await readIndex(artifact, `/referrers/${digest}`)) ??
    (await readIndex(artifact, `/manifests/${digest.replace(':', '-')}`))
  const found = (index?.manifests ?? []).filter(({ artifactType = '' }) =>
    BUNDLE.test(artifactType),
  )
  const layers = await Promise.all(
    found.slice(0, BUNDLES_MAX).map(async (each) => {
      const { manifest } = await readManifest(
        { ...artifact, digest: each.digest },
        { code: 'OCI_VERIFY' },
      )
      const isOurs = manifest.subject?.digest === digest
      return isOurs
        ? (manifest.layers ?? []).filter(({ mediaType = '' }) => BUNDLE.test(mediaType))
        : []
    }),
  )
  return Promise.all(
    layers.flat().map(async (layer: Descriptor) => {
      const bytesMax = MANIFEST_BYTES_MAX
      return parseBundle(await readBlob(session, layer, { code: 'OCI_VERIFY', bytesMax }))
    }),
  )
}

async function readIndex({ session }: OciSubject, path: string): Promise<Manifest | undefined> {
  const answer = await session.ask({
    method: 'GET',
    path,
    headers: { accept: MANIFESTS },
    code: 'OCI_VERIFY',
    mayMiss: true,
  })
  const body = await readBody(answer.body, MANIFEST_BYTES_MAX)
  return answer.status === 404 ? undefined : parseJson<Manifest>(body, 'OCI_VERIFY')
}

interface EntryJson {
  readonly logIndex?: string | number
  readonly logId?: { readonly keyId?: string }
  readonly integratedTime?: string | number
  readonly inclusionPromise?: { readonly signedEntryTimestamp?: string }
  readonly inclusionProof?: {
    readonly logIndex?: string | number
    readonly rootHash?: string
    readonly treeSize?: string | number
    readonly hashes?: readonly string[]
    readonly checkpoint?: { readonly envelope?: string }
  }
  readonly canonicalizedBody?: string
}

interface BundleJson {
  readonly verificationMaterial?: {
    readonly certificate?: { readonly rawBytes?: string }
    readonly x509CertificateChain?: { readonly certificates?: readonly { rawBytes?: string }[] }
    readonly tlogEntries?: readonly EntryJson[]
  }
  readonly dsseEnvelope?: {
    readonly payload?: string
    readonly payloadType?: string
    readonly signatures?: readonly { readonly sig?: string }[]
  }
}

/** Reads a bundle. @throws Fault OCI_VERIFY */
export function parseBundle(bytes: Buffer): SignatureBundle {
  const { verificationMaterial = {}, dsseEnvelope } = parseJson<BundleJson>(bytes, 'OCI_VERIFY')
  const { payload = '', payloadType = '', signatures = [] } = dsseEnvelope ?? {}
  if (payloadType !== IN_TOTO || signatures.length !== 1)
    throw ociFault('OCI_VERIFY', 'the bundle has no envelope with one signature')
  const content = Buffer.from(payload, 'base64')
  const raw =
    verificationMaterial.certificate?.rawBytes ??
    verificationMaterial.x509CertificateChain?.certificates?.[0]?.rawBytes
  const entry = verificationMaterial.tlogEntries?.[0]
  return {
    signed: preAuthentication(payloadType, content),
    payload: content,
    signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
    digest: statedDigest(content),
    certificate: raw === undefined ? undefined : certificateIn(Buffer.from(raw, 'base64')),
    entry: entry === undefined ? undefined : entryOf(entry),
  }
}

/** What an envelope signs. @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function preAuthentication(type: string, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `),
    payload,
  ])
}

/** The digest of the one subject of a statement that cosign signs with. */
function statedDigest(payload: Buffer): string | undefined {
  const { subject = [], predicateType } = parseJson<{
    readonly predicateType?: string
    readonly subject?: readonly { readonly digest?: { readonly sha256?: string } }[]
  }>(payload, 'OCI_VERIFY')
  const hex = subject[0]?.digest?.sha256
  return predicateType === PREDICATE && hex !== undefined ? `sha256:${hex}` : undefined
}

function entryOf(json: EntryJson): LogEntry {
  const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64')
  const { inclusionProof: proof, inclusionPromise: promise } = json
  return {
    logIndex: Number(json.logIndex ?? 0),
    logId: bytes(json.logId?.keyId),
    integratedTime: Number(json.integratedTime ?? 0),
    body: bytes(json.canonicalizedBody),
    promise: promise === undefined ? undefined : bytes(promise.signedEntryTimestamp),
    inclusion:
      proof === undefined
        ? undefined
        : {
            index: Number(proof.logIndex ?? 0),
            treeSize: Number(proof.treeSize ?? 0),
            rootHash: bytes(proof.rootHash),
            hashes: (proof.hashes ?? []).map(bytes),
            checkpoint: proof.checkpoint?.envelope ?? '',
          },
  }
}

interface OldBundle {
  readonly SignedEntryTimestamp?: string
  readonly Payload?: {
    readonly body?: string
    readonly integratedTime?: number
    readonly logIndex?: number
    readonly logID?: string
  }
}

/** The older form: a signature whose proofs are annotations. @throws Fault OCI_VERIFY */
export function bundleOf(
  { payload, signature, annotations }: CosignSignature,
  digest: string | undefined,
): SignatureBundle {
  const pem = annotations[CERTIFICATE]
  const text = annotations[OLD_BUNDLE]
  const proof =
    text === undefined ? undefined : parseJson<OldBundle>(Buffer.from(text), 'OCI_VERIFY')
  const { body = '', integratedTime = 0, logIndex = 0, logID = '' } = proof?.Payload ?? {}
  return {
    signed: payload,
    payload,
    signature,
    digest,
    certificate: pem === undefined ? undefined : certificateIn(pem),
    entry:
      proof === undefined
        ? undefined
        : {
            logIndex,
            integratedTime,
            logId: Buffer.from(logID, 'hex'),
            body: Buffer.from(body, 'base64'),
            promise: Buffer.from(proof.SignedEntryTimestamp ?? '', 'base64'),
            inclusion: undefined,
          },
  }
}

function certificateIn(bytes: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch (error) {
    throw ociFault('OCI_VERIFY', 'the certificate of the signature cannot be read', error)
  }
}
