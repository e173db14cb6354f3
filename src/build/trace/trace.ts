import type { FileTree } from '../../base/index.ts'
import { isObject, type Json, type KubeObject } from '../../object/index.ts'
import { buildWith } from '../build.ts'
import type { BuildOptions, Built, RemoteBase } from '../types.ts'
import type { Shadow } from './shadow.ts'
import { FieldTracer } from './tracer.ts'
import type { Change } from './types.ts'

/** Who made a field of an object what it is. */
export interface FieldTrace {
  readonly object: KubeObject
  /** Names of fields, indexes of items. */
  readonly path: readonly string[]
  /** Undefined where the object has no such field: the changes are those of what is above it. */
  readonly value: Json | undefined
  /** What made it so, the oldest first: the last one has the say. Never empty. */
  readonly changes: readonly Change[]
}

/** A build that can be asked who wrote what. */
export interface TracedBuild {
  readonly built: Built
  /** The trace of a field: `spec.replicas`, `spec.containers[0].image`, `metadata.labels[a/b]`. */
  trace(object: KubeObject, field: string): FieldTrace | undefined
}

/**
 * Builds as `build` does, and follows who writes what in objects of some kinds (of all, unless they
 * are given). It takes a few times as long, for as long as somebody asks; the bytes are the same.
 * @throws Fault BUILD
 */
export function traceBuild(
  tree: FileTree,
  path: string,
  options: BuildOptions = {},
  kinds?: readonly string[],
): TracedBuild | { readonly missing: readonly RemoteBase[] } {
  const tracer = new FieldTracer(tree, kinds === undefined ? undefined : new Set(kinds))
  const built = buildWith(tree, path, { options, tracer })
  if ('missing' in built) return built
  return {
    built,
    trace: (object, field) => {
      const shadow = tracer.shadowOf(built.objects.indexOf(object))
      return shadow === undefined ? undefined : traceIn(object, shadow, splitField(field))
    },
  }
}

function traceIn(object: KubeObject, root: Shadow, parts: readonly string[]): FieldTrace {
  const path: string[] = []
  let shadow = root
  let value: Json | undefined = object as unknown as Json
  for (const part of parts) {
    const next = stepInto(shadow, value, part)
    if (next === undefined)
      return { object, path: [...path, part], value: undefined, changes: shadow.changes }
    path.push(next.name)
    shadow = next.shadow
    value = next.value
  }
  return { object, path, value, changes: latest(shadow) }
}

/** Of a whole map or list, the changes are those of its own making and of all that is below it. */
function latest(shadow: Shadow): readonly Change[] {
  const below = [...shadow.fields.values(), ...shadow.items].flatMap(latest)
  return [...new Map([...shadow.changes, ...below].map((each) => [keyOf(each), each])).values()]
}

function keyOf({ step, file, line, layers }: Change): string {
  return JSON.stringify([step, file, line, layers])
}

function stepInto(
  shadow: Shadow,
  value: Json | undefined,
  part: string,
): { name: string; shadow: Shadow; value: Json | undefined } | undefined {
  const field = shadow.fields.get(part)
  if (field !== undefined)
    return { name: part, shadow: field, value: isObject(value) ? value[part] : undefined }
  const equals = part.indexOf('=')
  const index =
    equals > 0
      ? shadow.items.findIndex(
          (item) => item.fields.get(part.slice(0, equals))?.text === part.slice(equals + 1),
        )
      : /^\d+$/.test(part)
        ? Number(part)
        : -1
  const item = shadow.items[index]
  if (item === undefined) return undefined
  const inner = Array.isArray(value) ? (value[index] as Json | undefined) : undefined
  return { name: String(index), shadow: item, value: inner }
}

/**
 * Splits a field as people and API servers write it: names between dots; indexes, `[name=value]` and
 * names with dots in them between brackets, with or without quotes.
 */
export function splitField(field: string): string[] {
  const parts: string[] = []
  for (const match of field.matchAll(/\[("(?:[^"\\]|\\.)*"|[^\]]*)\]|([^.[\]]+)/g)) {
    const [, inside, plain] = match
    if (inside === undefined) parts.push(plain ?? '')
    else parts.push(inside.startsWith('"') ? (JSON.parse(inside) as string) : inside)
  }
  return parts
}
