import type { KustomizationSpec, Selector } from '../api/index.ts'
import { Fault, goRegex } from '../base/index.ts'
import {
  gvkOf,
  type Json,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  parseSelector,
  sameJson,
  valueAt,
} from '../object/index.ts'
import { FIELD_MANAGER } from './managers.ts'

/** Codes of faults in `spec.ignore`. */
export type IgnoreCode = 'IGNORE_RULE'

/** Answers the JSON pointers whose differences do not count for an object. */
export type IgnoreRules = (object: KubeObject) => readonly string[]

/**
 * Compiles `spec.ignore`. A rule without target is for all objects; the parts of a target are
 * regular expressions that must match the whole.
 * @throws Fault IGNORE_RULE for a target that is no regular expression or selector
 * @see fluxcd/pkg ssa/jsondiff (v0.76.1)
 */
export function compileIgnore(rules: KustomizationSpec['ignore'] = []): IgnoreRules {
  const compiled = rules.map(({ paths, target }) => ({ paths, selects: compileTarget(target) }))
  return (object) => compiled.flatMap(({ paths, selects }) => (selects(object) ? paths : []))
}

function compileTarget(target: Selector | undefined): (object: KubeObject) => boolean {
  if (target === undefined) return () => true
  const part = (name: 'group' | 'version' | 'kind' | 'name' | 'namespace') => {
    const text = target[name]
    if (text === undefined || text === '') return () => true
    return matcher(name, text)
  }
  const [group, version, kind, name, namespace] = [
    part('group'),
    part('version'),
    part('kind'),
    part('name'),
    part('namespace'),
  ]
  const labels = parseSelector(target.labelSelector ?? '')
  const annotations = parseSelector(target.annotationSelector ?? '')
  return (object) => {
    const gvk = gvkOf(object)
    return (
      group(gvk.group) &&
      version(gvk.version) &&
      kind(gvk.kind) &&
      name(object.metadata.name ?? '') &&
      namespace(object.metadata.namespace ?? '') &&
      labels(object.metadata.labels) &&
      annotations(object.metadata.annotations)
    )
  }
}

function matcher(part: string, text: string): (value: string) => boolean {
  try {
    const regex = goRegex(`^(?:${text.replace(/^\^/, '').replace(/\$$/, '')})$`)
    return (value) => regex.matches(value)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new Fault<IgnoreCode>({
      code: 'IGNORE_RULE',
      message: `invalid ${part} regex: ${detail}`,
      cause,
    })
  }
}

/** An object without what lies at the given JSON pointers. */
export function withoutPointers(object: KubeObject, pointers: readonly string[]): KubeObject {
  return pointers.reduce<Json>(
    (value, pointer) => edit(value, segments(pointer), undefined),
    object as unknown as Json,
  ) as unknown as KubeObject
}

/**
 * What is sent when an object is applied for another reason than its ignored fields: an ignored
 * field that differs is left out where another applier owns it, else it keeps its live value.
 */
export function keepIgnored(
  desired: KubeObject,
  seen: { readonly live: KubeObject; readonly dryRun: KubeObject },
  pointers: readonly string[],
): KubeObject {
  let out = desired as unknown as Json
  for (const pointer of pointers) {
    const path = segments(pointer)
    const live = lookup(seen.live, path)
    if (sameJson(live, lookup(seen.dryRun, path))) continue
    out = edit(out, path, isAppliedByOthers(seen.live, path) ? undefined : live)
  }
  return out as unknown as KubeObject
}

function segments(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function lookup(object: KubeObject, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, step) => (Array.isArray(value) ? valueAt(value, Number(step)) : valueAt(value, step)),
    object as unknown as Json,
  )
}

/** Puts a value at a path where its parent exists; undefined takes away what is there. */
function edit(value: Json, path: readonly string[], to: Json | undefined): Json {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (Array.isArray(value)) {
    const index = Number(step)
    const item = value[index] as Json | undefined
    if (item === undefined) return value
    if (rest.length > 0) return value.with(index, edit(item, rest, to))
    return to === undefined ? value.toSpliced(index, 1) : value.with(index, to)
  }
  if (typeof value !== 'object' || value === null) return value
  const object = value as JsonObject
  if (rest.length === 0) {
    const { [step]: _, ...others } = object
    return to === undefined ? others : { ...object, [step]: to }
  }
  const child = object[step]
  return child === undefined ? value : { ...object, [step]: edit(child, rest, to) }
}

function isAppliedByOthers(live: KubeObject, path: readonly string[]): boolean {
  const entries = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.operation === 'Apply' && (entry.subresource ?? '') === '',
  )
  return entries.some((entry) => entry.manager !== FIELD_MANAGER && owns(entry, live, path))
}

function owns(entry: ManagedFieldsEntry, live: KubeObject, path: readonly string[]): boolean {
  let node: Json | undefined = entry.fieldsV1
  let value: Json | undefined = live as unknown as Json
  for (const step of path) {
    const item: Json | undefined = Array.isArray(value)
      ? valueAt(value, Number(step))
      : valueAt(value, step)
    node = Array.isArray(value) ? itemNode(node, item) : valueAt(node, `f:${step}`)
    if (node === undefined) return false
    value = item
  }
  return true
}

/** The node of a field set that names a list's item by its keys. */
function itemNode(node: Json | undefined, item: Json | undefined): Json | undefined {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return undefined
  for (const [key, child] of Object.entries(node as JsonObject)) {
    if (!key.startsWith('k:')) continue
    const keys = JSON.parse(key.slice(2)) as JsonObject
    if (Object.entries(keys).every(([name, wanted]) => sameJson(valueAt(item, name), wanted)))
      return child
  }
  return undefined
}
