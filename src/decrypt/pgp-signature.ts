import { createMessage, type Key, readKeys, readSignature, verify } from 'openpgp'
import { Fault } from '../base/index.ts'

/** What to check, and with what. */
export interface PgpSigned {
  readonly payload: Uint8Array
  /** Armored. */
  readonly signature: string
  /** Armored public keys. */
  readonly keyRings: readonly string[]
  readonly nowMs: number
}

/**
 * Checks a detached PGP signature; answers the id (16 hex digits) of the primary key that made it.
 * A key or part of one that has expired by now counts for nothing, whenever it signed.
 * @throws Fault SIGNATURE
 * @see fluxcd/pkg git/signature/gpg_signature.go (v0.52)
 */
export async function verifyPgpSignature(signed: PgpSigned): Promise<string> {
  const message = await createMessage({ binary: signed.payload })
  const rings = await Promise.all(signed.keyRings.map(readRing))
  for (const key of rings.flatMap((ring) => ring ?? []))
    if (await isSignedBy(key, message, signed)) return key.getKeyID().toHex().toUpperCase()
  // One that is no key ring hides none of the others.
  const isUnread = rings.length > 0 && rings.every((ring) => ring === undefined)
  throw refuse(isUnread ? UNREAD : NO_MATCH)
}

const NO_MATCH = 'unable to verify payload with any of the given key rings: no matching key'
const UNREAD = 'unable to read armored key ring: openpgp: invalid argument: no armored data found'

async function readRing(armoredKeys: string): Promise<readonly Key[] | undefined> {
  try {
    return await readKeys({ armoredKeys })
  } catch {
    return undefined
  }
}

async function isSignedBy(
  key: Key,
  message: Awaited<ReturnType<typeof createMessage>>,
  signed: PgpSigned,
): Promise<boolean> {
  const date = new Date(signed.nowMs)
  try {
    const expires = await key.getExpirationTime()
    if (expires !== null && expires !== Number.POSITIVE_INFINITY && expires < date) return false
    await key.verifyPrimaryKey(date)
    const signature = await readSignature({ armoredSignature: signed.signature })
    const { signatures } = await verify({
      message,
      signature,
      verificationKeys: key,
      date,
      format: 'binary',
    })
    for (const each of signatures) {
      if (!(await each.verified)) return false
      // The part of the key that signed has to be good now, too.
      await key.getSigningKey(each.keyID, date)
    }
    return signatures.length > 0
  } catch {
    return false
  }
}

function refuse(message: string): Fault {
  return new Fault({ code: 'SIGNATURE', message })
}
