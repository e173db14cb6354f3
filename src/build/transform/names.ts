import { SCALAR, scalarNode } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { type FieldSpec, specMatches, visitField } from '../model/field-spec.ts'
import { isSelected } from '../model/ids.ts'
import { setScalar } from '../model/node.ts'
import type { ResMap } from '../model/res-map.ts'
import { gvkOfNode, originalId, storePreviousId } from '../model/resource.ts'

/** Kinds whose names carry meaning of their own. */
const SKIPPED = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
]

/**
 * Puts a prefix or suffix on names.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/builtins/PrefixTransformer.go
 */
export function addAffix(
  map: ResMap,
  affix: { readonly text: string; readonly side: 'prefix' | 'suffix' },
  specs: readonly FieldSpec[],
): void {
  for (const resource of map.list) {
    const original = originalId(resource)
    if (SKIPPED.some((skipped) => isSelected(original, skipped))) continue
    for (const spec of specs) {
      if (!isSelected(original, spec)) continue
      if (spec.path === 'metadata/name' && affix.text !== '') {
        if (affix.side === 'prefix') resource.prefixes = [...resource.prefixes, affix.text]
        else resource.suffixes = [...resource.suffixes, affix.text]
        storePreviousId(resource, map.scopes)
      }
      if (!specMatches(spec, gvkOfNode(resource.node))) continue
      visitField(resource.node, spec, {
        set: (node) => {
          if (node.kind !== SCALAR && node.tag !== '!!null')
            fail('wrong node kind: expected ScalarNode')
          const text = affix.side === 'prefix' ? affix.text + node.value : node.value + affix.text
          setScalar(node, scalarNode(text))
        },
        createKind: SCALAR,
        createTag: '!!str',
      })
    }
  }
  map.touch()
}
