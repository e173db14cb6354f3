import { Buffer } from 'node:buffer'
import { isObject, type Json } from '../object/index.ts'
import { ADMIN } from './auth/authenticate.ts'
import type { Core } from './core.ts'
import { createAuthority, issue, type KeyPair } from './tls/index.ts'

/** What makes clients and a server believe each other. */
export interface Secured {
  /** The certificate of the authority that both sides believe, as PEM. */
  readonly authority: string
  readonly server: KeyPair
  /** The credentials of an administrator. */
  readonly admin: KeyPair
}

/**
 * Where keys are kept when objects are: with them, in a table that is not served, so that tokens and
 * kubeconfigs outlive the process.
 */
export const KEYS = 'keys.tidegate.dev'

/** Bytes that the key comes from which tokens of service accounts are signed with. */
const SEED_BYTES = 32

/**
 * That of the key which tokens of service accounts are signed with: as kept, else as given, else made
 * of the random source at hand, so that the same run gives the same tokens.
 */
export function signingSeed(
  core: Core,
  { given, isKept }: { readonly given: Buffer | undefined; readonly isKept: boolean },
): Buffer {
  const text = kept(core, 'serviceaccounts')
  if (typeof text === 'string') return Buffer.from(text, 'base64')
  const bytes = Array.from({ length: SEED_BYTES }, () => Math.floor(core.random.next() * 256))
  const seed = given ?? Buffer.from(bytes)
  if (isKept) keep(core, 'serviceaccounts', seed.toString('base64'))
  return seed
}

/** What TLS needs, for a server with these names and addresses. */
export function secure(core: Core, hosts: readonly string[]): Secured {
  const now = core.clock.now()
  const found = authorityOf(core)
  const authority = found ?? createAuthority('tidegate-ca', now)
  if (found === undefined) keep(core, 'authority', { ...authority })
  const { name, groups } = ADMIN
  return {
    authority: authority.certificate,
    server: issue(authority, { use: 'server', name: 'kube-apiserver', hosts }, now),
    admin: issue(
      authority,
      { use: 'client', name, groups: groups.filter((each) => each !== 'system:authenticated') },
      now,
    ),
  }
}

/** The authority that clients of this server believe; undefined for one without TLS. */
export function authorityOf(core: Pick<Core, 'store'>): KeyPair | undefined {
  const found = kept(core, 'authority')
  return isKeyPair(found) ? found : undefined
}

function kept(core: Pick<Core, 'store'>, name: string): Json | undefined {
  return core.store.get(KEYS, name)?.['data'] as Json | undefined
}

function keep(core: Core, name: string, data: Json): void {
  core.store.put(KEYS, name, {
    apiVersion: 'tidegate.dev/v1',
    kind: 'Key',
    metadata: { name },
    data,
  })
}

function isKeyPair(value: Json | undefined): value is Json & KeyPair {
  return (
    isObject(value) && typeof value['certificate'] === 'string' && typeof value['key'] === 'string'
  )
}
