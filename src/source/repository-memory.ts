import { isFault } from '../base/index.ts'
import { type ObjectSource, parseTag } from './git-object.ts'
import {
  type FetchLimits,
  type GitConversation,
  openRemote,
  type Remote,
  resumeRemote,
} from './git-protocol.ts'

/** The last commit that was fetched from an address. */
interface Held {
  readonly want: string
  readonly objects: ObjectSource
  readonly sizeBytes: number
  /** How many packs build on each other here. */
  readonly links: number
}

const ADDRESSES_MAX = 2048
const HELD_BYTES_MAX = 128 * 1024 * 1024
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

  /** Fetches one commit (or tag) and what it leads to; what an earlier one had is not sent again. */
  async fetch(address: string, want: string, remote: Remote): Promise<ObjectSource> {
    const held = this.#held.get(address)
    if (held?.want === want) return held.objects
    const key = `${address} ${want}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) {
      // Whoever began this may give up; then it is begun again here.
      const shared = await underWay.catch(() => undefined)
      if (shared !== undefined) return shared
    }
    // Should the host not be able to build on it, the next try begins without.
    this.#held.delete(address)
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
    } finally {
      this.#underWay.delete(key)
    }
  }

  async #fetchOn(held: Held | undefined, want: string, remote: Remote): Promise<Held> {
    if (held !== undefined && held.links < LINKS_MAX) {
      try {
        const have = { oids: [commitOf(held)], objects: held.objects }
        const objects = await remote.fetch({ wants: [want], depth: 1, have })
        const sizeBytes = held.sizeBytes + (objects.sizeBytes ?? 0)
        return { want, objects, sizeBytes, links: held.links + 1 }
      } catch (error) {
        // A host that cannot build on that commit any more sends everything.
        if (!isFault(error, 'GIT_PROTOCOL', 'GIT_HOST')) throw error
      }
    }
    const objects = await remote.fetch({ wants: [want], depth: 1 })
    return { want, objects, sizeBytes: objects.sizeBytes ?? 0, links: 1 }
  }

  #hold(address: string, fetched: Held): void {
    this.#held.delete(address)
    if (fetched.sizeBytes > HELD_BYTES_MAX / 2) return
    this.#held.set(address, fetched)
    let sum = [...this.#held.values()].reduce((total, each) => total + each.sizeBytes, 0)
    for (const [old, each] of this.#held) {
      if (sum <= HELD_BYTES_MAX) return
      this.#held.delete(old)
      sum -= each.sizeBytes
    }
  }
}

/** Only commits can be the end of a shallow history, so a tag stands for what it names. */
function commitOf({ want, objects }: Held): string {
  const object = objects.get(want)
  return object?.type === 'tag' ? parseTag(object.data).object : want
}
