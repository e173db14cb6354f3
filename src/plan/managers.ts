import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
} from '../object/index.ts'

/** The field manager of every apply; the flux CLI's diff relies on the name. */
export const FIELD_MANAGER = 'kustomize-controller'

const ANNOTATIONS: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kustomize.toolkit.fluxcd.io/checksum',
  'fluxcd.io/sync-checksum',
]
const LABELS: readonly string[] = ['fluxcd.io/sync-gc-mark']

interface ManagerRule {
  /** Beginning of the manager's name. */
  readonly prefix: string
  readonly operation: 'Apply' | 'Update'
}

const RULES: readonly ManagerRule[] = [
  { prefix: 'kubectl', operation: 'Apply' },
  { prefix: 'kubectl', operation: 'Update' },
  { prefix: 'before-first-apply', operation: 'Update' },
  { prefix: FIELD_MANAGER, operation: 'Update' },
]

/**
 * The JSON patch that makes the fields of disallowed managers ours, so that the next apply removes
 * what is not desired; empty when there is nothing to clean. `overridden` are the names given with
 * `--override-manager`.
 * @see fluxcd/pkg ssa/patch.go PatchReplaceFieldsManagers (v0.76.1)
 */
export function cleanupPatch(live: KubeObject, overridden: readonly string[]): readonly Json[] {
  const remove = (part: 'annotations' | 'labels', keys: readonly string[]): Json[] =>
    keys
      .filter((key) => live.metadata[part]?.[key] !== undefined)
      .map((key) => ({ op: 'remove', path: `/metadata/${part}/${key.replaceAll('/', '~1')}` }))
  const entries = adoptManagers(live.metadata.managedFields ?? [], overridden)
  return [
    ...remove('annotations', ANNOTATIONS),
    ...remove('labels', LABELS),
    ...(entries === undefined ? [] : [replaceEntries(entries)]),
  ]
}

/** The JSON patch that rewrites the version of every managed field entry; empty when all have it. */
export function migrationPatch(live: KubeObject, apiVersion: string): readonly Json[] {
  const entries = live.metadata.managedFields ?? []
  if (entries.every((entry) => entry.apiVersion === apiVersion)) return []
  return [replaceEntries(entries.map((entry) => ({ ...entry, apiVersion })))]
}

function replaceEntries(entries: readonly ManagedFieldsEntry[]): Json {
  return { op: 'replace', path: '/metadata/managedFields', value: entries as unknown as Json }
}

function adoptManagers(
  entries: readonly ManagedFieldsEntry[],
  overridden: readonly string[],
): readonly ManagedFieldsEntry[] | undefined {
  const rules = [
    ...RULES,
    ...overridden.flatMap((prefix): ManagerRule[] => [
      { prefix, operation: 'Apply' },
      { prefix, operation: 'Update' },
    ]),
  ]
  const isOurs = (entry: ManagedFieldsEntry): boolean =>
    entry.manager === FIELD_MANAGER && entry.operation === 'Apply'
  let ours = entries.findLast(isOurs)
  const before = ours
  let isEdited = false
  const kept = entries.filter((entry) => {
    if (entry === before) return false
    if (!rules.some((rule) => matches(entry, rule))) return true
    ours =
      ours === undefined
        ? { ...entry, manager: FIELD_MANAGER, operation: 'Apply' }
        : { ...ours, fieldsV1: uniteFields(ours.fieldsV1 ?? {}, entry.fieldsV1 ?? {}) }
    isEdited = true
    return false
  })
  return isEdited && ours !== undefined ? [...kept, ours] : undefined
}

const REQUEST_FIELD = 'f:reconcile.fluxcd.io/'

/** Says whether an entry is of a manager whose fields become ours by default. */
export function isCleanedManager(entry: ManagedFieldsEntry): boolean {
  return RULES.some((rule) => matches(entry, rule))
}

/**
 * Says whether all that an entry holds are annotations by which somebody asks for a run, as
 * `kubectl annotate` leaves them. They are no drift: who is asked has to see them first.
 */
export function isRequestOnly({ fieldsV1 = {} }: ManagedFieldsEntry): boolean {
  const metadata = fieldsV1['f:metadata']
  const annotations = isObject(metadata) ? metadata['f:annotations'] : undefined
  if (!isObject(metadata) || !isObject(annotations)) return false
  return (
    Object.keys(fieldsV1).length === 1 &&
    Object.keys(metadata).length === 1 &&
    Object.keys(annotations).every((key) => key === '.' || key.startsWith(REQUEST_FIELD))
  )
}

function matches(entry: ManagedFieldsEntry, rule: ManagerRule): boolean {
  return (
    entry.operation === rule.operation &&
    (entry.subresource ?? '') === '' &&
    (entry.manager ?? '').startsWith(rule.prefix)
  )
}

/** The union of two field sets. An empty node is a member itself; `.` says so of one with children. */
export function uniteFields(a: JsonObject, b: JsonObject): JsonObject {
  if (Object.keys(a).length === 0) return Object.keys(b).length === 0 ? {} : { '.': {}, ...b }
  if (Object.keys(b).length === 0) return { '.': {}, ...a }
  const out: Record<string, Json | undefined> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const here = out[key]
    out[key] = isObject(here) && isObject(value) ? uniteFields(here, value) : value
  }
  return out
}
