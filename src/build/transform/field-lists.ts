import { compareText } from '../../base/index.ts'
import { MAPPING, SCALAR, yamlNode } from '../../object/index.ts'
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
 * Adds labels or annotations to maps at all places of a list.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/labels/labels.go
 */
export function addEntries(
  resources: readonly Resource[],
  entries: Readonly<Record<string, string>>,
  specs: readonly FieldSpec[],
): void {
  const keys = Object.keys(entries).sort(compareText)
  if (keys.length === 0) return
  const matching = specsFor(specs)
  for (const resource of resources)
    for (const key of keys)
      for (const spec of matching(resource))
        visitField(resource.node, spec, {
          set: (node) => {
            setField(node, key, yamlNode(SCALAR, '!!str', entries[key] ?? ''))
          },
          createKind: MAPPING,
          createTag: '!!map',
        })
}
