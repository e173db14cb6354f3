import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault, isFault } from '../base/index.ts'
import { makeFolder } from './folder.ts'
import { cutUnfinished, type Draft, draftLines, openLines, readLines } from './lines.ts'

/** Codes of faults of a journal. */
export type JournalCode = 'JOURNAL_IN_USE' | 'JOURNAL_SPOILT'

/** Entries on the disk, one line of JSON each, that are only ever added to. */
export interface JournalFile {
  /** What was there when it was opened, oldest first; read as it is asked for, to be asked for once. */
  readonly entries: Iterable<unknown>
  /** Returns when the operating system has the entry: it survives the end of this process. */
  append(entry: unknown): void
  /**
   * Puts these entries in place of all others, whole or not at all. They are asked for a few at a time
   * while other work goes on; what is appended meanwhile comes among them and stays. Resolves when it
   * is done or was given up: by `close`, or because the disk would not have it. One at a time; a second
   * one does nothing.
   */
  rewrite(entries: Iterable<unknown>): Promise<void>
  close(): void
}

/**
 * Opens a journal, making it where there is none. A last line that a crash left unfinished is cut
 * off. A lock beside the file keeps a second process away.
 * @throws Fault JOURNAL_IN_USE when another process has it; JOURNAL_SPOILT, where the entries are read,
 * when a line inside is none
 */
export function openJournal(path: string): JournalFile {
  makeFolder(dirname(path))
  const unlock = lock(`${path}.lock`)
  try {
    if (existsSync(path)) cutUnfinished(path)
    return journalOn(path, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

function journalOn(path: string, unlock: () => void): JournalFile {
  let file = openLines(path, 'a')
  let next: Draft | undefined
  const giveUp = (): void => {
    next?.file.close()
    next = undefined
    rmSync(nextPath(path), { force: true })
  }
  giveUp()
  return {
    entries: entriesOf(path, unlock),
    append: (entry) => {
      const text = lineOf(entry)
      file.append(text)
      // The new file gets it in its order. That the old one has it is enough, though.
      if (next !== undefined && !(next.add(text) && next.flush())) giveUp()
    },
    rewrite: async (entries) => {
      if (next !== undefined) return
      const made = draftLines(nextPath(path), TURN_CHARS)
      next = made
      const isCurrent = (): boolean => next === made
      if (await isInPlace(path, made, entries, isCurrent)) {
        file.close()
        file = made.file
        next = undefined
      } else if (isCurrent()) giveUp()
    },
    close: () => {
      giveUp()
      file.syncNow()
      file.close()
      unlock()
    },
  }
}

function nextPath(path: string): string {
  return `${path}.next`
}

function lineOf(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`
}

/** Characters written in one turn of the event loop: a millisecond or two. */
const TURN_CHARS = 256 * 1024

/**
 * Writes all entries, a few in each turn, and puts them in place; false when that could not be, or is
 * wanted no more.
 */
async function isInPlace(
  path: string,
  draft: Draft,
  entries: Iterable<unknown>,
  isWanted: () => boolean,
): Promise<boolean> {
  let chars = 0
  for (const entry of entries) {
    const text = lineOf(entry)
    if (!isWanted() || !draft.add(text)) return false
    chars += text.length
    if (chars < TURN_CHARS) continue
    chars = 0
    await new Promise((resolve) => setImmediate(resolve))
    if (!isWanted()) return false
  }
  if (!draft.flush()) return false
  try {
    await draft.file.sync()
    if (isWanted()) renameSync(nextPath(path), path)
    return isWanted()
  } catch {
    return false
  }
}

function* entriesOf(path: string, unlock: () => void): Generator<unknown> {
  let number = 0
  for (const line of readLines(path)) {
    number += 1
    try {
      yield JSON.parse(line) as unknown
    } catch (error) {
      unlock()
      throw new Fault<JournalCode>({
        code: 'JOURNAL_SPOILT',
        message: `${path}:${number}: not a line of this journal; remove the folder to begin anew`,
        at: { file: path, line: number },
        cause: error,
      })
    }
  }
}

function lock(path: string): () => void {
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!isExisting(error)) throw error
    const holder = Number(readFileSync(path, 'utf8'))
    if (isAlive(holder))
      throw new Fault<JournalCode>({
        code: 'JOURNAL_IN_USE',
        message: `${path}: process ${holder} works with this folder; end it or name another folder`,
      })
    rmSync(path, { force: true })
    return lock(path)
  }
  return () => rmSync(path, { force: true })
}

function isExisting(error: unknown): boolean {
  return !isFault(error) && error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
