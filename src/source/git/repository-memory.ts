import { isFault } from '../../base/index.ts'
import { type ObjectSource, parseTag } from './object.ts'
import {
  type FetchLimits,
  type GitConversation,
  openRemote,
  type Remote,
  resumeRemote,
} from './protocol.ts'

/** The last commit that was fetched from an address. */
interface Held {
  readonly want: string
  readonly objects: ObjectSource
  /** Memory and disk, with all the packs that it builds on. */
  readonly sizeBytes: number
  readonly diskBytes: number
  /** How many packs build on each other here. */
  readonly links: number
}

const ADDRESSES_MAX = 2048
const HELD_BYTES_MAX = 128 * 1024 * 1024
const HELD_DISK_BYTES_MAX = 2 * 1024 * 1024 * 1024
/** A chain of packs that build on each other is begun anew after so many. */
const LINKS_MAX = 8

/** What is known of repositories from earlier fetches. Bounded; forgetting costs a request. */
export class RepositoryMemory {
  readonly #features = new Map<string, ReadonlyMap<string, string>>()
  readonly #held = new Map<string, Held>()
  readonly #underWay = new Map<string, Promise<ObjectSource>>()

  /**
   * Does something with a repository. Where it is known what the host can do, it is not asked again;
   * should that not do any more, the host is asked after all.
   */
  async greeted<T>(
    address: string,
    way: GitConversation,
    limits: FetchLimits,
    use: (remote: Remote) => Promise<T>,
  ): Promise<T> {
    const known = this.#features.get(address)
    if (known !== undefined && way.resume !== undefined) {
      try {
        return await use(resumeRemote(way, known, limits))
      } catch (error) {
        if (!isFault(error, 'GIT_PROTOCOL', 'GIT_HOST', 'GIT_AUTH')) throw error
        this.#features.delete(address)
      }
    }
    const remote = await openRemote(way, limits)
    const result = await use(remote)
    if (remote.features !== undefined && way.resume?.() === true)
      this.#remember(address, remote.features)
    return result
  }

  #remember(address: string, features: ReadonlyMap<string, string>): void {
    this.#features.set(address, features)
    const oldest = this.#features.keys().next().value
    if (this.#features.size > ADDRESSES_MAX && oldest !== undefined) this.#features.delete(oldest)
  }

  /**
   * Fetches one commit (or tag) and what it leads to; what an earlier one had is not sent again.
   * The caller releases what it gets.
   */
  async fetch(address: string, want: string, remote: Remote): Promise<ObjectSource> {
    const held = this.#held.get(address)
    if (held?.want === want && retained(held.objects)) return held.objects
    const key = `${address} ${want}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) {
      // Whoever began this may give up; then it is begun again here.
      const shared = await underWay.then(
        (objects) => (retained(objects) ? objects : undefined),
        () => undefined,
      )
      if (shared !== undefined) return shared
    }
    const fetching = this.#fetchOn(held, want, remote)
    this.#underWay.set(
      key,
      fetching.then(({ objects }) => objects),
    )
    this.#underWay.get(key)?.catch(() => undefined)
    try {
      const fetched = await fetching
      this.#hold(address, fetched)
      return fetched.objects
    } catch (error) {
      // Should the host not be able to build on it, the next try begins without.
      this.#drop(address)
      throw error
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #fetchOn(held: Held | undefined, want: string, remote: Remote): Promise<Held> {
    if (held !== undefined && held.links < LINKS_MAX && retained(held.objects)) {
      try {
        const have = { oids: [commitOf(held)], objects: held.objects }
        const objects = await remote.fetch({ wants: [want], depth: 1, have })
        return heldOf(want, objects, held)
      } catch (error) {
        // A host that cannot build on that commit any more sends everything.
        if (!isFault(error, 'GIT_PROTOCOL', 'GIT_HOST')) throw error
      } finally {
        held.objects.release?.()
      }
    }
    return heldOf(want, await remote.fetch({ wants: [want], depth: 1 }))
  }

  #hold(address: string, fetched: Held): void {
    const { sizeBytes, diskBytes, objects } = fetched
    const fits = sizeBytes <= HELD_BYTES_MAX / 2 && diskBytes <= HELD_DISK_BYTES_MAX / 2
    const isHeld = fits && retained(objects)
    this.#drop(address)
    if (!isHeld) return
    this.#held.set(address, fetched)
    const sum = { sizeBytes: 0, diskBytes: 0 }
    for (const each of this.#held.values()) {
      sum.sizeBytes += each.sizeBytes
      sum.diskBytes += each.diskBytes
    }
    for (const [old, each] of this.#held) {
      if (sum.sizeBytes <= HELD_BYTES_MAX && sum.diskBytes <= HELD_DISK_BYTES_MAX) return
      this.#drop(old)
      sum.sizeBytes -= each.sizeBytes
      sum.diskBytes -= each.diskBytes
    }
  }

  #drop(address: string): void {
    const held = this.#held.get(address)
    this.#held.delete(address)
    held?.objects.release?.()
  }
}

function retained(objects: ObjectSource): boolean {
  return objects.retain?.() ?? true
}

function heldOf(want: string, objects: ObjectSource, on?: Held): Held {
  const { sizeBytes = 0, diskBytes = 0 } = objects
  return {
    want,
    objects,
    sizeBytes: sizeBytes + (on?.sizeBytes ?? 0),
    diskBytes: diskBytes + (on?.diskBytes ?? 0),
    links: 1 + (on?.links ?? 0),
  }
}

/** Only commits can be the end of a shallow history, so a tag stands for what it names. */
function commitOf({ want, objects }: Held): string {
  const object = objects.get(want)
  return object?.type === 'tag' ? parseTag(object.data).object : want
}
