import { type FSWatcher, watch } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type Clock, type Log, messageOf, silentLog } from '../../base/index.ts'
import { type FileContent, MemoryRepository } from './memory-repository.ts'
import { serveGit } from './server.ts'

/** What to serve and how. */
export interface DirectoryServerOptions {
  readonly dir: string
  readonly clock: Clock
  readonly log?: Log
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** A free one unless given. */
  readonly port?: number
  /** Branches that all lead to the content; `main` and `master` unless given. */
  readonly branches?: readonly string[]
  /** Called after each change of the content. */
  readonly onChange?: (revision: string) => void
  /** Longest wait for further changes after one was seen; 40 ms unless given. */
  readonly settleMs?: number
}

/** A directory that is served as a Git repository. */
export interface DirectoryServer {
  /** `http://127.0.0.1:<port>/<name of the directory>.git`; any other name works, too. */
  readonly url: string
  /** The address of the same content under another name. */
  urlOf(name: string): string
  /** `main@sha1:<hex>` of what is served now. */
  revision(): string
  /** Looks for changes now, for those who do not want to wait for the watch. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** Never part of a commit, or not for us to carry. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules'])
const SETTLE_MS = 40
const POLL_MS = 250
const FILES_MAX = 200_000
const BYTES_MAX = 1024 * 1024 * 1024

interface Known {
  readonly stamp: string
  readonly content: FileContent
}

/**
 * Serves a directory as a Git repository with one commit at a time, made of what is in it now,
 * committed or not. The commit's name depends on the content alone. Changes are seen by a watch on
 * each directory and, where the system has no more watches to give, by looking again and again.
 */
export async function serveDirectory(options: DirectoryServerOptions): Promise<DirectoryServer> {
  const state = new Directory(options)
  await state.refresh()
  const { host = '127.0.0.1', port = 0 } = options
  const server = await serveGit({ host, port, repository: () => state.repository })
  state.watch()
  const urlOf = (name: string): string => `http://${server.address}/${encodeURIComponent(name)}.git`
  return {
    url: urlOf(basename(resolve(options.dir))),
    urlOf,
    revision: () => state.revision(),
    refresh: () => state.refresh(),
    close: async () => {
      state.close()
      await server.close()
    },
  }
}

class Directory {
  readonly repository: MemoryRepository = new MemoryRepository()
  readonly #options: DirectoryServerOptions
  readonly #branches: readonly string[]
  readonly #watchers = new Map<string, FSWatcher>()
  #known = new Map<string, Known>()
  #dirs: readonly string[] = []
  #commit = ''
  #scan: Promise<void> = Promise.resolve()
  #cancel: (() => void) | undefined
  #isWatching = false
  #isClosed = false

  constructor(options: DirectoryServerOptions) {
    this.#options = options
    this.#branches = options.branches ?? ['main', 'master']
    this.repository.setHead(`refs/heads/${this.#branches[0] ?? 'main'}`)
  }

  revision(): string {
    return `${this.#branches[0] ?? 'main'}@sha1:${this.#commit}`
  }

  refresh(): Promise<void> {
    this.#scan = this.#scan.then(() => this.#update())
    return this.#scan
  }

  watch(): void {
    this.#isWatching = true
    this.#watchDirectories()
  }

  close(): void {
    this.#isClosed = true
    this.#cancel?.()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  async #update(): Promise<void> {
    const found = new Map<string, Known>()
    const dirs: string[] = []
    await this.#walk('', { found, dirs, bytes: 0 })
    this.#known = found
    this.#dirs = dirs
    if (this.#isWatching && !this.#isClosed) this.#watchDirectories()
    const files = Object.fromEntries([...found].map(([path, file]) => [path, file.content]))
    const name = basename(resolve(this.#options.dir))
    const commit = this.repository.commit({ files, message: `Files of ${name}` })
    if (commit === this.#commit) return
    const isFirst = this.#commit === ''
    this.#commit = commit
    for (const branch of this.#branches) this.repository.setRef(`refs/heads/${branch}`, commit)
    this.repository.keepReachable()
    if (!isFirst) this.#options.onChange?.(this.revision())
  }

  async #walk(
    dir: string,
    into: { found: Map<string, Known>; dirs: string[]; bytes: number },
  ): Promise<void> {
    into.dirs.push(dir)
    const entries = await readdir(join(this.#options.dir, dir), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        // A directory that went away meanwhile has no files; the root must be there.
        if (error.code === 'ENOENT' && dir !== '') return []
        throw error
      },
    )
    for (const entry of entries) {
      if (SKIPPED.has(entry.name)) continue
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`
      if (entry.isDirectory()) await this.#walk(path, into)
      else if (entry.isFile() || entry.isSymbolicLink()) await this.#take(path, into)
    }
  }

  async #take(path: string, into: { found: Map<string, Known>; bytes: number }): Promise<void> {
    const file = join(this.#options.dir, path)
    try {
      const { ino, size, mtimeMs, ctimeMs, mode } = await lstat(file)
      into.bytes += size
      if (into.found.size >= FILES_MAX || into.bytes > BYTES_MAX)
        throw new Error(`${this.#options.dir}: more than ${FILES_MAX} files or ${BYTES_MAX} bytes`)
      const stamp = `${ino} ${size} ${mtimeMs} ${ctimeMs} ${mode}`
      const known = this.#known.get(path)
      const isLink = (mode & 0o170000) === 0o120000
      const content = known?.stamp === stamp ? known.content : await readContent(file, mode, isLink)
      into.found.set(path, { stamp, content })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }

  #watchDirectories(): void {
    const wanted = new Set(this.#dirs)
    const isFirst = this.#watchers.size === 0
    for (const [dir, watcher] of this.#watchers)
      if (!wanted.has(dir)) {
        watcher.close()
        this.#watchers.delete(dir)
      }
    for (const dir of wanted) {
      if (this.#watchers.has(dir)) continue
      // What was written to a new directory before it was watched is seen by looking once more.
      if (!isFirst) this.#plan(this.#settleMs())
      try {
        const watcher = watch(join(this.#options.dir, dir), () => this.#plan(this.#settleMs()))
        watcher.on('error', () => {
          watcher.close()
          this.#watchers.delete(dir)
          this.#plan(POLL_MS)
        })
        this.#watchers.set(dir, watcher)
      } catch {
        this.#plan(POLL_MS)
      }
    }
  }

  #settleMs(): number {
    return this.#options.settleMs ?? SETTLE_MS
  }

  /** Looks again after a while. A look that is planned already is not put off by further changes. */
  #plan(ms: number): void {
    if (this.#cancel !== undefined || this.#isClosed) return
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#cancel = undefined
      this.refresh().catch((error: unknown) => {
        const log = this.#options.log ?? silentLog
        log.error('cannot read the directory', { error: messageOf(error) })
        this.#scan = Promise.resolve()
        this.#plan(POLL_MS)
      })
    })
  }
}

async function readContent(file: string, mode: number, isLink: boolean): Promise<FileContent> {
  if (isLink) return { link: await readlink(file) }
  const bytes = await readFile(file)
  return (mode & 0o100) === 0 ? bytes : { executable: bytes }
}
