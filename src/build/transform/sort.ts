import { compareText } from '../../base/index.ts'
import { fail } from '../fault.ts'
import type { SortOptions } from '../load/kustomization.ts'
import { type BuildGvk, gvkSortText, gvkText, kindRanks, type ResId } from '../model/ids.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId } from '../model/resource.ts'

/**
 * Sorts resources: `legacy` by ranks of kinds, then by kind and id; `fifo` leaves them as they are.
 * @see sigs.k8s.io/kustomize/api v0.21.1 internal/builtins/SortOrderTransformer.go
 */
export function sortResources(map: ResMap, options: SortOptions): void {
  const { order, legacySortOptions } = options
  if (order !== 'fifo' && order !== 'legacy')
    fail("the field 'sortOptions.order' must be one of [fifo, legacy]")
  if (order === 'fifo') {
    if (legacySortOptions !== undefined)
      fail(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
      )
    map.demandUnique()
    return
  }
  const ranks =
    legacySortOptions === undefined
      ? kindRanks()
      : kindRanks(legacySortOptions.orderFirst ?? [], legacySortOptions.orderLast ?? [])
  const keyed = map.list.map((resource) => {
    const id = currentId(resource)
    return {
      resource,
      id,
      rank: ranks.get(id.kind) ?? 0,
      gvk: gvkSortText(id),
      text: idSortText(id),
    }
  })
  keyed.sort((a, b) => {
    if (a.rank !== b.rank) return a.rank - b.rank
    if (a.gvk !== b.gvk) return compareGvk(a, b)
    return compareText(a.text, b.text)
  })
  map.list = keyed.map(({ resource }) => resource)
  map.demandUnique()
}

function compareGvk(
  a: { readonly id: BuildGvk; readonly gvk: string },
  b: { readonly id: BuildGvk; readonly gvk: string },
): number {
  const areNamespaces = a.id.kind === 'Namespace' && b.id.kind === 'Namespace'
  const order = compareText(a.gvk, b.gvk)
  return areNamespaces && (a.id.group === '' || b.id.group === '') ? -order : order
}

function idSortText(id: ResId): string {
  return `${gvkText(id)}|${id.namespace || '~X'}|${id.name || '~N'}`
}
