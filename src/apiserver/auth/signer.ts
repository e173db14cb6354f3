import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
} from 'node:crypto'
import type { JsonObject } from '../../object/index.ts'

/** Signs tokens, in a way that others can check. */
export interface Signer {
  /** The name of its key. */
  readonly kid: string
  /** The key to check with, as a JSON web key. */
  readonly jwk: JsonObject
  sign(text: string): string
  verify(text: string, signature: string): boolean
}

/** What the field of P-256's private keys leaves out begins with these bytes. */
const TOO_HIGH = 0xff

/**
 * A signer by ECDSA on P-256.
 * @param seed 32 random bytes; what they are not a private key for, the hash of them is
 * @see k8s.io/kubernetes pkg/serviceaccount/jwt.go keyIDFromPublicKey (v1.36.3)
 */
export function signerFrom(seed: Buffer): Signer {
  const isUsable = seed.length === 32 && seed[0] !== TOO_HIGH && seed.some((byte) => byte !== 0)
  const secret = isUsable ? seed : createHash('sha256').update(seed).digest()
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(secret)
  const point = pair.getPublicKey()
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), secret].map((each) =>
    each.toString('base64url'),
  )
  const open = { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }
  const privateKey = createPrivateKey({ key: { ...open, d: d ?? '' }, format: 'jwk' })
  const publicKey = createPublicKey({ key: open, format: 'jwk' })
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const kid = createHash('sha256').update(der).digest('base64url')
  return {
    kid,
    jwk: { use: 'sig', kty: 'EC', kid, crv: open.crv, alg: 'ES256', x: open.x, y: open.y },
    sign: (text) =>
      sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
        'base64url',
      ),
    verify: (text, signature) =>
      verify(
        'sha256',
        Buffer.from(text),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
  }
}
