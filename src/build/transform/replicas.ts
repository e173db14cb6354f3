import { SCALAR, yamlNode } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { type FieldSpec, specMatches, visitField } from '../model/field-spec.ts'
import { gvkText, isSelected } from '../model/ids.ts'
import { isNilOrEmpty, setScalar } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, gvkOfNode, previousIds } from '../model/resource.ts'

/**
 * Sets replica counts of resources by a name that they have or had.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/builtins/ReplicaCountTransformer.go
 */
export function setReplicas(
  map: ResMap,
  replica: { readonly name?: string; readonly count?: number },
  specs: readonly FieldSpec[],
): void {
  const name = replica.name ?? ''
  const named = map.list.flatMap((resource) => {
    if (isNilOrEmpty(resource.node)) return []
    const ids = [...previousIds(resource), currentId(resource)].filter((id) => id.name === name)
    return ids.length === 0 ? [] : [{ resource, ids }]
  })
  let found = false
  for (const spec of specs) {
    for (const { resource, ids } of named) {
      if (!ids.some((id) => isSelected(id, spec))) continue
      found = true
      if (!specMatches(spec, gvkOfNode(resource.node))) continue
      visitField(resource.node, spec, {
        set: (node) => setScalar(node, yamlNode(SCALAR, '!!int', String(replica.count ?? 0))),
        createKind: SCALAR,
        createTag: '!!int',
      })
    }
  }
  if (found) return
  const kinds = specs.map(gvkText).join(' ')
  fail(`resource with name ${name} does not match a config with the following GVK [${kinds}]`)
}
