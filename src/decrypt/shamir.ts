import { decryptFault } from './faults.ts'

/**
 * Puts a secret together from its shares. The last byte of a share is its x; each other byte is
 * the value at x of a polynomial over GF(2^8) whose value at 0 is that byte of the secret.
 * @throws Fault SOPS_KEY
 * @see getsops/sops v3.13 shamir/shamir.go
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const [first] = shares
  const refuse = (why: string): never => {
    throw decryptFault('SOPS_KEY', `could not get data key from shamir parts: ${why}`)
  }
  if (first === undefined || shares.length < 2)
    return refuse('less than two parts cannot be used to reconstruct the secret')
  if (first.length < 2) return refuse('parts must be at least two bytes')
  if (shares.some((share) => share.length !== first.length))
    return refuse('all parts must be the same length')
  const xs = shares.map((share) => share.at(-1) ?? 0)
  if (new Set(xs).size !== xs.length) return refuse('duplicate part detected')
  const weights = xs.map((x, i) => weightAtZero(xs, x, i))
  return Uint8Array.from({ length: first.length - 1 }, (_, at) =>
    shares.reduce((sum, share, i) => sum ^ multiply(share[at] ?? 0, weights[i] ?? 0), 0),
  )
}

/** What the i-th share counts for in the value at 0 (Lagrange). */
function weightAtZero(xs: readonly number[], x: number, i: number): number {
  let weight = 1
  for (const [j, other] of xs.entries())
    if (i !== j) weight = multiply(weight, divide(other, x ^ other))
  return weight
}

/** Multiplies in GF(2^8) with Rijndael's polynomial, in the same steps whatever the numbers are. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    const doubled = ((product << 1) & 0xff) ^ (-(product >> 7) & 0x1b)
    product = doubled ^ (-((b >> bit) & 1) & a)
  }
  return product & 0xff
}

/** Divides by a number that is not zero: every one to the power 254 is its inverse. */
function divide(a: number, b: number): number {
  let inverse = 1
  for (let i = 0; i < 254; i += 1) inverse = multiply(inverse, b)
  return multiply(a, inverse)
}
