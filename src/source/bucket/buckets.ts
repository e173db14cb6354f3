import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { BucketRequest, Buckets, SourceTree } from '../../api/index.ts'
import { type Clock, compareText, isFault, joinPath, memoryTree, pool } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import { bucketFilter } from '../tree/ignore-rules.ts'
import { openAzure } from './azure.ts'
import { openGoogle } from './google.ts'
import { type HeapObject, ObjectHeap } from './object-heap.ts'
import { openS3 } from './s3.ts'
import { type BucketStore, bucketFault } from './store.ts'

/** How a client of buckets behaves. */
export interface BucketsOptions {
  readonly http: HttpClient
  readonly clock: Clock
  readonly objectsMax?: number
  readonly bytesMax?: number
  /** Where objects go that are too many for the memory; they stay in memory unless given. */
  readonly spoolDir?: string
  /** Where Google Cloud Storage is, in place of its own address. */
  readonly googleBase?: string
}

const MIB = 1024 * 1024
/** Objects beyond this go to the disk. */
const MEMORY_BYTES_MAX = 16 * MIB
const PARALLEL = 32
const IGNORE_FILE = '.sourceignore'

/**
 * Creates a client of object storage. The revision is a digest over keys and etags, so that nothing is
 * fetched while they stay the same.
 * @see source-controller bucket_controller.go fetchEtagIndex, fetchIndexFiles (v1.9.1)
 */
export function createBuckets(options: BucketsOptions): Buckets {
  const open = (request: BucketRequest): BucketStore | Promise<BucketStore> => {
    if (request.provider === 'azure') return openAzure(request, options)
    if (request.provider === 'gcp') return openGoogle(request, options.http, options.googleBase)
    return openS3(request, options)
  }
  return {
    fetch: async (request) => {
      // Each request under way listens for the end of the time.
      setMaxListeners(2 * PARALLEL, request.signal)
      const store = await open(request)
      const { index, ignoreFile } = await readIndex(store, request, options.objectsMax ?? 100_000)
      const listed = { revision: digestOf(index), count: index.size }
      if (request.have === listed.revision) return listed
      const { spoolDir: dir } = options
      const heap = new ObjectHeap(
        dir === undefined ? undefined : { dir, fromBytes: MEMORY_BYTES_MAX },
      )
      const release = (): void => heap.close()
      try {
        const fetching = { request, index, ignoreFile, heap }
        const tree = await fetchFiles(store, fetching, options.bytesMax)
        return { revision: digestOf(index), count: index.size, tree, release }
      } catch (error) {
        release()
        throw error
      }
    },
  }
}

/** Keys and etags of what goes into the artifact. */
type Index = Map<string, string>

function digestOf(index: Index): string {
  const digest = createHash('sha256')
  for (const key of [...index.keys()].sort(compareText)) digest.update(`${key} ${index.get(key)}\n`)
  return `sha256:${digest.digest('hex')}`
}

async function within<T>(words: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isFault(error, 'BUCKET')) throw error
    throw bucketFault('BUCKET', `${words}: ${error.message}`, error)
  }
}

async function readIndex(
  store: BucketStore,
  { bucket, ignore, prefix = '' }: BucketRequest,
  objectsMax: number,
): Promise<{ readonly index: Index; readonly ignoreFile: Buffer | undefined }> {
  const isThere = await within(`failed to confirm existence of '${bucket}' bucket`, () =>
    store.exists(),
  )
  if (!isThere) throw bucketFault('BUCKET', `bucket '${bucket}' not found`)
  const own = await within(`failed to get Etag for '${IGNORE_FILE}' object`, () =>
    store.get(IGNORE_FILE, MIB),
  )
  const includes = bucketFilter(own?.body.toString() ?? '', ignore)
  const index: Index = new Map()
  const words = `indexation of objects from bucket '${bucket}' failed: listing objects from bucket '${bucket}' failed`
  await within(words, async () => {
    let count = 0
    for await (const page of store.list(prefix)) {
      count += page.length
      if (count > objectsMax) throw bucketFault('BUCKET', `more than ${objectsMax} objects`)
      for (const { key, etag } of page)
        if (!key.endsWith('/') && key !== IGNORE_FILE && includes(key, 'file')) index.set(key, etag)
    }
  })
  return { index, ignoreFile: own?.body }
}

interface Fetching {
  readonly request: BucketRequest
  readonly index: Index
  readonly ignoreFile: Buffer | undefined
  readonly heap: ObjectHeap
}

/** Fetches the objects; the index follows what has changed since it was listed. */
async function fetchFiles(
  store: BucketStore,
  { request, index, ignoreFile, heap }: Fetching,
  bytesMax = 1024 * MIB,
): Promise<SourceTree> {
  const { bucket } = request
  const contents = new Map<string, HeapObject>()
  if (ignoreFile !== undefined) {
    const own = heap.add()
    own.take(ignoreFile)
    contents.set(IGNORE_FILE, own)
  }
  let left = bytesMax
  await within(`fetch from bucket '${bucket}' failed`, () =>
    pool([...index], PARALLEL, async ([key, etag]) => {
      const path = joinPath(key)
      if (path === '' || path.split('/').includes('..'))
        throw bucketFault(
          'BUCKET',
          `failed to resolve path for '${key}' object: it leaves the bucket`,
        )
      const object = heap.add()
      const found = await within(`failed to get '${key}' object`, () =>
        store.get(key, Math.max(left, 0), (chunk) => object.take(chunk)),
      )
      if (found === undefined) {
        index.delete(key)
        return
      }
      left -= object.length
      contents.set(path, object)
      if (found.etag !== '' && found.etag !== etag) index.set(key, found.etag)
    }),
  )
  return treeOf(contents)
}

function treeOf(contents: ReadonlyMap<string, HeapObject>): SourceTree {
  const names = memoryTree(Object.fromEntries([...contents.keys()].map((path) => [path, ''])))
  return {
    ...names,
    read: (path) => {
      const object = contents.get(path)
      return object === undefined ? undefined : Buffer.concat([...object.pieces])
    },
    pieces: (path) => contents.get(path),
  }
}
