import type { MasterKey } from '../api/index.ts'
import { type GoRegex, goRegex } from '../base/index.ts'
import { decryptFault } from './faults.ts'
import type { TreeMap, TreeValue } from './tree.ts'

/** What a SOPS file says of itself. */
export interface Metadata {
  readonly groups: readonly (readonly MasterKey[])[]
  readonly shamirThreshold: number
  readonly mac: string
  /** RFC 3339 in UTC with whole seconds. */
  readonly lastModified: string
  readonly macOnlyEncrypted: boolean
  /** Says whether the value at a path of keys is encrypted; undefined when comments decide. */
  readonly isEncrypted: ((path: readonly string[]) => boolean) | undefined
}

const RULES = [
  'unencrypted_suffix',
  'encrypted_suffix',
  'unencrypted_regex',
  'encrypted_regex',
  'unencrypted_comment_regex',
  'encrypted_comment_regex',
] as const

/** Master keys of one file, all groups together. */
const MAX_KEYS = 500

/**
 * Reads the `sops` block of a file.
 * @throws Fault SOPS_FORMAT
 * @see getsops/sops v3.13 stores/metadata.go
 */
export function readMetadata(block: TreeMap): Metadata {
  const lastModified = text(block, 'lastmodified')
  if (Number.isNaN(Date.parse(lastModified)))
    throw decryptFault('SOPS_FORMAT', `parsing time ${JSON.stringify(lastModified)}: no RFC 3339`)
  const groups = list(block, 'key_groups').map((group) => keysOf(asMap(group)))
  const top = keysOf(block)
  const all = groups.length > 0 ? groups : top.length > 0 ? [top] : []
  if (all.flat().length > MAX_KEYS) throw decryptFault('SOPS_FORMAT', 'too many master keys')
  return {
    groups: all,
    shamirThreshold: Number(block.get('shamir_threshold') ?? 0),
    mac: text(block, 'mac'),
    lastModified,
    macOnlyEncrypted: /^(?:true|1)$/i.test(String(block.get('mac_only_encrypted') ?? '')),
    isEncrypted: ruleOf(block),
  }
}

function ruleOf(block: TreeMap): Metadata['isEncrypted'] {
  const given = RULES.filter((rule) => text(block, rule) !== '')
  if (given.length > 1)
    throw decryptFault(
      'SOPS_FORMAT',
      'Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    )
  const rule = given[0] ?? 'unencrypted_suffix'
  const value = text(block, rule) || '_unencrypted'
  switch (rule) {
    case 'unencrypted_suffix':
      return (path) => !path.some((key) => key.endsWith(value))
    case 'encrypted_suffix':
      return (path) => path.some((key) => key.endsWith(value))
    case 'unencrypted_regex':
      return (path) => !path.some((key) => matches(value, key))
    case 'encrypted_regex':
      return (path) => path.some((key) => matches(value, key))
    default:
      return undefined
  }
}

const compiled = new Map<string, GoRegex | undefined>()
const MAX_COMPILED = 200

/** A pattern that Go refuses matches nothing, as in SOPS. */
function matches(pattern: string, key: string): boolean {
  if (!compiled.has(pattern)) {
    if (compiled.size >= MAX_COMPILED) compiled.clear()
    compiled.set(pattern, tryCompile(pattern))
  }
  return compiled.get(pattern)?.matches(key) ?? false
}

function tryCompile(pattern: string): GoRegex | undefined {
  try {
    return goRegex(pattern)
  } catch {
    return undefined
  }
}

/** The keys of a group, in the order in which SOPS tries them: age and PGP first. */
function keysOf(group: TreeMap): MasterKey[] {
  const each = (field: string, make: (entry: TreeMap) => MasterKey): MasterKey[] =>
    list(group, field).map((entry) => make(asMap(entry)))
  return [
    ...each('age', (e) => ({ kind: 'age', recipient: text(e, 'recipient'), enc: text(e, 'enc') })),
    ...each('pgp', (e) => ({ kind: 'pgp', fingerprint: text(e, 'fp'), enc: text(e, 'enc') })),
    ...each('kms', awsKey),
    ...each('gcp_kms', (e) => ({
      kind: 'gcp_kms',
      resourceId: text(e, 'resource_id'),
      enc: text(e, 'enc'),
    })),
    ...each('hckms', (e) => ({ kind: 'hckms', keyId: text(e, 'key_id'), enc: text(e, 'enc') })),
    ...each('azure_kv', (e) => ({
      kind: 'azure_kv',
      vaultUrl: text(e, 'vault_url'),
      name: text(e, 'name'),
      version: text(e, 'version'),
      enc: text(e, 'enc'),
    })),
    ...each('hc_vault', (e) => ({
      kind: 'hc_vault',
      address: text(e, 'vault_address'),
      enginePath: text(e, 'engine_path'),
      keyName: text(e, 'key_name'),
      enc: text(e, 'enc'),
    })),
  ]
}

function awsKey(entry: TreeMap): MasterKey {
  const context = entry.get('context')
  const pairs = context instanceof Map ? [...context.entries()] : []
  const role = text(entry, 'role')
  const profile = text(entry, 'aws_profile')
  return {
    kind: 'kms',
    arn: text(entry, 'arn'),
    enc: text(entry, 'enc'),
    ...(role === '' ? {} : { role }),
    ...(profile === '' ? {} : { profile }),
    ...(pairs.length === 0
      ? {}
      : { context: Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])) }),
  }
}

function list(map: TreeMap, field: string): TreeValue[] {
  const value = map.get(field)
  return Array.isArray(value) ? value : []
}

function asMap(value: TreeValue): TreeMap {
  return value instanceof Map ? value : new Map()
}

function text(map: TreeMap, field: string): string {
  const value = map.get(field)
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}
