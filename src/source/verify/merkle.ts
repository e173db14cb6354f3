import { createHash } from 'node:crypto'
import { BadMessage } from './proto-json.ts'

/** That a leaf is in a tree: its number, the size of the tree, and its neighbours upwards. */
export interface InclusionProof {
  readonly index: bigint
  readonly size: bigint
  readonly hashes: readonly Buffer[]
}

/** The hash of a leaf. @see RFC 6962 section 2.1 */
export function leafHash(body: Uint8Array): Buffer {
  return createHash('sha256')
    .update(Buffer.from([0]))
    .update(body)
    .digest()
}

/**
 * Checks that a leaf is in the tree of a root.
 * @throws BadMessage
 * @see RFC 9162 section 2.1.3.2; transparency-dev/merkle proof/verify.go
 */
export function checkInclusion(leaf: Buffer, proof: InclusionProof, root: Buffer): void {
  const { index, size, hashes } = proof
  if (index < 0n || index >= size)
    throw new BadMessage(`index is beyond size: ${BigInt.asUintN(64, index)} >= ${size}`)
  // Below the first place where the ways to our leaf and to the last one part, all neighbours count.
  const inner = (index ^ (size - 1n)).toString(2).replace(/^0$/, '').length
  const border = (index >> BigInt(inner)).toString(2).replaceAll('0', '').length
  if (hashes.length !== inner + border)
    throw new BadMessage(`wrong proof size ${hashes.length}, want ${inner + border}`)
  const found = hashes.reduce(
    (hash, other, at) =>
      at >= inner || ((index >> BigInt(at)) & 1n) === 1n ? node(other, hash) : node(hash, other),
    leaf,
  )
  if (!found.equals(root))
    throw new BadMessage(
      `calculated root:\n[${[...found].join(' ')}]\n does not match expected root:\n[${[...root].join(' ')}]`,
    )
}

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest()
}
