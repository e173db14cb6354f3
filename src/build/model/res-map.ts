import { fail } from '../fault.ts'
import { idKeyOf, type ResId, resIdText, type Scopes } from './ids.ts'
import { isNilOrEmpty } from './node.ts'
import { anyIdKeys, currentId, type Resource } from './resource.ts'

/**
 * The resources of a build in order. Look-ups by id go through indexes that are made when they are
 * first needed and thrown away by {@link ResMap.touch}.
 * Invariant: no two resources have the same current id, except while a transformer runs.
 */
export class ResMap {
  list: Resource[]
  readonly scopes: Scopes | undefined
  private current: Map<string, Resource[]> | undefined
  private any: Map<string, Resource[]> | undefined

  constructor(scopes: Scopes | undefined, list: readonly Resource[] = []) {
    this.scopes = scopes
    this.list = [...list]
  }

  /** To be called after ids may have changed. */
  touch(): void {
    this.current = undefined
    this.any = undefined
  }

  byCurrentId(id: ResId): readonly Resource[] {
    this.current ??= indexBy(this.list, (each) => [idKeyOf(currentId(each), this.scopes)])
    return this.current.get(idKeyOf(id, this.scopes)) ?? []
  }

  byAnyId(id: ResId): readonly Resource[] {
    this.any ??= indexBy(
      this.list.filter((each) => !isNilOrEmpty(each.node)),
      (each) => anyIdKeys(each, this.scopes),
    )
    return this.any.get(idKeyOf(id, this.scopes)) ?? []
  }

  /** Adds one; an id that is taken is an error. */
  append(resource: Resource): void {
    const id = currentId(resource)
    if (this.byCurrentId(id).length > 0)
      fail(`may not add resource with an already registered id: ${resIdText(id)}`)
    this.add(resource)
  }

  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource)
  }

  /** Puts one resource in the place of another. */
  replace(old: Resource, next: Resource): void {
    this.list[this.list.indexOf(old)] = next
    this.touch()
  }

  /** Fails when two resources have the same id. */
  demandUnique(): void {
    this.touch()
    const twice = this.findTwice()
    if (twice !== undefined)
      fail(`may not add resource with an already registered id: ${resIdText(currentId(twice))}`)
  }

  /** A resource whose id another one before it has. */
  findTwice(): Resource | undefined {
    const seen = new Set<string>()
    return this.list.find((resource) => {
      const key = idKeyOf(currentId(resource), this.scopes)
      if (seen.has(key)) return true
      seen.add(key)
      return false
    })
  }

  dropEmpties(): void {
    if (!this.list.some((each) => isNilOrEmpty(each.node))) return
    this.list = this.list.filter((each) => !isNilOrEmpty(each.node))
    this.touch()
  }

  private add(resource: Resource): void {
    this.list.push(resource)
    this.any = undefined
    const key = idKeyOf(currentId(resource), this.scopes)
    const same = this.current?.get(key)
    if (same === undefined) this.current?.set(key, [resource])
    else same.push(resource)
  }
}

function indexBy(
  list: readonly Resource[],
  keysOf: (resource: Resource) => readonly string[],
): Map<string, Resource[]> {
  const index = new Map<string, Resource[]>()
  for (const resource of list) {
    for (const key of keysOf(resource)) {
      const same = index.get(key)
      if (same === undefined) index.set(key, [resource])
      else same.push(resource)
    }
  }
  return index
}
