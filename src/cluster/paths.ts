import type { ListOptions, Resource } from '../object/index.ts'

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | undefined>>

/** Where a resource's collection, or one object of it, lives. */
export function resourcePath(
  resource: Resource,
  at: { readonly namespace?: string; readonly name?: string; readonly subresource?: string },
): string {
  const root = resource.group === '' ? '/api' : `/apis/${encodeURIComponent(resource.group)}`
  const parts = [`${root}/${encodeURIComponent(resource.version)}`]
  if (resource.namespaced && at.namespace !== undefined && at.namespace !== '')
    parts.push('namespaces', encodeURIComponent(at.namespace))
  parts.push(encodeURIComponent(resource.plural))
  if (at.name !== undefined) parts.push(encodeURIComponent(at.name))
  if (at.subresource !== undefined) parts.push(encodeURIComponent(at.subresource))
  return parts.join('/')
}

/** A path with its query. */
export function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

/** The selectors of a list or watch as query parameters. */
export function selectorQuery(options: ListOptions): Query {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
}

/** `plural.group`, as Kubernetes names a resource in messages. */
export function resourceText(resource: Resource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}
