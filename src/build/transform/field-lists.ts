import { compareText } from '../../base/index.ts'
import { MAPPING, SCALAR, type YamlNode, yamlNode } from '../../object/index.ts'
import { type FieldSpec, specMatches, visitField } from '../model/field-spec.ts'
import { versionOf } from '../model/ids.ts'
import { setField } from '../model/node.ts'
import { gvkOfNode, type Resource } from '../model/resource.ts'

/** The specs of a list that are for a resource; lists are asked for each kind once. */
export function specsFor(
  specs: readonly FieldSpec[],
): (resource: Resource) => readonly FieldSpec[] {
  const known = new Map<string, readonly FieldSpec[]>()
  return (resource) => {
    const gvk = gvkOfNode(resource.node)
    const key = `${versionOf(gvk)} ${gvk.kind}`
    let found = known.get(key)
    if (found === undefined) {
      found = specs.filter((spec) => specMatches(spec, gvk))
      known.set(key, found)
    }
    return found
  }
}

/**
 * Adds labels or annotations to maps at all places of a list. In one resource, all places where a
 * key is new share one value, so that a later change of it in one place changes all: so it is in
 * kustomize.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/labels/labels.go, filters/filtersutil/setters.go
 */
export function addEntries(
  resources: readonly Resource[],
  entries: Readonly<Record<string, string>>,
  specs: readonly FieldSpec[],
): void {
  const keys = Object.keys(entries).sort(compareText)
  if (keys.length === 0) return
  const matching = specsFor(specs)
  for (const resource of resources) {
    const own = matching(resource)
    for (const key of keys) {
      const value = yamlNode(SCALAR, '!!str', entries[key] ?? '')
      const set = (node: YamlNode): void => {
        setField(node, key, value)
      }
      for (const spec of own)
        visitField(resource.node, spec, { set, createKind: MAPPING, createTag: '!!map' })
    }
  }
}
