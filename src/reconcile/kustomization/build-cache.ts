import type { FileTree } from '../../base/index.ts'
import {
  answersAlike,
  type Questions,
  type RemoteBase,
  type TreeDigests,
} from '../../build/index.ts'
import type { KubeObject } from '../../object/index.ts'
import type { ObjectFiles } from './object-files.ts'

/** What a build came to, ready to be applied. */
export interface BuiltSet {
  /** With owner labels and common metadata. */
  readonly objects: readonly KubeObject[]
  /** Digest of each object, in their order: what it is applied from. */
  readonly digests: readonly string[]
  /** `sha256:<hex>` of the build before owner labels: the key of the history. */
  readonly digest: string
  readonly warnings: readonly string[]
  readonly files: ObjectFiles
  /** Fields that their kinds do not have, dropped on the way: `Kind/namespace/name: path`. */
  readonly unknown: readonly string[]
  /** What variables that came from Secrets became in it: no message may quote them. */
  readonly secretTexts: readonly string[]
  /** Why it can not be applied, for all that it was built. */
  readonly refusal?: string
}

/** A remote base, and what it was when it was fetched. */
export interface FetchedBase {
  readonly base: RemoteBase
  /** A Git revision, or the digest of a file. */
  readonly version: string
}

/** Objects as kustomize built them, and what they were built from. */
export interface RawBuild {
  readonly objects: readonly KubeObject[]
  readonly files: ObjectFiles
  readonly questions: Questions
  readonly warnings: readonly string[]
  /** Parts of it came from elsewhere, and may be others the next time. */
  readonly bases: readonly FetchedBase[]
  /** Memory that it holds, in bytes, as a guess. */
  readonly bytes: number
  /** Digest of the keys that it was decrypted with; `''` without decryption. */
  readonly keys: string
}

interface Cached {
  readonly artifact: string
  readonly spec: string
  readonly raw: RawBuild
  prepared: { readonly inputs: string; readonly set: BuiltSet } | undefined
}

/** Memory that builds may hold together, in bytes. */
const HELD_BYTES_MAX = 256 * 1024 * 1024

/**
 * The last build of each Kustomization. It serves again while the part of the spec that builds is
 * the same and every file that it read has the same content, wherever else the commit changed.
 * Beyond the memory that builds may hold, those that were used longest ago are made again.
 */
export class BuildCache {
  /** What is known of the files of trees that are still open. */
  readonly digests: TreeDigests = new WeakMap()
  readonly #builds = new Map<string, Cached>()
  readonly #bytesMax: number
  #held = 0

  constructor(bytesMax: number = HELD_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** The build of exactly this artifact. */
  forArtifact(key: string, artifact: string, spec: string): RawBuild | undefined {
    const cached = this.#used(key)
    return cached?.artifact === artifact && cached.spec === spec ? cached.raw : undefined
  }

  /** The build of another artifact whose files, as far as they were read, are those of `tree`. */
  forTree(
    key: string,
    wanted: { readonly artifact: string; readonly spec: string; readonly keys: string },
    tree: FileTree,
  ): RawBuild | undefined {
    const cached = this.#builds.get(key)
    const { artifact, spec, keys } = wanted
    if (cached === undefined || cached.spec !== spec || cached.raw.keys !== keys) return undefined
    if (!answersAlike(cached.raw.questions, tree, this.digests)) return undefined
    this.#builds.set(key, { ...cached, artifact })
    return cached.raw
  }

  keep(key: string, artifact: string, spec: string, raw: RawBuild): void {
    this.forget(key)
    // What is prepared holds about as much again.
    this.#held += 2 * raw.bytes
    this.#builds.set(key, { artifact, spec, raw, prepared: undefined })
    for (const old of this.#builds.keys()) {
      if (this.#held <= this.#bytesMax) break
      this.forget(old)
    }
  }

  /** What was prepared from a build with these further inputs (variables). */
  prepared(key: string, raw: RawBuild, inputs: string): BuiltSet | undefined {
    const cached = this.#builds.get(key)
    return cached?.raw === raw && cached.prepared?.inputs === inputs
      ? cached.prepared.set
      : undefined
  }

  keepPrepared(key: string, raw: RawBuild, inputs: string, set: BuiltSet): void {
    const cached = this.#builds.get(key)
    if (cached?.raw === raw) cached.prepared = { inputs, set }
  }

  forget(key: string): void {
    this.#held -= 2 * (this.#builds.get(key)?.raw.bytes ?? 0)
    this.#builds.delete(key)
  }

  /** What is used goes to the end of the line. */
  #used(key: string): Cached | undefined {
    const cached = this.#builds.get(key)
    if (cached === undefined) return undefined
    this.#builds.delete(key)
    this.#builds.set(key, cached)
    return cached
  }
}
