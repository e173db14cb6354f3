import { lstat, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type {
  Artifact,
  ArtifactInclude,
  ArtifactInput,
  ArtifactOwner,
  ArtifactStore,
  SourceTree,
} from '../../api/index.ts'
import { type Clock, joinPath, messageOf, rfc3339 } from '../../base/index.ts'
import { bytesInMemory } from '../spool.ts'
import { graft } from '../tree/graft.ts'
import { artifactFilter } from '../tree/ignore-rules.ts'
import { readArchive } from '../tree/tar-read.ts'
import { type Written, writeArchive } from '../tree/tar-write.ts'
import { ArchiveTwins } from './archive-twins.ts'
import { CheckedFiles } from './checked-files.ts'
import {
  adoptFile,
  isFile,
  type Keep,
  LATEST,
  linkLatest,
  makeFolder,
  PART_SUFFIX,
  partOf,
  storageFault,
  writeBlob,
  writeWhole,
} from './write-file.ts'

/** Algorithms of digests. */
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512'

/** How a store behaves. */
export interface ArtifactStoreOptions {
  /** The directory that holds everything; made when it is not there. */
  readonly dir: string
  /** Host and port that artifacts are advertised under. Asked each time: a port may come late. */
  readonly advertised: () => string
  readonly clock: Clock
  /** Files that are not current are kept this long; a minute unless given. */
  readonly retentionMs?: number
  /** Files kept of one source, the current one included; 2 unless given. */
  readonly retentionRecords?: number
  readonly digestAlgorithm?: DigestAlgorithm
  /** Gets each file when it is whole and before anybody sees it; its fault keeps it unseen. */
  readonly keep?: (file: KeptFile) => Promise<void>
}

/** A file that is whole. */
export interface KeptFile {
  /** Where it will be, below the root of the store. */
  readonly path: string
  readonly digest: string
  readonly sizeBytes: number
  /** Where it is now, on the disk. */
  readonly file: string
}

const INCLUDED_BYTES_MAX = 1024 * 1024 * 1024
const ARCHIVE_LIMITS = { filesMax: 1_000_000, depthMax: 256 }
const GARBAGE_MAX = 1000

/** The store, and what its HTTP face asks of it. */
export interface LocalArtifactStore extends ArtifactStore {
  /**
   * Compares a file that this store wrote or verified with what it knows of it; what it knows
   * nothing of is `ok`, its reader compares it.
   */
  inspect(path: string): Promise<'ok' | 'missing' | 'spoilt'>
  /** Says whether there is a file, whatever is in it. */
  has(path: string): Promise<boolean>
  /** Where the file of an artifact is on the disk. */
  fileOf(artifact: Artifact): string
  /**
   * Puts a file that was made elsewhere in its place; `fill` writes it to where it is told. What has
   * another digest is dropped: then the answer is false.
   */
  adopt(
    artifact: { readonly path: string; readonly digest: string; readonly isLinked: boolean },
    fill: (file: string) => Promise<void>,
  ): Promise<boolean>
}

/**
 * Keeps artifacts in a directory, `<kind>/<namespace>/<name>/<file>`. A file appears under its name
 * only when it is whole and on the disk; whatever a kill leaves behind is collected later.
 */
export function createArtifactStore(options: ArtifactStoreOptions): LocalArtifactStore {
  const files = new CheckedFiles()
  const twins = new ArchiveTwins(files)
  /** Digests by path. */
  const published = new Map<string, string>()
  const localPath = (artifact: { readonly path: string }): string =>
    join(options.dir, confined(artifact.path))
  const located = (artifact: Artifact): Artifact => ({
    ...artifact,
    url: `http://${options.advertised()}/${artifact.path}`,
  })
  return {
    located,
    verify: async (artifact) => {
      if (!isConfined(artifact.path)) return 'missing'
      const { digest } = artifact
      const state = await files.verify(localPath(artifact), digest)
      if (state === 'ok' && digest) published.set(confined(artifact.path), digest)
      return state
    },
    inspect: async (path) => {
      const digest = published.get(path)
      return digest === undefined ? 'ok' : files.verify(localPath({ path }), digest)
    },
    put: async (input) => {
      const path = `${folderOf(input.owner)}/${input.file}`
      const file = localPath({ path })
      const algorithm = options.digestAlgorithm ?? 'sha256'
      const nowMs = options.clock.now()
      const keep = keeper(options, path)
      const to = { file, algorithm, localPath, twins, keep, options }
      const written = await writeInput(input, to)
      await files.remember(file, written.digest)
      published.set(path, written.digest)
      if (input.isLinked === true) await linkLatest(file)
      return located(artifactOf(input, { ...written, path, nowMs }))
    },
    fileOf: localPath,
    has: (path) => isFile(localPath({ path })),
    adopt: async ({ path, digest, isLinked }, fill) => {
      const file = localPath({ path })
      if (!(await adoptFile(file, { digest, isLinked }, fill))) return false
      await files.remember(file, digest)
      published.set(confined(path), digest)
      return true
    },
    discard: async (artifact) => {
      published.delete(confined(artifact.path))
      await rm(localPath(artifact), { force: true })
    },
    collect: async (owner, current) => {
      const folder = folderOf(owner)
      const dir = join(options.dir, folder)
      const removed = await garbage(dir, localPath(current), options)
      for (const file of removed) {
        published.delete(`${folder}/${basename(file)}`)
        await rm(file, { force: true })
      }
      return removed.filter((file) => !file.endsWith(PART_SUFFIX))
    },
    remove: async (owner) => {
      const folder = folderOf(owner)
      for (const path of published.keys()) if (path.startsWith(`${folder}/`)) published.delete(path)
      return removeFolder(join(options.dir, folder))
    },
  }
}

async function removeFolder(dir: string): Promise<boolean> {
  const isThere = await stat(dir).then(
    () => true,
    () => false,
  )
  await rm(dir, { recursive: true, force: true })
  return isThere
}

function artifactOf(
  { revision, metadata }: ArtifactInput,
  written: Written & { readonly path: string; readonly nowMs: number },
): Artifact {
  return {
    path: written.path,
    url: '',
    revision,
    digest: written.digest,
    lastUpdateTime: rfc3339(written.nowMs),
    size: written.sizeBytes,
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** Writes what is to be stored: a tree with what it includes, or bytes as they are. */
async function writeInput(
  input: ArtifactInput,
  to: {
    readonly file: string
    readonly algorithm: DigestAlgorithm
    readonly localPath: (artifact: Artifact) => string
    readonly twins: ArchiveTwins
    readonly keep: Keep
    readonly options: ArtifactStoreOptions
  },
): Promise<Written> {
  const { algorithm, file: target, keep } = to
  const { blob, signal } = input
  const part = partOf(target)
  await makeFolder(target)
  await removeLeftovers(dirname(target), to.options)
  if (blob !== undefined)
    return writeWhole({ target, part, keep }, (file) => writeBlob(file, blob, algorithm))
  const tree = await withIncludes(input, to.localPath)
  const options = { algorithm, ...(signal === undefined ? {} : { signal }) }
  const write = (): Promise<Written> =>
    writeWhole({ target, part, keep }, (file) =>
      writeArchive(tree, input.isWhole ? () => true : artifactFilter(tree, input.ignore), {
        file,
        ...options,
      }),
    )
  if (tree.identity === undefined) return write()
  const content = JSON.stringify([tree.identity, input.isWhole, input.ignore, algorithm])
  return to.twins.put(content, { file: target, part, keep }, write)
}

function keeper({ keep }: ArtifactStoreOptions, path: string): Keep {
  if (keep === undefined) return () => Promise.resolve()
  return (file, { digest, sizeBytes }) => keep({ path, digest, sizeBytes, file })
}

function isConfined(path: string): boolean {
  const clean = joinPath(path)
  return clean !== '' && !clean.split('/').includes('..') && !clean.includes('\0')
}

/** Refuses paths that leave the store. */
function confined(path: string): string {
  const clean = joinPath(path)
  if (!isConfined(path)) throw storageFault('IllegalPath', `invalid artifact path '${path}'`)
  return clean
}

function folderOf(owner: ArtifactOwner): string {
  return `${owner.kind.toLowerCase()}/${owner.namespace}/${owner.name}`
}

/**
 * What goes: what is older than the retention time, then the oldest beyond the number kept.
 * @see fluxcd/pkg artifact/storage/gc.go GetGarbageFiles (v0.18)
 */
async function garbage(
  dir: string,
  current: string,
  options: ArtifactStoreOptions,
): Promise<readonly string[]> {
  const { retentionMs = 60_000, retentionRecords = 2, clock } = options
  const files = (await filesOf(dir)).filter(({ path }) => path !== current)
  const isOld = (file: StoredFile): boolean => clock.now() - file.atMs > retentionMs
  const old = files.filter(isOld)
  const young = files.filter((file) => !isOld(file) && !file.path.endsWith(PART_SUFFIX))
  const surplus = young.slice(0, Math.max(0, young.length + 1 - retentionRecords))
  return [...old, ...surplus].map((file) => file.path)
}

/**
 * Removes what a process left that was killed while it wrote: on a disk that this has filled nothing
 * would ever be stored again.
 */
async function removeLeftovers(
  dir: string,
  { clock, retentionMs = 60_000 }: ArtifactStoreOptions,
): Promise<void> {
  for (const { path, atMs } of await filesOf(dir))
    if (path.endsWith(PART_SUFFIX) && clock.now() - atMs > retentionMs)
      await rm(path, { force: true })
}

interface StoredFile {
  readonly path: string
  readonly atMs: number
}

/** What a folder holds beside the link to the newest file, the oldest first. */
async function filesOf(dir: string): Promise<readonly StoredFile[]> {
  const names = await readdir(dir).catch(() => [])
  const files: StoredFile[] = []
  for (const name of names.slice(0, GARBAGE_MAX)) {
    const path = join(dir, name)
    const found = await lstat(path).catch(() => undefined)
    // A link under way may point to what is gone.
    const isPart = name.endsWith(PART_SUFFIX)
    if (name !== LATEST && (found?.isFile() || (isPart && found?.isSymbolicLink())))
      files.push({ path, atMs: found.mtimeMs })
  }
  return files.sort((a, b) => a.atMs - b.atMs)
}

async function withIncludes(
  input: ArtifactInput,
  localPath: (artifact: Artifact) => string,
): Promise<SourceTree> {
  let tree = input.tree
  for (const include of input.includes ?? []) tree = await withInclude(tree, include, localPath)
  return tree
}

async function withInclude(
  tree: SourceTree,
  include: ArtifactInclude,
  localPath: (artifact: Artifact) => string,
): Promise<SourceTree> {
  const { name, fromPath, toPath } = include
  try {
    // A checkout has its repository there, though no artifact has it.
    if (joinPath(toPath) === '.git') throw new Error('cannot rename to .git: file exists')
    const packed = await readFile(localPath(include.artifact))
    const tar = gunzipSync(packed, { maxOutputLength: INCLUDED_BYTES_MAX })
    return graft(tree, readArchive(bytesInMemory(tar), ARCHIVE_LIMITS), { fromPath, toPath })
  } catch (error) {
    const text = `failed to copy '${name}' include from ${fromPath} to ${toPath}: ${messageOf(error)}`
    throw storageFault('CopyFailure', text, error)
  }
}
