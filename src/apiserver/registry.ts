import { compareText } from '../base/index.ts'
import { builtinKind, type Kind } from './kind.ts'
import { BUILTIN_KINDS } from './kinds.generated.ts'

/** What the server serves at the moment: the built-in kinds, and those that CRDs added. */
export class Registry {
  readonly #builtin: readonly Kind[] = BUILTIN_KINDS.map(builtinKind)
  readonly #custom = new Map<string, readonly Kind[]>()
  #index: Map<string, Kind>
  #groups: Map<string, Kind[]>
  readonly #storages = new Map<string, Kind>()
  readonly #renewals = new Map<string, Set<() => void>>()
  /** Counts up with every change of what is served. */
  generation = 0

  constructor() {
    this.#index = new Map()
    this.#groups = new Map()
    this.#rebuild()
  }

  /** The kind that a URL names; undefined when it is not served. */
  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#index.get(`${group}/${version}/${plural}`)
  }

  /** The kind by its kind name: in the version asked, else in the preferred one. */
  byKind(group: string, kind: string, version?: string): Kind | undefined {
    return this.#groups
      .get(group)
      ?.find((each) => each.kind === kind && (version === undefined || each.version === version))
  }

  /** Kinds of a group, preferred version first; undefined for a group that is not there. */
  group(name: string): readonly Kind[] | undefined {
    return this.#groups.get(name)
  }

  /** Groups in the order of discovery: built-in ones, then custom ones by name. */
  groups(): string[] {
    const builtin = new Set(this.#builtin.map((kind) => kind.group))
    const custom = [...this.#groups.keys()].filter((name) => !builtin.has(name))
    return [...builtin, ...custom.sort(compareText)]
  }

  /** Every kind served, one a table and version. */
  kinds(): Kind[] {
    return this.groups().flatMap((name) => this.#groups.get(name) ?? [])
  }

  /** One kind a table: what garbage collection and namespace deletion walk over. */
  storages(): Kind[] {
    const seen = new Map<string, Kind>()
    for (const kind of this.kinds()) {
      const stored = `${kind.group === '' ? '' : `${kind.group}/`}${kind.version}` === kind.storedAs
      if (!seen.has(kind.table) || stored) seen.set(kind.table, kind)
    }
    return [...seen.values()]
  }

  /** The kind whose objects lie in a table. */
  storage(table: string): Kind | undefined {
    if (this.#storages.size === 0)
      for (const kind of this.storages()) this.#storages.set(kind.table, kind)
    return this.#storages.get(table)
  }

  /** Kinds that one CRD serves, in the order of its versions. */
  custom(crdName: string): readonly Kind[] {
    return this.#custom.get(crdName) ?? []
  }

  /** Puts what one CRD serves in the place of what it served before. */
  setCustom(crdName: string, kinds: readonly Kind[]): void {
    if (kinds.length === 0) this.#custom.delete(crdName)
    else this.#custom.set(crdName, kinds)
    this.#rebuild()
  }

  /** Calls back when what a CRD serves is served anew, under other rules or no more. */
  onRenewal(crdName: string, fn: () => void): () => void {
    const all = this.#renewals.get(crdName) ?? new Set()
    this.#renewals.set(crdName, all)
    all.add(fn)
    return () => {
      all.delete(fn)
      if (all.size === 0) this.#renewals.delete(crdName)
    }
  }

  /** Tells that a CRD serves other things than before. */
  renewed(crdName: string): void {
    for (const fn of this.#renewals.get(crdName) ?? []) fn()
  }

  #rebuild(): void {
    this.generation += 1
    this.#storages.clear()
    this.#index = new Map()
    this.#groups = new Map()
    for (const kind of [...this.#builtin, ...[...this.#custom.values()].flat()]) {
      this.#index.set(`${kind.group}/${kind.version}/${kind.plural}`, kind)
      const group = this.#groups.get(kind.group)
      if (group === undefined) this.#groups.set(kind.group, [kind])
      else group.push(kind)
    }
    for (const kinds of this.#groups.values())
      if (kinds.some((kind) => kind.custom !== undefined)) sortByVersion(kinds)
  }
}

/** Custom groups: versions by priority, kinds of a version by plural name. */
function sortByVersion(kinds: Kind[]): void {
  kinds.sort((a, b) => compareVersions(a.version, b.version) || compareText(a.plural, b.plural))
}

/**
 * Orders versions as Kubernetes prefers them: stable before beta before alpha, higher before lower,
 * what is no version name last and by name.
 * @see k8s.io/apimachinery/pkg/version/helpers.go CompareKubeAwareVersionStrings
 */
export function compareVersions(a: string, b: string): number {
  const x = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(a)
  const y = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(b)
  if (x === null || y === null) return x === y ? compareText(a, b) : x === null ? 1 : -1
  const rank = (m: RegExpExecArray): number => (m[2] === undefined ? 2 : m[2] === 'beta' ? 1 : 0)
  return rank(y) - rank(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0)
}
