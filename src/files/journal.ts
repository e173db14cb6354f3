import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '../base/index.ts'
import type { JournalCode } from './codes.ts'
import { makeFolder } from './folder.ts'
import { type Draft, draftLines, endLine, openLines, readLines, unfinishedLine } from './lines.ts'
import { type Lock, takeLock } from './lock.ts'
import { entryIn, recordOf } from './record.ts'

/** Entries on the disk, one line with a checksum each, that are only ever added to. */
export interface JournalFile {
  /** What was there when it was opened, oldest first; read as it is asked for, to be asked for once. */
  readonly entries: Iterable<unknown>
  /** How much there is on the disk. */
  readonly sizeBytes: number
  /**
   * Whether entries that were appended last may be gone: the machine stopped while it was open, and
   * not its process alone.
   */
  readonly mayLack: boolean
  /**
   * Returns when the operating system has the entry: it survives the end of this process. The disk is
   * asked to have it at once and not waited for, so that a power failure may take the last ones. When
   * it throws, the entry is not there.
   */
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
 * @throws Fault JOURNAL_IN_USE when another process has it; JOURNAL_SPOILT, here or where the entries
 * are read, when one is not as it was written
 */
export function openJournal(path: string): JournalFile {
  makeFolder(dirname(path))
  const lock = takeLock(`${path}.lock`)
  try {
    const isNew = !existsSync(path)
    if (!isNew) finishLast(path)
    const journal = journalOn(path, lock)
    if (isNew) syncFolder(path)
    return journal
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A last line without an end was cut short by a crash, unless just the end of it is missing. */
function finishLast(path: string): void {
  const last = unfinishedLine(path)
  if (last === undefined) return
  const { bytes, offset } = last
  // A whole entry with one byte too many: that byte was the end of the line.
  if (bytes[0] !== BRACE && entryIn(bytes.subarray(0, -1)) !== undefined)
    throw spoilt(path, { offset: offset + bytes.length - 1 })
  endLine(path, last, entryIn(bytes) !== undefined)
}

const BRACE = 0x7b

function journalOn(path: string, lock: Lock): JournalFile {
  let file = openLines(path, 'a')
  let next: Draft | undefined
  const giveUp = (): void => {
    next?.file.close()
    next = undefined
    rmSync(nextPath(path), { force: true })
  }
  giveUp()
  const putInPlace = (made: Draft): void => {
    renameSync(nextPath(path), path)
    file.close()
    file = made.file
    next = undefined
    syncFolder(path)
  }
  return {
    entries: entriesOf(path, () => lock.release()),
    mayLack: lock.isAfterCrash,
    get sizeBytes() {
      return file.sizeBytes
    },
    append: (entry) => {
      const record = recordOf(entry)
      file.append(record)
      // The new file gets it in its order. That the old one has it is enough, though.
      if (next !== undefined && !(next.add(record) && next.flush())) giveUp()
    },
    rewrite: async (entries) => {
      if (next !== undefined) return
      let made: Draft | undefined
      const isWanted = (): boolean => made !== undefined && next === made
      try {
        made = draftLines(nextPath(path), TURN_BYTES)
        next = made
        if ((await isWritten(made, entries, isWanted)) && isWanted()) putInPlace(made)
      } catch {
        // What is there stays, and can still be added to.
      }
      if (isWanted()) giveUp()
    },
    close: () => {
      giveUp()
      file.syncNow()
      file.close()
      lock.release()
    },
  }
}

function nextPath(path: string): string {
  return `${path}.next`
}

/** Has the disk keep the names in the folder of a file, where the system can be asked for that. */
function syncFolder(path: string): void {
  try {
    const handle = openSync(dirname(path), 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch {
    // Not every system opens folders.
  }
}

/** Bytes written in one turn of the event loop: a millisecond or two. */
const TURN_BYTES = 256 * 1024

/** Writes all entries, a few in each turn; false when that could not be, or is wanted no more. */
async function isWritten(
  draft: Draft,
  entries: Iterable<unknown>,
  isWanted: () => boolean,
): Promise<boolean> {
  let bytes = 0
  for (const entry of entries) {
    const record = recordOf(entry)
    if (!isWanted() || !draft.add(record)) return false
    bytes += record.length
    if (bytes < TURN_BYTES) continue
    bytes = 0
    await new Promise((resolve) => setImmediate(resolve))
    if (!isWanted()) return false
  }
  if (!draft.flush()) return false
  await draft.file.sync()
  return isWanted()
}

function* entriesOf(path: string, unlock: () => void): Generator<unknown> {
  let line = 0
  for (const { bytes, offset } of readLines(path)) {
    line += 1
    const read = entryIn(bytes)
    if (read === undefined) {
      unlock()
      throw spoilt(path, { offset, line, bytes: bytes.length + 1 })
    }
    yield read.entry
  }
}

/** Where a journal is not as it was written, and what can be done about it. */
function spoilt(
  path: string,
  at: { readonly offset: number; readonly line?: number; readonly bytes?: number },
): Fault<JournalCode> {
  const { offset, line, bytes = 1 } = at
  const keep = `keep what comes before by truncate -s ${offset} ${path}`
  const drop = line === undefined ? '' : `, or drop this change alone by sed -i ${line}d ${path}`
  const where = line === undefined ? '' : ` (line ${line})`
  return new Fault<JournalCode>({
    code: 'JOURNAL_SPOILT',
    message: `${path}: ${bytes} bytes at byte ${offset}${where} are not as they were written, and nothing was changed: put a copy of the folder back, ${keep}${drop}`,
    at: { file: path, ...(line === undefined ? {} : { line }) },
  })
}
