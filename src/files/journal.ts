import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Fault, isFault } from '../base/index.ts'

/** Codes of faults of a journal. */
export type JournalCode = 'JOURNAL_IN_USE' | 'JOURNAL_SPOILT'

/** Entries on the disk, one line of JSON each, that are only ever added to. */
export interface JournalFile {
  /** What was there when it was opened, oldest first. */
  readonly entries: readonly unknown[]
  /** Returns when the operating system has the entry: it survives the end of this process. */
  append(entry: unknown): void
  /** Puts these entries in place of all others, whole or not at all. */
  rewrite(entries: Iterable<unknown>): void
  close(): void
}

/**
 * Opens a journal, making it where there is none. A last line that a crash left unfinished is cut
 * off. A lock beside the file keeps a second process away.
 * @throws Fault JOURNAL_IN_USE when another process has it, JOURNAL_SPOILT when a line inside is none
 */
export function openJournal(path: string): JournalFile {
  mkdirSync(dirname(path), { recursive: true })
  const unlock = lock(`${path}.lock`)
  try {
    const entries = existsSync(path) ? readEntries(path) : []
    let handle = openSync(path, 'a', 0o600)
    return {
      entries,
      append: (entry) => void writeSync(handle, `${JSON.stringify(entry)}\n`),
      rewrite: (all) => {
        replace(path, all)
        closeSync(handle)
        handle = openSync(path, 'a', 0o600)
      },
      close: () => {
        fsyncSync(handle)
        closeSync(handle)
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

function readEntries(path: string): unknown[] {
  const text = readFileSync(path, 'utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) cutOff(path, Buffer.byteLength(text.slice(0, end)))
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as unknown
    } catch (error) {
      throw new Fault<JournalCode>({
        code: 'JOURNAL_SPOILT',
        message: `${path}:${i + 1}: not a line of this journal; remove the folder to begin anew`,
        at: { file: path, line: i + 1 },
        cause: error,
      })
    }
  })
}

function cutOff(path: string, bytes: number): void {
  const handle = openSync(path, 'r+')
  ftruncateSync(handle, bytes)
  closeSync(handle)
}

function replace(path: string, entries: Iterable<unknown>): void {
  const next = `${path}.next`
  const handle = openSync(next, 'w', 0o600)
  for (const entry of entries) writeSync(handle, `${JSON.stringify(entry)}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(next, path)
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
