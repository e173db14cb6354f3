import type { KeyObject } from 'node:crypto'
import type { OciPolicy } from '../../api/index.ts'
import { goRegex, isFault, messageOf } from '../../base/index.ts'
import type { OciSubject } from '../oci/content.ts'
import { ociFault } from '../oci/fault.ts'
import { isSignedBy, namedDigest, readCosignSignatures, readPublicKey } from './cosign.ts'
import { bundleOf, readBundles, type SignatureBundle } from './cosign-bundle.ts'
import { checkEntry } from './signature-log.ts'
import { checkCertificate, type SigningCertificate } from './signing-certificate.ts'
import { parseTrustedRoot, type TrustedRoot } from './trusted-root.ts'

/**
 * Checks that an artifact is signed as a policy demands: with cosign, by one of some keys or by an
 * identity that a trusted root vouches for. Signatures of notation are not verified here.
 * @throws Fault OCI_VERIFY
 * @see source-controller ocirepository_controller.go verifySignature, internal/oci/cosign (v1.9.1)
 */
export async function verifyArtifact(artifact: OciSubject, policy: OciPolicy): Promise<void> {
  const missing = `no matching signatures were found for '${artifact.name}@${artifact.digest}'`
  try {
    if (policy.kind === 'notation')
      throw ociFault('OCI_VERIFY', 'signatures of notation cannot be verified yet')
    // Before anything is asked: what is wrong with the policy is told even where nothing is signed.
    const check = policy.kind === 'cosign-keys' ? byKeys(policy.keys) : byIdentity(policy)
    const bundles = (await bundlesOf(artifact)).filter(({ digest }) => digest === artifact.digest)
    let last: Error | undefined
    for (const bundle of bundles) {
      try {
        if (check(bundle)) return
      } catch (error) {
        if (!isFault(error)) throw error
        last = error
      }
    }
    if (last !== undefined) throw last
  } catch (error) {
    if (!isFault(error) || error.code === 'OCI_VERIFY') throw error
    throw ociFault('OCI_VERIFY', error.message, error)
  }
  throw ociFault('OCI_VERIFY', missing)
}

/** Bundles where there are some, as cosign has it; else the signatures of the older form. */
async function bundlesOf(artifact: OciSubject): Promise<readonly SignatureBundle[]> {
  const bundles = await readBundles(artifact)
  if (bundles.length > 0) return bundles
  const signatures = await readCosignSignatures(artifact)
  return signatures.map((each) => bundleOf(each, namedDigest(each.payload)))
}

type Check = (bundle: SignatureBundle) => boolean

function byKeys(pems: readonly string[]): Check {
  const keys: readonly KeyObject[] = pems.map(readPublicKey)
  return ({ signed, signature }) => keys.some((key) => isSignedBy(key, signed, signature))
}

function byIdentity(policy: Extract<OciPolicy, { kind: 'cosign-keyless' }>): Check {
  const root = parseTrustedRoot(policy.trustedRoot)
  const identities = policy.identities.map(({ issuer, subject }) => ({
    issuer: pattern(issuer),
    subject: pattern(subject),
  }))
  return (bundle) => {
    const who = signerOf(bundle, root)
    const isWanted =
      identities.length === 0 ||
      identities.some(
        ({ issuer, subject }) =>
          issuer.matches(who.issuer) && who.subjects.some((each) => subject.matches(each)),
      )
    if (isWanted) return true
    throw ociFault(
      'OCI_VERIFY',
      `none of the expected identities matched what was in the certificate, got subjects [${who.subjects.join(', ')}] with issuer ${who.issuer}`,
    )
  }
}

function pattern(text: string) {
  try {
    return goRegex(text)
  } catch (error) {
    throw ociFault('OCI_VERIFY', messageOf(error), error)
  }
}

/** Whose signature it is, once the log, the certificate and the signature itself are found good. */
function signerOf(bundle: SignatureBundle, root: TrustedRoot): SigningCertificate {
  const { certificate, entry, payload, signature } = bundle
  if (certificate === undefined) throw ociFault('OCI_VERIFY', 'no certificate found on signature')
  if (entry === undefined)
    throw ociFault('OCI_VERIFY', 'not enough verified log entries from transparency log: 0 < 1')
  const about = { payload, signature, certificate: certificate.toString() }
  const atMs = checkEntry(entry, about, root)
  const who = checkCertificate(certificate, root, atMs)
  if (isSignedBy(who.key, bundle.signed, signature)) return who
  throw ociFault('OCI_VERIFY', 'invalid signature when validating ASN.1 encoded signature')
}
