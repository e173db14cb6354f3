import type { OciPolicy } from '../api/index.ts'
import { isFault } from '../base/index.ts'
import { readCosignSignatures, verifyWithKey } from './cosign.ts'
import type { OciSubject } from './oci-content.ts'
import { ociFault } from './oci-fault.ts'

/**
 * Checks that an artifact is signed as a policy demands.
 * @throws Fault OCI_VERIFY
 * @see source-controller ocirepository_controller.go verifySignature (v1.9.1)
 */
export async function verifyArtifact(
  artifact: OciSubject,
  policy: OciPolicy,
  _nowMs: number,
): Promise<void> {
  try {
    if (policy.kind !== 'cosign-keys')
      throw ociFault('OCI_VERIFY', 'only cosign with a key is supported yet')
    const signatures = await readCosignSignatures(artifact)
    if (policy.keys.some((key) => verifyWithKey(artifact, signatures, key))) return
  } catch (error) {
    if (isFault(error, 'OCI_VERIFY') || !isFault(error)) throw error
    throw ociFault('OCI_VERIFY', error.message, error)
  }
  throw ociFault(
    'OCI_VERIFY',
    `no matching signatures were found for '${artifact.name}@${artifact.digest}'`,
  )
}
