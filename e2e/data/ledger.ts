import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../src/object/index.ts'

/** A write whose answer did not come. */
export interface Doubt {
  /** What the object has in it when the write was made; undefined for a deletion. */
  readonly count: string | undefined
}

interface Entry {
  /** As it was last answered; undefined: it is gone, or was never there. */
  readonly known: KubeObject | undefined
  readonly doubt: Doubt | undefined
}

/** What clients know of a server: what it answered, and what it was asked and did not answer. */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #revisions = new Map<string, string>()
  /** The highest revision that was seen. */
  revision = 0
  readonly faults: string[] = []
  /** Writes that were answered. */
  answered = 0

  known(name: string): KubeObject | undefined {
    return this.#entries.get(name)?.known
  }

  names(): string[] {
    return [...this.#entries.keys()]
  }

  ask(name: string, doubt: Doubt): void {
    this.#entries.set(name, { known: this.known(name), doubt })
  }

  tell(name: string, known: KubeObject | undefined): void {
    this.answered += 1
    this.#entries.set(name, { known, doubt: undefined })
    if (known !== undefined) this.see(known)
  }

  /** Takes in an object under its revision, which must always mean the same. */
  see(object: KubeObject): void {
    const { apiVersion: _a, kind: _k, ...rest } = object
    const revision = object.metadata.resourceVersion ?? ''
    const text = JSON.stringify(sorted(rest))
    const before = this.#revisions.get(revision)
    if (before !== undefined && before !== text)
      this.faults.push(`revision ${revision} was ${before} and is ${text}`)
    this.#revisions.set(revision, text)
    this.reach(Number(revision))
  }

  reach(revision: number): void {
    this.revision = Math.max(this.revision, revision)
  }

  /** Holds what is there after a start against what is known. */
  check(found: ReadonlyMap<string, KubeObject>): void {
    for (const [name, entry] of this.#entries) {
      const there = found.get(name)
      const problem = isAsKnown(entry, there) ? undefined : problemOf(entry, there)
      if (problem !== undefined)
        this.faults.push(
          `${name}: ${problem}: ${JSON.stringify(there)} after ${JSON.stringify(entry)}`,
        )
      this.#entries.set(name, { known: there, doubt: undefined })
    }
    for (const object of found.values()) this.see(object)
  }
}

function isAsKnown({ known }: Entry, there: KubeObject | undefined): boolean {
  if (known === undefined || there === undefined) return known === there
  return isDeepStrictEqual(bare(known), bare(there))
}

/** Lists tell objects without their kind. */
function bare({ apiVersion: _a, kind: _k, ...rest }: KubeObject): unknown {
  return rest
}

/** What is wrong with an object that is not as it was answered last; undefined: a write explains it. */
function problemOf({ known, doubt }: Entry, there: KubeObject | undefined): string | undefined {
  if (doubt === undefined) return 'not as it was answered'
  if (there === undefined)
    return doubt.count === undefined || isEnding(known) ? undefined : 'gone, and nobody deleted it'
  if (known !== undefined && known.metadata.uid !== there.metadata.uid) return 'another uid'
  if (Number(there.metadata.resourceVersion) <= Number(known?.metadata.resourceVersion ?? 0))
    return 'changed without a later revision'
  if (doubt.count === undefined)
    return isEnding(there) ? undefined : 'neither deleted nor as it was answered'
  const { n, m } = (there['data'] ?? {}) as { readonly n?: string; readonly m?: string }
  if (n !== doubt.count || m !== n) return 'half written'
  return (there.metadata.managedFields ?? []).length > 0 ? undefined : 'no managers'
}

function isEnding(object: KubeObject | undefined): boolean {
  return object?.metadata.deletionTimestamp !== undefined
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
