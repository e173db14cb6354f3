import type { Artifact } from '../../api/index.ts'
import type { Clock } from '../../base/index.ts'
import type { ArtifactBucket, BucketFile } from './artifact-bucket.ts'
import type { LocalArtifactStore } from './store.ts'

/** What a store in a bucket needs. */
export interface BucketStoreOptions {
  readonly bucket: ArtifactBucket
  readonly clock: Clock
  readonly retentionMs?: number
  readonly retentionRecords?: number
}

const PATH = /^(?:gitrepository|ocirepository|bucket)\/[^/]+\/[^/]+\/[^/]+$/
const LATEST = 'latest.tar.gz'
/** What somebody asked for in vain is not looked up again before. */
const ABSENT_MS = 2000
const ABSENT_MAX = 10_000
const KEPT_MAX = 100_000

/**
 * A store whose files are in a bucket, too: the disk is a cache of it. What the disk lost, or never
 * had because another replica made it, comes from there, and is compared with its digest. The local
 * store hands each file on before it is seen (`keep`), so what is published is in the bucket.
 */
export function storeInBucket(
  local: LocalArtifactStore,
  options: BucketStoreOptions,
): LocalArtifactStore {
  const { bucket, clock } = options
  const kept = new Set<string>()
  const fetching = new Map<string, Promise<boolean>>()
  const absent = new Map<string, number>()
  const garbage = new GarbageTimes()

  const take = (file: Pick<BucketFile, 'path' | 'digest'>): Promise<boolean> => {
    const key = `${file.path}@${file.digest}`
    const underWay = fetching.get(key)
    if (underWay !== undefined) return underWay
    const taking = adopt(local, bucket, file).finally(() => fetching.delete(key))
    fetching.set(key, taking)
    return taking
  }
  const verify: LocalArtifactStore['verify'] = async (artifact) => {
    const state = await local.verify(artifact)
    const { path, digest } = artifact
    if (digest === undefined) return state
    if (state !== 'ok') return (await take({ path, digest })) ? 'ok' : state
    await keepOnce(local, { artifact, digest, kept, bucket })
    return 'ok'
  }
  return {
    ...local,
    verify,
    inspect: async (path) => {
      const state = await local.inspect(path)
      if ((state === 'ok' && (await local.has(path))) || !PATH.test(path)) return state
      const nowMs = clock.now()
      if ((absent.get(path) ?? 0) > nowMs) return state
      const newest = await newestOf(bucket, path).catch(() => undefined)
      if (newest !== undefined && (await take(newest).catch(() => false))) return 'ok'
      if (absent.size >= ABSENT_MAX) absent.clear()
      absent.set(path, nowMs + ABSENT_MS)
      return state
    },
    put: async (input) => {
      for (const { artifact } of input.includes ?? []) await verify(artifact)
      const artifact = await local.put(input)
      garbage.due(folderOf(artifact.path), clock.now() + (options.retentionMs ?? 60_000))
      return artifact
    },
    collect: async (owner, current) => {
      const removed = await local.collect(owner, current)
      const folder = folderOf(current.path)
      if (garbage.isDue(folder, clock.now())) {
        const left = await collectIn(options, folder, current)
        garbage.due(folder, left ? clock.now() + (options.retentionMs ?? 60_000) : Infinity)
      }
      return removed
    },
    remove: async (owner) => {
      const wasThere = await local.remove(owner)
      const folder = `${owner.kind.toLowerCase()}/${owner.namespace}/${owner.name}/`
      const files = await bucket.list(folder)
      for (const file of files) await bucket.drop(file)
      garbage.forget(folder)
      return wasThere || files.length > 0
    },
  }
}

async function adopt(
  local: LocalArtifactStore,
  bucket: ArtifactBucket,
  file: Pick<BucketFile, 'path' | 'digest'>,
): Promise<boolean> {
  let isThere = false
  const isLinked = !file.path.startsWith('gitrepository/')
  const isGood = await local.adopt({ ...file, isLinked }, async (part) => {
    isThere = await bucket.fetch(file, part)
  })
  // Somebody wrote to the bucket by hand: what is there is no use to anybody.
  if (isThere && !isGood) await bucket.drop(file)
  return isThere && isGood
}

/** Puts there what was made before there was a bucket; looks once. */
async function keepOnce(
  local: LocalArtifactStore,
  given: {
    readonly artifact: Artifact
    readonly digest: string
    readonly kept: Set<string>
    readonly bucket: ArtifactBucket
  },
): Promise<void> {
  const { artifact, digest, kept, bucket } = given
  const { path, size = 0 } = artifact
  const key = `${path}@${digest}`
  if (kept.has(key)) return
  try {
    if (!(await bucket.has({ path, digest })))
      await bucket.put({ path, digest, sizeBytes: size, file: local.fileOf(artifact) })
    if (kept.size >= KEPT_MAX) kept.clear()
    kept.add(key)
  } catch {
    // The artifact is here and is served; the next run tries again.
  }
}

async function newestOf(bucket: ArtifactBucket, path: string): Promise<BucketFile | undefined> {
  const start = path.endsWith(`/${LATEST}`) ? path.slice(0, -LATEST.length) : `${path}@`
  const files = await bucket.list(start)
  return [...files].sort((a, b) => b.atMs - a.atMs)[0]
}

/** Removes what retention no longer keeps; says whether more than the current file is left. */
async function collectIn(
  { bucket, clock, retentionMs = 60_000, retentionRecords = 2 }: BucketStoreOptions,
  folder: string,
  current: Artifact,
): Promise<boolean> {
  const files = await bucket.list(folder)
  const others = files
    .filter((file) => file.path !== current.path || file.digest !== current.digest)
    .sort((a, b) => b.atMs - a.atMs)
  const isKept = (file: BucketFile, i: number): boolean =>
    i < retentionRecords - 1 && clock.now() - file.atMs <= retentionMs
  const gone = others.filter((file, i) => !isKept(file, i))
  for (const file of gone) await bucket.drop(file)
  return gone.length < others.length
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** When the bucket is to be looked through for each source: at first, and after what was put. */
class GarbageTimes {
  readonly #dueMs = new Map<string, number>()

  isDue(folder: string, nowMs: number): boolean {
    return (this.#dueMs.get(folder) ?? 0) <= nowMs
  }

  due(folder: string, atMs: number): void {
    this.#dueMs.set(folder, atMs)
  }

  forget(folder: string): void {
    this.#dueMs.delete(folder)
  }
}
