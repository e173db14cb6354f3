import { constants } from 'node:fs'
import { copyFile, open, rename, rm } from 'node:fs/promises'
import type { Written } from '../tree/tar-write.ts'
import type { CheckedFiles } from './checked-files.ts'

/** Where an archive is to be. */
export interface TwinTarget {
  readonly file: string
  readonly part: string
  /** Gets the copy when it is whole and before it has its name. */
  readonly keep: (file: string, written: Written) => Promise<void>
}

interface Twin extends Written {
  readonly file: string
}

const TWINS_MAX = 1024

/**
 * Knows which archives hold what, so that many sources with one content cost one: five hundred
 * objects that follow one repository are packed once and copied, where the file system can without
 * a byte. No file is shared: what spoils one of them leaves the others alone. What was changed on
 * the disk since is never taken.
 */
export class ArchiveTwins {
  readonly #files: CheckedFiles
  readonly #byContent = new Map<string, Twin>()
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(files: CheckedFiles) {
    this.#files = files
  }

  /** Puts the archive of a content at `file`: a copy of one that there is, or what `write` makes. */
  async put(content: string, target: TwinTarget, write: () => Promise<Written>): Promise<Written> {
    while (this.#underWay.has(content)) await this.#underWay.get(content)
    const copied = await this.#copy(content, target)
    if (copied !== undefined) return copied
    const writing = write()
    const settled = writing.then(
      () => undefined,
      () => undefined,
    )
    this.#underWay.set(content, settled)
    try {
      const written = await writing
      this.#remember(content, { ...written, file: target.file })
      return written
    } finally {
      this.#underWay.delete(content)
    }
  }

  async #copy(content: string, target: TwinTarget): Promise<Written | undefined> {
    const twin = this.#byContent.get(content)
    if (twin === undefined) return undefined
    const { digest, sizeBytes, file } = twin
    if ((await this.#files.verify(file, digest)) !== 'ok') {
      this.#byContent.delete(content)
      return undefined
    }
    if (file === target.file) return { digest, sizeBytes }
    try {
      await copyFile(file, target.part, constants.COPYFILE_FICLONE)
      await flush(target.part)
      await target.keep(target.part, { digest, sizeBytes })
      await rename(target.part, target.file)
    } catch {
      // The twin went just now, the disk is full, or it cannot be handed on: writing it tells.
      await rm(target.part, { force: true })
      return undefined
    }
    this.#remember(content, { digest, sizeBytes, file: target.file })
    return { digest, sizeBytes }
  }

  #remember(content: string, twin: Twin): void {
    this.#byContent.delete(content)
    this.#byContent.set(content, twin)
    const oldest = this.#byContent.keys().next().value
    if (this.#byContent.size > TWINS_MAX && oldest !== undefined) this.#byContent.delete(oldest)
  }
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
