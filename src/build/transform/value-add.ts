import { SCALAR, scalarNode, type YamlNode } from '../../object/index.ts'
import type { SelectorSpec } from '../load/kustomization.ts'
import { demandKind, setScalar } from '../model/node.ts'
import { lookupOrNew, splitPath } from '../model/path.ts'
import type { ResMap } from '../model/res-map.ts'
import { ResMap as Map1 } from '../model/res-map.ts'
import { SelectIndex } from '../model/select.ts'
import { setNamespaces } from './namespace.ts'

/** Where a value goes. */
export interface ValueTarget {
  readonly selector?: SelectorSpec
  readonly fieldPath?: string
  readonly filePathPosition?: number
}

/**
 * Writes one value into fields, or into file paths in them.
 * @see sigs.k8s.io/kustomize/api v0.21.1 filters/valueadd/valueadd.go
 */
export function addValue(map: ResMap, value: string, targets: readonly ValueTarget[]): void {
  for (const target of targets) {
    const selected =
      target.selector === undefined ? map.list : new SelectIndex(map).select(target.selector)
    for (const resource of selected) {
      if (target.fieldPath === 'metadata/namespace') {
        const one = new Map1(map.scopes, [resource])
        setNamespaces(one, {
          namespace: value,
          specs: [],
          unsetOnly: false,
          subjects: 'defaultOnly',
        })
      } else writeValue(resource.node, value, target)
    }
  }
  map.touch()
}

function writeValue(root: YamlNode, value: string, target: ValueTarget): void {
  const path = splitPath(target.fieldPath ?? '')
  const node = lookupOrNew(root, path, SCALAR)
  if (node === undefined) return
  demandKind(node, SCALAR)
  const position = target.filePathPosition ?? 0
  const text = position > 0 ? insertPart(node.value, position - 1, value) : value
  setScalar(node, scalarNode(text))
}

function insertPart(path: string, position: number, part: string): string {
  const isAbsolute = path.startsWith('/')
  const parts = path.split('/').filter((each) => each !== '')
  parts.splice(Math.min(position, parts.length), 0, part)
  return `${isAbsolute ? '/' : ''}${parts.join('/')}`
}
