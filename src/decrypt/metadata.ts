import type { MasterKey } from '../api/index.ts'
import { type GoRegex, goRegex } from '../base/index.ts'
import { decryptFault } from './faults.ts'
import { wholeSeconds } from './moment.ts'
import type { TreeMap } from './tree.ts'
import { weakCount, weakFlag, weakMaps, weakPairs, weakText } from './weak.ts'

/** What a SOPS file says of itself. */
export interface Metadata {
  readonly groups: readonly (readonly MasterKey[])[]
  readonly shamirThreshold: number
  readonly mac: string
  /** RFC 3339 with whole seconds, as Go writes it. */
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
  const lastModified = timeOf(weakText(block, 'lastmodified'))
  const mac = weakText(block, 'mac')
  weakText(block, 'version')
  const shamirThreshold = weakCount(block, 'shamir_threshold')
  const macOnlyEncrypted = weakFlag(block, 'mac_only_encrypted')
  const groups = weakMaps(block, 'key_groups').map(keysOf)
  const top = keysOf(block)
  const all = top.length > 0 ? [top] : groups
  if (all.length === 0) throw decryptFault('SOPS_FORMAT', 'No keys found in file')
  if (all.flat().length > MAX_KEYS) throw decryptFault('SOPS_FORMAT', 'too many master keys')
  const isEncrypted = ruleOf(block)
  return { groups: all, shamirThreshold, mac, lastModified, macOnlyEncrypted, isEncrypted }
}

function timeOf(text: string): string {
  const known = wholeSeconds(text)
  if (known !== undefined) return known
  throw decryptFault('SOPS_FORMAT', `parsing time ${JSON.stringify(text)}: no RFC 3339`)
}

function ruleOf(block: TreeMap): Metadata['isEncrypted'] {
  const given = RULES.filter((rule) => weakText(block, rule) !== '')
  if (given.length > 1)
    throw decryptFault(
      'SOPS_FORMAT',
      'Cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    )
  const rule = given[0] ?? 'unencrypted_suffix'
  const value = weakText(block, rule) || '_unencrypted'
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
    weakMaps(group, field).map(make)
  return [
    ...each('age', (e) => ({
      kind: 'age',
      recipient: weakText(e, 'recipient'),
      enc: weakText(e, 'enc'),
    })),
    ...each('pgp', (e) => dated(e, { kind: 'pgp', fingerprint: weakText(e, 'fp'), ...encOf(e) })),
    ...each('kms', awsKey),
    ...each('gcp_kms', (e) =>
      dated(e, { kind: 'gcp_kms', resourceId: weakText(e, 'resource_id'), ...encOf(e) }),
    ),
    ...each('hckms', huaweiKey),
    ...each('azure_kv', (e) =>
      dated(e, {
        kind: 'azure_kv',
        vaultUrl: weakText(e, 'vault_url'),
        name: weakText(e, 'name'),
        version: weakText(e, 'version'),
        ...encOf(e),
      }),
    ),
    ...each('hc_vault', (e) =>
      dated(e, {
        kind: 'hc_vault',
        address: weakText(e, 'vault_address'),
        enginePath: weakText(e, 'engine_path'),
        keyName: weakText(e, 'key_name'),
        ...encOf(e),
      }),
    ),
  ]
}

function encOf(entry: TreeMap): { readonly enc: string } {
  return { enc: weakText(entry, 'enc') }
}

/** All keys but those of age say when they were made, and SOPS takes no other. */
function dated(entry: TreeMap, key: MasterKey): MasterKey {
  timeOf(weakText(entry, 'created_at'))
  return key
}

function huaweiKey(entry: TreeMap): MasterKey {
  const keyId = weakText(entry, 'key_id')
  const [region = '', uuid = ''] = keyId.split(/:(.*)/s).map((part) => part.trim())
  if (region === '' || uuid === '')
    throw decryptFault('SOPS_FORMAT', "invalid key ID format: expected 'region:key-uuid'")
  return dated(entry, { kind: 'hckms', keyId, ...encOf(entry) })
}

function awsKey(entry: TreeMap): MasterKey {
  const context = weakPairs(entry, 'context')
  const role = weakText(entry, 'role')
  const profile = weakText(entry, 'aws_profile')
  return dated(entry, {
    kind: 'kms',
    arn: weakText(entry, 'arn'),
    ...encOf(entry),
    ...(role === '' ? {} : { role }),
    ...(profile === '' ? {} : { profile }),
    ...(Object.keys(context).length === 0 ? {} : { context }),
  })
}
