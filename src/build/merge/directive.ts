import { MAPPING, SEQUENCE, type YamlNode } from '../../object/index.ts'
import { fail } from '../fault.ts'
import { clearField, fieldOf } from '../model/node.ts'
import { setElement } from './elements.ts'

/** What a patch wants done with what it meets. */
export type Directive = 'merge' | 'replace' | 'delete'

/**
 * Reads the `$patch` of a map or list of a patch and removes it.
 * @see sigs.k8s.io/kustomize/kyaml v0.21.1 yaml/merge2/smpdirective.go
 */
export function directiveOf(patch: YamlNode): Directive {
  if (patch.kind === MAPPING) {
    const marker = fieldOf(patch, '$patch')
    if (marker === undefined) return 'merge'
    const directive = checked(marker.value)
    clearField(patch, '$patch')
    return directive
  }
  if (patch.kind !== SEQUENCE)
    fail(`no implemented strategic merge patch strategy for '${patch.tag}' ('${patch.value}')`)
  const element = patch.content.find(
    (item) => item.kind === MAPPING && fieldOf(item, '$patch') !== undefined,
  )
  if (element === undefined || element.content.length > 2) return 'merge'
  const directive = checked(fieldOf(element, '$patch')?.value ?? '')
  setElement(patch, { keys: ['$patch'], values: [directive], element: undefined })
  return directive
}

function checked(value: string): Directive {
  if (value === 'merge' || value === 'replace' || value === 'delete') return value
  return fail(`unknown patch strategy '${value}'`)
}
