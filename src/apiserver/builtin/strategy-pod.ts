import type { JsonObject, KubeObject } from '../../object/index.ts'
import { at, items, text } from './check.ts'

/** By way of a part a pod takes nothing but what the part is about; the rest stays as it was. */
export function podPart(next: KubeObject, old: KubeObject, part: string): KubeObject {
  const [spec, before] = [specOf(next), specOf(old)]
  const kept = { ...next, ...(old['status'] === undefined ? {} : { status: old['status'] }) }
  if (part === 'ephemeralcontainers') {
    const { ephemeralContainers: _, ...rest } = before
    const given = spec['ephemeralContainers']
    const own = given === undefined ? {} : { ephemeralContainers: given }
    return { ...kept, spec: { ...rest, ...own } } as KubeObject
  }
  // Containers that come, go or move are refused later, and told as they came.
  const lists = ['containers', 'initContainers'] as const
  if (lists.some((key) => items(spec, key).length !== items(before, key).length)) return next
  const { resources: _, ...rest } = before
  const own = spec['resources'] === undefined ? {} : { resources: spec['resources'] }
  const resized = Object.fromEntries(
    lists
      .filter((key) => before[key] !== undefined)
      .map((key) => [key, sizes(items(spec, key), items(before, key))]),
  )
  return { ...kept, spec: { ...rest, ...own, ...resized } } as KubeObject
}

function specOf(object: KubeObject): JsonObject {
  return at(object as unknown as JsonObject, 'spec')
}

function sizes(next: readonly JsonObject[], old: readonly JsonObject[]): readonly JsonObject[] {
  if (next.some((each, i) => text(each, 'name') !== text(old[i], 'name'))) return next
  return old.map((each, i) => {
    const { resources: _, resizePolicy: __, ...rest } = each
    const { resources = {}, resizePolicy } = next[i] ?? {}
    return { ...rest, resources, ...(resizePolicy === undefined ? {} : { resizePolicy }) }
  })
}
