import type { Json } from '../../object/index.ts'
import { goDump } from './go-print.ts'

/** Letters and digits that spell no words. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * The hash of a pod template, after which its ReplicaSet or the revision of a DaemonSet is called.
 * @see kubernetes pkg/controller/controller_utils.go ComputeHash (v1.36.3)
 */
export function templateHash(template: Json, collisions?: number): string {
  const text = goDump(template, 'v1.PodTemplateSpec')
  const count = Buffer.alloc(collisions === undefined ? 0 : 8)
  if (collisions !== undefined) count.writeUInt32LE(collisions)
  return spelled(fnv1a(Buffer.concat([Buffer.from(text), count])))
}

/**
 * The hash of a text, after which the revision of a StatefulSet is called.
 * @see kubernetes pkg/controller/history/controller_history.go HashControllerRevision (v1.36.3)
 */
export function textHash(text: string): string {
  return spelled(fnv1(Buffer.from(text)))
}

const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

function fnv1(bytes: Uint8Array): number {
  let hash = OFFSET
  for (const byte of bytes) hash = (Math.imul(hash, PRIME) ^ byte) >>> 0
  return hash
}

function fnv1a(bytes: Uint8Array): number {
  let hash = OFFSET
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME) >>> 0
  return hash
}

function spelled(hash: number): string {
  return Array.from(
    String(hash),
    (digit) => LETTERS[digit.charCodeAt(0) % LETTERS.length] ?? '',
  ).join('')
}
