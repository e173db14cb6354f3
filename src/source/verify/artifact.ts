import { createHash } from 'node:crypto'
import type { OciPolicy } from '../../api/index.ts'
import { type Clock, goRegex, isFault, messageOf } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import type { OciSubject } from '../oci/content.ts'
import { ociFault } from '../oci/fault.ts'
import { checkIdentityBundle, checkKeyBundle, type Pattern } from './bundle-check.ts'
import { readBundles, readSignatures } from './cosign.ts'
import type { SignatureBundle } from './cosign-bundle.ts'
import {
  type CosignSignature,
  checkIdentitySignature,
  checkKeySignature,
} from './cosign-signature.ts'
import { readPublicKey } from './key-signature.ts'
import { verifyNotation } from './notation.ts'
import { BadMessage } from './proto-json.ts'
import type { PublicRoot } from './public-root.ts'
import { parseTrustedRoot, type TrustedRoot } from './trusted-root.ts'

/** What verifying may need beside the artifact. */
export interface VerifyAsk {
  /** Asks, without credentials, whether certificates were revoked. */
  readonly http: HttpClient
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Vouches for identities where a policy names no other root. */
  readonly publicRoot: PublicRoot
  /** Roots that were read before. */
  readonly roots: RootMemory
}

const ROOTS_MAX = 16

/** Remembers trusted roots by their text: reading one costs as much as a signature. */
export class RootMemory {
  readonly #roots = new Map<string, TrustedRoot>()

  read(text: Uint8Array): TrustedRoot {
    const key = createHash('sha256').update(text).digest('hex')
    const known = this.#roots.get(key)
    if (known !== undefined) return known
    const root = parseTrustedRoot(text)
    const oldest = this.#roots.keys().next().value
    if (this.#roots.size >= ROOTS_MAX && oldest !== undefined) this.#roots.delete(oldest)
    this.#roots.set(key, root)
    return root
  }
}

/**
 * Checks that an artifact is signed as a policy demands: with cosign, by one of some keys or by an
 * identity that a trusted root vouches for; or with notation. Answers whether it counts as verified,
 * which it does not where a policy of notation says to skip that.
 * @throws Fault OCI_VERIFY
 * @see source-controller ocirepository_controller.go verifySignature, internal/oci/cosign (v1.9.1)
 */
export async function verifyArtifact(
  artifact: OciSubject,
  policy: OciPolicy,
  ask: VerifyAsk,
): Promise<boolean> {
  const missing = `no matching signatures were found for '${artifact.name}@${artifact.digest}'`
  try {
    if (policy.kind === 'notation') return await verifyNotation(artifact, { ...policy, ...ask })
    // Before anything is asked: what is wrong with the policy is told even where nothing is signed.
    const check =
      policy.kind === 'cosign-keys'
        ? byKeys(policy.keys, artifact.digest, ask.clock.now())
        : byIdentity(policy, await rootOf(policy, ask), artifact.digest)
    const wrong = await findWrong(artifact, check)
    if (wrong === undefined) return true
    throw ociFault('OCI_VERIFY', policy.kind === 'cosign-keys' ? missing : wrong)
  } catch (error) {
    if (!isFault(error) || error.code === 'OCI_VERIFY') throw error
    throw ociFault('OCI_VERIFY', error.message, error)
  }
}

interface Check {
  readonly bundle: (bundle: SignatureBundle) => void
  readonly signature: (signature: CosignSignature) => void
}

/** Says what is wrong with all that is signed; undefined when something is good. */
async function findWrong(artifact: OciSubject, check: Check): Promise<string | undefined> {
  const bundles = await readBundles(artifact)
  if (bundles.length > 0) return wrongOf('no matching attestations: ', '\n', bundles, check.bundle)
  const signatures = await readSignatures(artifact)
  if (signatures.length === 0) return 'no signatures found'
  return wrongOf('no matching signatures: ', '\n ', signatures, check.signature)
}

function wrongOf<T>(
  words: string,
  between: string,
  all: readonly T[],
  check: (each: T) => void,
): string | undefined {
  const wrong: string[] = []
  for (const each of all) {
    try {
      check(each)
      return undefined
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error
      wrong.push(error.message)
    }
  }
  return `${words}${wrong.join(between)}`
}

function byKeys(pems: readonly string[], digest: string, nowMs: number): Check {
  const keys = pems.map(readPublicKey)
  const anyOf = (check: (key: (typeof keys)[number]) => void): void => {
    const wrong = wrongOf('', '\n', keys, check)
    if (wrong !== undefined) throw new BadMessage(wrong)
  }
  return {
    bundle: (bundle) => anyOf((key) => checkKeyBundle(bundle, key, digest)),
    signature: (signature) => anyOf((key) => checkKeySignature(signature, key, { digest, nowMs })),
  }
}

type Keyless = Extract<OciPolicy, { kind: 'cosign-keyless' }>

async function rootOf({ trustedRoot }: Keyless, ask: VerifyAsk): Promise<TrustedRoot> {
  return ask.roots.read(trustedRoot ?? (await ask.publicRoot.get()))
}

function byIdentity(policy: Keyless, root: TrustedRoot, digest: string): Check {
  const wanted = policy.identities.map(({ issuer, subject }) => ({
    issuer: pattern(issuer),
    subject: pattern(subject),
  }))
  return {
    bundle: (bundle) => checkIdentityBundle(bundle, root, wanted, digest),
    signature: (signature) => checkIdentitySignature(signature, root, wanted, digest),
  }
}

function pattern(text: string): Pattern {
  try {
    const regex = goRegex(text)
    return { text, matches: (value) => regex.matches(value) }
  } catch (error) {
    throw ociFault('OCI_VERIFY', messageOf(error), error)
  }
}
