import type { Signed } from '../../api/index.ts'
import { Fault } from '../../base/index.ts'
import { verifySshSignature } from './ssh-signature.ts'

/** The public keys that a signature is checked with. */
export interface TrustedKeys {
  /** Armored PGP key rings. */
  readonly pgp: readonly string[]
  /** SSH public keys, as in an authorized_keys file. */
  readonly ssh: readonly string[]
}

/**
 * Checks the signature of a commit or tag; answers the id of the key that made it.
 * @throws Fault SIGNATURE
 * @see fluxcd/pkg git/signature (v0.52)
 */
export async function verifySignature(
  signed: Signed & { readonly what: 'commit' | 'tag' },
  keys: TrustedKeys,
  nowMs: number,
): Promise<string> {
  const kind = kindOf(signed.signature)
  if (kind === 'pgp')
    return within(`unable to verify Git ${signed.what}`, async () => {
      // Loaded when the first signature is checked: most controllers never check one.
      const { verifyPgpSignature } = await import('../../decrypt/index.ts')
      return verifyPgpSignature({ ...signed, keyRings: keys.pgp, nowMs })
    })
  if (kind !== 'ssh') throw refuse(`unsupported signature type: ${kind}`)
  if (keys.ssh.length === 0)
    throw refuse(
      'SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)',
    )
  return within(`unable to verify Git ${signed.what} SSH signature`, () =>
    verifySshSignature(signed, keys.ssh),
  )
}

function kindOf(signature: string): 'pgp' | 'ssh' | 'x509' | 'empty' | 'unknown' {
  const text = signature.trimStart()
  if (text === '') return 'empty'
  if (/^-----BEGIN PGP (SIGNATURE|MESSAGE)-----/.test(text)) return 'pgp'
  if (text.startsWith('-----BEGIN SSH SIGNATURE-----')) return 'ssh'
  return text.startsWith('-----BEGIN SIGNED MESSAGE-----') ? 'x509' : 'unknown'
}

async function within(prefix: string, check: () => string | Promise<string>): Promise<string> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw refuse(`${prefix}: ${error.message}`)
  }
}

function refuse(message: string): Fault {
  return new Fault({ code: 'SIGNATURE', message })
}
