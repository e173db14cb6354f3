import { type GoRegex, goRegex, messageOf } from '../../base/index.ts'
import { type LabelMatcher, parseSelector } from '../../object/index.ts'
import { fail } from '../fault.ts'
import type { SelectorSpec } from '../load/kustomization.ts'
import { type BuildGvk, effectiveNamespace, type ResId } from './ids.ts'
import { fieldText, metaMap, metaText } from './node.ts'
import type { ResMap } from './res-map.ts'
import { currentId, gvkOfNode, originalId, type Resource } from './resource.ts'

/** A selector, compiled. */
export interface Selector {
  readonly matchesGvk: (gvk: BuildGvk) => boolean
  readonly matchesName: (name: string) => boolean
  readonly matchesNamespace: (namespace: string) => boolean
  readonly labels: LabelMatcher | undefined
  readonly annotations: LabelMatcher | undefined
  /** The name, where it is no pattern. */
  readonly plainName: string | undefined
  /** The kind, where it is no pattern. */
  readonly plainKind: string | undefined
}

const PLAIN = /^[\w/-]+$/

/**
 * Compiles a selector; its parts are patterns that must match as a whole.
 * @see sigs.k8s.io/kustomize/api v0.21.1 types/selector.go
 */
export function compileSelector(spec: SelectorSpec): Selector {
  const group = matcher(spec.group)
  const version = matcher(spec.version)
  const kind = matcher(spec.kind)
  return {
    matchesGvk: (gvk) => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    matchesName: matcher(spec.name),
    matchesNamespace: matcher(spec.namespace),
    labels: labelMatcher(spec.labelSelector),
    annotations: labelMatcher(spec.annotationSelector),
    plainName: spec.name !== undefined && PLAIN.test(spec.name) ? spec.name : undefined,
    plainKind: spec.kind !== undefined && PLAIN.test(spec.kind) ? spec.kind : undefined,
  }
}

function matcher(pattern: string | undefined): (text: string) => boolean {
  if (!pattern) return () => true
  if (PLAIN.test(pattern)) return (text) => text === pattern
  let compiled: GoRegex
  try {
    compiled = goRegex(`^(?:${pattern})$`)
  } catch (error) {
    return fail(messageOf(error))
  }
  return (text) => compiled.matches(text)
}

function labelMatcher(text: string | undefined): LabelMatcher | undefined {
  if (!text) return undefined
  try {
    return parseSelector(text)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** Says whether the labels and annotations of a resource satisfy a selector. */
export function matchesMetadata(resource: Resource, selector: Selector): boolean {
  const { labels, annotations } = selector
  if (labels !== undefined && !labels(recordOf(resource, 'labels'))) return false
  return annotations === undefined || annotations(recordOf(resource, 'annotations'))
}

function recordOf(resource: Resource, field: string): Record<string, string> {
  return Object.fromEntries(metaMap(resource.node, field))
}

/** Finds resources by selectors, those with plain names by an index. */
export class SelectIndex {
  private readonly map: ResMap
  private byName: Map<string, Resource[]> | undefined
  private byKind: Map<string, Resource[]> | undefined

  constructor(map: ResMap) {
    this.map = map
  }

  /** Forgets what it knows: names or kinds have changed. */
  touch(): void {
    this.byName = undefined
    this.byKind = undefined
  }

  /** The resources that a selector picks, in order. */
  select(spec: SelectorSpec): Resource[] {
    const selector = compileSelector(spec)
    return this.candidates(selector).filter((resource) => isPicked(resource, selector, this.map))
  }

  private candidates(selector: Selector): readonly Resource[] {
    if (selector.plainName !== undefined) {
      this.byName ??= groupBy(this.map.list, (resource) => [
        metaText(resource.node, 'name'),
        originalId(resource).name,
      ])
      return this.byName.get(selector.plainName) ?? []
    }
    if (selector.plainKind === undefined) return this.map.list
    this.byKind ??= groupBy(this.map.list, (resource) => [fieldText(resource.node, 'kind')])
    return this.byKind.get(selector.plainKind) ?? []
  }
}

function isPicked(resource: Resource, selector: Selector, map: ResMap): boolean {
  const current = currentId(resource)
  const original = originalId(resource)
  const inNamespace = (id: ResId): boolean =>
    selector.matchesNamespace(effectiveNamespace(id, map.scopes))
  if (!inNamespace(original) && !inNamespace(current)) return false
  if (!selector.matchesName(original.name) && !selector.matchesName(current.name)) return false
  return selector.matchesGvk(gvkOfNode(resource.node)) && matchesMetadata(resource, selector)
}

/** Groups resources by keys, each once per key, in order. */
export function groupBy(
  list: readonly Resource[],
  keysOf: (resource: Resource) => readonly string[],
): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>()
  for (const resource of list) {
    for (const key of new Set(keysOf(resource))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [resource])
      else group.push(resource)
    }
  }
  return groups
}
