import {
  isObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
} from '../../object/index.ts'
import type { SchemaType } from '../../schema/index.ts'
import { compareTyped } from './compare.ts'
import { difference, emptySet, type FieldSet } from './field-set.ts'
import type { PathElement } from './path-element.ts'
import { fieldSetOf } from './to-set.ts'
import type { Conflict } from './updater.ts'
import { typeProblems } from './validate.ts'

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * The conflicts that remain when kubectl goes over from client-side to server-side apply: what its
 * annotation says that it set, and still is so, is its own.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/lastappliedmanager.go (v0.36.3)
 */
export function lastAppliedConflicts(
  conflicts: readonly Conflict[],
  live: KubeObject,
  type: SchemaType,
): readonly Conflict[] {
  const allowed = allowedSet(live, type)
  return allowed === undefined ? conflicts : conflicts.filter(({ path }) => !has(allowed, path))
}

function allowedSet(live: KubeObject, type: SchemaType): FieldSet | undefined {
  const object = live as unknown as JsonObject
  const text = stringAt(object, 'metadata', 'annotations', ANNOTATION)
  if (text === undefined || text === '') return undefined
  const applied = parsed(text)
  if (!isObject(applied) || applied['apiVersion'] !== live.apiVersion) return undefined
  if (typeProblems(applied, type, { allowDuplicates: false }).length > 0) return undefined
  const { modified, added, removed } = compareTyped(applied, object, type)
  return [modified, added, removed].reduce(difference, fieldSetOf(applied, type))
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return null
  }
}

function has(set: FieldSet, path: readonly PathElement[]): boolean {
  let at = set
  for (const element of path.slice(0, -1)) at = at.children.get(element) ?? emptySet
  return at.members.has(path.at(-1) ?? '')
}

const MAX_ANNOTATIONS = 256 * 1024

/**
 * Keeps the annotation of client-side apply true after a server-side apply by kubectl.
 * @see k8s.io/apimachinery pkg/util/managedfields/internal/lastappliedupdater.go (v0.36.3)
 */
export function syncLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const annotations = object.metadata.annotations
  if (!annotations?.[ANNOTATION]) return object
  const { [ANNOTATION]: _, ...own } = applied.metadata.annotations ?? {}
  const { annotations: __, ...metadata } = applied.metadata
  const bare = {
    ...applied,
    metadata: Object.keys(own).length === 0 ? metadata : { ...metadata, annotations: own },
  }
  const text = `${JSON.stringify(sorted(bare as unknown as Json))}\n`
  const { [ANNOTATION]: ___, ...others } = annotations
  const fits =
    Object.entries({ ...others, [ANNOTATION]: text }).reduce(
      (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
      0,
    ) <= MAX_ANNOTATIONS
  const next = fits ? { ...others, [ANNOTATION]: text } : others
  return { ...object, metadata: { ...object.metadata, annotations: next } }
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as Json[]).map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  )
}
