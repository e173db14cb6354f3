import { createHash, type Hash } from 'node:crypto'
import { isFault } from '../base/index.ts'
import { isSealed, openValue } from './cipher.ts'
import { decryptFault } from './faults.ts'
import type { Metadata } from './metadata.ts'
import { Comment, leafBytes, type TreeMap, type TreeValue } from './tree.ts'

/** Where a MAC over encrypted values alone begins, so that it differs from one over all. */
const ENCRYPTED_ONLY = createHash('sha256').update('sops').digest()

/** A tree in plain text, and the MAC of it. */
export interface Opened {
  readonly branches: readonly TreeMap[]
  /** 128 hex digits in capitals. */
  readonly mac: string
}

interface Walk {
  readonly metadata: Metadata
  readonly dataKey: Uint8Array
  readonly hash: Hash
  /** Told of each value that was decrypted: its text in the file, and what it is. */
  readonly onOpen: (sealed: string, value: TreeValue) => void
}

/**
 * Decrypts all values of a file.
 * @throws Fault SOPS_VALUE, SOPS_FORMAT
 * @see getsops/sops v3.13 sops.go Tree.Decrypt
 */
export function openTree(
  branches: readonly TreeMap[],
  { metadata, dataKey }: { readonly metadata: Metadata; readonly dataKey: Uint8Array },
  onOpen: Walk['onOpen'] = () => undefined,
): Opened {
  const hash = createHash('sha512')
  if (metadata.macOnlyEncrypted) hash.update(ENCRYPTED_ONLY)
  const walk: Walk = { metadata, dataKey, hash, onOpen }
  try {
    const opened = branches.map((branch) => openMap(branch, [], walk))
    return { branches: opened, mac: hash.digest('hex').toUpperCase() }
  } catch (error) {
    if (!isFault(error, 'SOPS_VALUE')) throw error
    throw decryptFault(
      'SOPS_VALUE',
      `error decrypting sops tree: Error walking tree: ${error.message}`,
    )
  }
}

/** The MAC that the file holds. */
export function storedMac(metadata: Metadata, dataKey: Uint8Array): string {
  const value = openValue(metadata.mac, dataKey, metadata.lastModified)
  return typeof value === 'string' ? value : ''
}

function openMap(map: TreeMap, path: readonly string[], walk: Walk): TreeMap {
  const out: TreeMap = new Map()
  for (const [key, value] of map) out.set(key, openAny(value, [...path, key], walk))
  return out
}

function openAny(value: TreeValue, path: readonly string[], walk: Walk): TreeValue {
  if (value === null) return null
  if (value instanceof Map) return openMap(value, path, walk)
  if (Array.isArray(value)) return value.map((item) => openAny(item, path, walk))
  const encrypted =
    walk.metadata.isEncrypted?.(path) ?? (typeof value === 'string' && isSealed(value))
  const plain = encrypted ? openLeaf(value, path, walk) : value
  if ((encrypted || !walk.metadata.macOnlyEncrypted) && !(plain instanceof Comment))
    walk.hash.update(leafBytes(plain as Exclude<TreeValue, TreeMap | TreeValue[]>))
  return plain
}

function openLeaf(value: TreeValue, path: readonly string[], walk: Walk): TreeValue {
  if (typeof value !== 'string')
    throw decryptFault(
      'SOPS_VALUE',
      `Expected encrypted value as string, but got ${typeof value === 'bigint' ? 'int' : typeof value}`,
    )
  try {
    const plain = openValue(value, walk.dataKey, `${path.join(':')}:`)
    if (value !== '') walk.onOpen(value, plain)
    return plain
  } catch (error) {
    if (!isFault(error, 'SOPS_VALUE')) throw error
    throw decryptFault('SOPS_VALUE', `Could not decrypt value: ${error.message}`)
  }
}
