import { link, rename, rm, utimes } from 'node:fs/promises'
import type { CheckedFiles } from './checked-files.ts'
import type { Written } from './tar-write.ts'

interface Twin extends Written {
  readonly file: string
}

const TWINS_MAX = 1024

/**
 * Knows which archives hold what, so that many sources with one content share one file: five
 * hundred objects that follow one repository cost one archive. What was changed on the disk since
 * is never taken.
 */
export class ArchiveTwins {
  readonly #files: CheckedFiles
  readonly #byContent = new Map<string, Twin>()
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(files: CheckedFiles) {
    this.#files = files
  }

  /** Puts the archive of a content at `file`: a link to one that there is, or what `write` makes. */
  async put(
    content: string,
    target: { readonly file: string; readonly part: string; readonly nowMs: number },
    write: () => Promise<Written>,
  ): Promise<Written> {
    while (this.#underWay.has(content)) await this.#underWay.get(content)
    const linked = await this.#link(content, target)
    if (linked !== undefined) return linked
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

  async #link(
    content: string,
    target: { readonly file: string; readonly part: string; readonly nowMs: number },
  ): Promise<Written | undefined> {
    const twin = this.#byContent.get(content)
    if (twin === undefined) return undefined
    const { digest, sizeBytes, file } = twin
    if ((await this.#files.verify(file, digest)) !== 'ok') {
      this.#byContent.delete(content)
      return undefined
    }
    if (file === target.file) return { digest, sizeBytes }
    try {
      await link(file, target.part)
      // Collected by its age, so that it counts as new.
      await utimes(target.part, target.nowMs / 1000, target.nowMs / 1000)
      await rename(target.part, target.file)
    } catch {
      // A file system without links, or the twin went just now: it is written once more.
      return undefined
    } finally {
      // Renaming a name of a file onto another of its names leaves both.
      await rm(target.part, { force: true })
    }
    await this.#files.remember(target.file, digest)
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
