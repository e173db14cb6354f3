import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'

/** A file of lines that is only added to. */
export interface LineFile {
  /** Returns when the operating system has the text, or throws and leaves the file as it was. */
  append(text: string): void
  /** Waits until the disk has what was appended. */
  sync(): Promise<void>
  syncNow(): void
  close(): void
}

/** A file of lines in the making, whose lines are held back until there are many of them. */
export interface Draft {
  /** Holds a text back, or writes it with all before it when these are long; false when that fails. */
  add(text: string): boolean
  /** Writes what was held back. */
  flush(): boolean
  readonly file: LineFile
}

/** Begins a file anew. */
export function draftLines(path: string, heldMax: number): Draft {
  const file = openLines(path, 'w')
  let held = ''
  const flush = (): boolean => {
    try {
      file.append(held)
      held = ''
      return true
    } catch {
      return false
    }
  }
  return {
    add: (text) => {
      held += text
      return held.length < heldMax || flush()
    },
    flush,
    file,
  }
}

/** Opens a file to add to it; with `w` it is empty to begin with. */
export function openLines(path: string, flags: 'a' | 'w'): LineFile {
  const handle = openSync(path, flags, 0o600)
  let size = fstatSync(handle).size
  return {
    append: (text) => {
      const bytes = Buffer.from(text)
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      } catch (error) {
        // A full disk may have taken a part, which the next line must not be glued to.
        ftruncateSync(handle, size)
        throw error
      }
      size += bytes.length
    },
    sync: () =>
      new Promise((resolve, reject) => {
        fsync(handle, (error) => (error === null ? resolve() : reject(error)))
      }),
    syncNow: () => fsyncSync(handle),
    close: () => closeSync(handle),
  }
}

const CHUNK_BYTES = 1024 * 1024
const LINE_END = 0x0a

/** The lines of a file, a part of it in memory at a time; what has no line end is left out. */
export function* readLines(path: string): Generator<string> {
  const handle = openSync(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const read = readSync(handle, chunk)
      if (read === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)])
      let start = 0
      for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
        yield bytes.toString('utf8', start, end)
        start = end + 1
      }
      rest = bytes.subarray(start)
    }
  } finally {
    closeSync(handle)
  }
}

/** Cuts off a last line that has no end. */
export function cutUnfinished(path: string): void {
  const handle = openSync(path, 'r+')
  try {
    const { size } = fstatSync(handle)
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let end = size
    while (end > 0) {
      const start = Math.max(0, end - CHUNK_BYTES)
      const read = readSync(handle, chunk, 0, end - start, start)
      const last = chunk.subarray(0, read).lastIndexOf(LINE_END)
      end = last < 0 ? start : start + last + 1
      if (last >= 0) break
    }
    if (end < size) ftruncateSync(handle, end)
  } finally {
    closeSync(handle)
  }
}
