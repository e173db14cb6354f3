import { createHash, createHmac } from 'node:crypto'

/** One field that a write changed. Values of Secrets are hashes, other values are cut short. */
export interface ChangedField {
  /** `spec.replicas`, `data.password`. */
  readonly path: string
  readonly from?: string
  readonly to?: string
}

/** One write or deletion of one object in a cluster, and on whose behalf. */
export interface AuditChange {
  /** The controller that wrote, as a field manager, and the machine that it runs on. */
  readonly actor: string
  /** Whom it acted as: `system:serviceaccount:<namespace>:<name>`; `''` with its own rights. */
  readonly serviceAccount: string
  /** Address of the cluster, where it is another one than the controller's; `''` else. */
  readonly cluster: string
  /** `namespace/name`. */
  readonly kustomization: string
  readonly revision: string
  /** Of the commit, where the source is a Git repository of this process; `''` where unknown. */
  readonly commitAuthor: string
  readonly commitSubject: string
  /** `Kind/namespace/name`, with the group behind the kind where there is one: `Kind.group`. */
  readonly object: string
  readonly action: 'created' | 'configured' | 'recreated' | 'deleted'
  readonly fields: readonly ChangedField[]
  /** Fields that changed beyond those that are listed. */
  readonly moreFields?: number
}

/** Takes changes, in the order in which they were made. Never throws. */
export interface Audit {
  record(change: AuditChange): void
  /** What stands for a secret value: equal values have equal ones, and it leads back to none. */
  digest(value: string): string
}

/** The first `previous` of a trail. */
export const AUDIT_START: string = '0'.repeat(64)

const HASH_TAIL = /,"hash":"([0-9a-f]{64})"\}$/

/**
 * A record as one line of a trail: it names the hash of the line before it and ends with its own, so
 * that no line can be changed, left out or put in without breaking the chain. With a key, nobody
 * without it can forge a chain.
 */
export function auditLine(
  body: Readonly<Record<string, unknown>>,
  chain: { readonly previous: string; readonly key?: string },
): { readonly line: string; readonly hash: string } {
  const text = JSON.stringify({ ...body, previous: chain.previous })
  const hash = hashOf(text, chain.key)
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}`, hash }
}

/** What a line of a trail says of itself. */
export interface AuditLink {
  readonly previous: string
  readonly hash: string
  /** Its hash is that of its text. */
  readonly isIntact: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/** Reads a line; undefined for one that is none: cut short, or something else. */
export function readAuditLine(line: string, key?: string): AuditLink | undefined {
  const hash = HASH_TAIL.exec(line)?.[1]
  if (hash === undefined) return undefined
  const text = `${line.replace(HASH_TAIL, '')}}`
  try {
    const body = JSON.parse(text) as Readonly<Record<string, unknown>>
    const { previous } = body
    if (typeof previous !== 'string') return undefined
    return { previous, hash, isIntact: hashOf(text, key) === hash, body }
  } catch {
    return undefined
  }
}

function hashOf(text: string, key: string | undefined): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key)
  return hash.update(text).digest('hex')
}
