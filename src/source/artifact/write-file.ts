import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { FilePieces } from '../../api/index.ts'
import { Fault, isFault, messageOf } from '../../base/index.ts'
import type { Written } from '../tree/tar-write.ts'
import { algorithmOf, digestOf } from './checked-files.ts'

/** How names of files end that are being written. */
export const PART_SUFFIX = '.part'
/** The link to the newest file. */
export const LATEST = 'latest.tar.gz'

/** Serves the newest file under a name that stays; that this failed hurts nobody. */
export async function linkLatest(file: string): Promise<void> {
  const link = join(dirname(file), LATEST)
  const part = partOf(link)
  try {
    await symlink(basename(file), part)
    await rename(part, link)
  } catch {
    await rm(part, { force: true }).catch(() => undefined)
  }
}

/** Hands on a file that is whole and has no name yet. */
export type Keep = (file: string, written: Written) => Promise<void>

/** Says whether there is a file of that name. */
export async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found?.isFile() === true
}

/** A fault of the store; the reason is the condition's. */
export function storageFault(reason: string, message: string, cause?: unknown): Fault {
  return new Fault({
    code: 'ARTIFACT_STORAGE',
    reason,
    message,
    ...(cause === undefined ? {} : { cause }),
  })
}

let serial = 0

/** The name under which a file is written; no two are the same. */
export function partOf(file: string): string {
  serial += 1
  return `${file}.${serial}${PART_SUFFIX}`
}

/** Makes the folder of a file. */
export async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  } catch (error) {
    const text = `failed to create artifact directory: ${messageOf(error)}`
    throw storageFault('DirectoryCreationFailed', text, error)
  }
}

/** Writes to a file beside the target, flushes it to the disk and only then renames it. */
export async function writeWhole(
  { target, part, keep }: { readonly target: string; readonly part: string; readonly keep: Keep },
  write: (handle: Awaited<ReturnType<typeof open>>) => Promise<Written>,
): Promise<Written> {
  try {
    const handle = await open(part, 'w', 0o600)
    try {
      const written = await write(handle)
      await handle.sync()
      await handle.close()
      await keep(part, written)
      await rename(part, target)
      return written
    } catch (error) {
      await handle.close().catch(() => undefined)
      throw error
    }
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined)
    if (isFault(error) && error.code !== 'GIT_OBJECT') throw error
    const text = `unable to archive artifact to storage: ${messageOf(error)}`
    throw storageFault('ArchiveOperationFailed', text, error)
  }
}

/** Writes bytes as they are. */
export async function writeBlob(
  handle: Awaited<ReturnType<typeof open>>,
  blob: FilePieces,
  algorithm: string,
): Promise<Written> {
  const hash = createHash(algorithm)
  for (const piece of blob.pieces) {
    hash.update(piece)
    for (let at = 0; at < piece.length; ) at += (await handle.write(piece, at)).bytesWritten
  }
  return { digest: `${algorithm}:${hash.digest('hex')}`, sizeBytes: blob.length }
}

/**
 * Puts a file that was made elsewhere in its place, where it has the digest that it should have.
 * `fill` writes it to where it is told.
 */
export async function adoptFile(
  file: string,
  { digest, isLinked }: { readonly digest: string; readonly isLinked: boolean },
  fill: (file: string) => Promise<void>,
): Promise<boolean> {
  const part = partOf(file)
  await makeFolder(file)
  try {
    await fill(part)
    if (!(await isFile(part))) return false
    if ((await digestOf(part, algorithmOf(digest))) !== digest) return false
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
  if (isLinked) await linkLatest(file)
  return true
}
