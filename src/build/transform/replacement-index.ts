import { effectiveNamespace, isSelected, type ResId } from '../model/ids.ts'
import type { ResMap } from '../model/res-map.ts'
import { currentId, previousIds, type Resource } from '../model/resource.ts'
import { groupBy, type Selector } from '../model/select.ts'

/** What a source is looked for by: every part that is filled must be equal. */
export interface SourceId {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
}

/** All ids that a resource has or had, the current one first. */
export function idsOf(resource: Resource): ResId[] {
  return [currentId(resource), ...previousIds(resource)]
}

/**
 * Finds sources and targets of replacements by the names and kinds that resources have or had.
 * Invariant: answers are those of a scan of the whole list as it is at that moment, in its order.
 */
export class ReplacementIndex {
  private readonly map: ResMap
  private byName: Map<string, Resource[]> | undefined
  private byKind: Map<string, Resource[]> | undefined

  constructor(map: ResMap) {
    this.map = map
  }

  /** All resources that one of whose ids a source names. */
  sources(wanted: SourceId): readonly Resource[] {
    return this.narrowed(wanted.name, wanted.kind).filter((resource) =>
      idsOf(resource).some((id) => this.isWanted(id, wanted)),
    )
  }

  /** Resources that a selector may pick: those that its plain name, or kind, does not rule out. */
  candidates(selector: Selector): readonly Resource[] {
    return this.narrowed(selector.plainName, selector.plainKind)
  }

  /** Runs what may write into a resource, and forgets what is known when that gave it another id. */
  watch(resource: Resource, work: () => void): void {
    const { name, kind } = currentId(resource)
    work()
    const now = currentId(resource)
    if (now.name !== name) this.byName = undefined
    if (now.kind !== kind) this.byKind = undefined
  }

  private narrowed(name: string | undefined, kind: string | undefined): readonly Resource[] {
    if (name) {
      this.byName ??= groupBy(this.map.list, (each) => idsOf(each).map((id) => id.name))
      return this.byName.get(name) ?? []
    }
    if (!kind) return this.map.list
    this.byKind ??= groupBy(this.map.list, (each) => idsOf(each).map((id) => id.kind))
    return this.byKind.get(kind) ?? []
  }

  private isWanted(id: ResId, wanted: SourceId): boolean {
    if (wanted.name && wanted.name !== id.name) return false
    if (wanted.namespace) {
      const place = { group: '', version: '', kind: '', name: '', namespace: wanted.namespace }
      if (effectiveNamespace(place, undefined) !== effectiveNamespace(id, this.map.scopes))
        return false
    }
    return isSelected(id, wanted)
  }
}
