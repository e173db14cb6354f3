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
  readonly sizeBytes: number
  /**
   * Returns when the operating system has the bytes, or throws and leaves the file as it was. The disk
   * is asked to have them at once, which is not waited for; what it then refuses, the next call throws.
   */
  append(bytes: Uint8Array): void
  /** Waits until the disk has what was appended. */
  sync(): Promise<void>
  syncNow(): void
  close(): void
}

/** A file of lines in the making, whose lines are held back until there are many of them. */
export interface Draft {
  /** Holds bytes back, or writes them with all before when these are many; false when that fails. */
  add(bytes: Uint8Array): boolean
  /** Writes what was held back. */
  flush(): boolean
  readonly file: LineFile
}

/** Begins a file anew. */
export function draftLines(path: string, heldMax: number): Draft {
  const file = openLines(path, 'w')
  let held: Uint8Array[] = []
  let size = 0
  const flush = (): boolean => {
    try {
      file.append(Buffer.concat(held))
      held = []
      size = 0
      return true
    } catch {
      return false
    }
  }
  return {
    add: (bytes) => {
      held.push(bytes)
      size += bytes.length
      return size < heldMax || flush()
    },
    flush,
    file,
  }
}

/** Opens a file to add to it; with `w` it is empty to begin with. */
export function openLines(path: string, flags: 'a' | 'w'): LineFile {
  const handle = openSync(path, flags, 0o600)
  const disk = asking(handle)
  let sizeBytes = fstatSync(handle).size
  let isTorn = false
  /** A full disk may have taken a part, which the next line must not be glued to. */
  const cut = (): void => {
    isTorn = true
    ftruncateSync(handle, sizeBytes)
    isTorn = false
  }
  return {
    get sizeBytes() {
      return sizeBytes
    },
    append: (bytes) => {
      if (isTorn) cut()
      disk.check()
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      } catch (error) {
        cut()
        throw error
      }
      sizeBytes += bytes.length
      disk.ask()
    },
    sync: () =>
      new Promise((resolve, reject) => {
        fsync(handle, (error) => (error === null ? resolve() : reject(error)))
      }),
    syncNow: () => fsyncSync(handle),
    close: () => disk.whenDone(() => closeSync(handle)),
  }
}

/** Asks the disk for what a file has, one question at a time, and once more for what came meanwhile. */
function asking(handle: number): {
  ask(): void
  /** @throws what the disk last refused */
  check(): void
  whenDone(fn: () => void): void
} {
  let isBusy = false
  let isAskedAgain = false
  let refusal: Error | undefined
  let last: (() => void) | undefined
  const ask = (): void => {
    isAskedAgain = isBusy
    if (isBusy) return
    isBusy = true
    fsync(handle, (error) => {
      isBusy = false
      refusal = error ?? undefined
      if (last !== undefined) last()
      else if (isAskedAgain) ask()
    })
  }
  return {
    ask,
    check: () => {
      const error = refusal
      refusal = undefined
      if (error !== undefined) throw error
    },
    whenDone: (fn) => {
      if (isBusy) last = fn
      else fn()
    },
  }
}

const CHUNK_BYTES = 1024 * 1024
const LINE_END = 0x0a

/** A line of a file, without its end. */
export interface Line {
  readonly bytes: Buffer
  /** Where it begins, in bytes from the start of the file. */
  readonly offset: number
}

/** The lines of a file, a part of it in memory at a time; what has no line end is left out. */
export function* readLines(path: string): Generator<Line> {
  const handle = openSync(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    let offset = 0
    for (;;) {
      const chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, rest.length))
      const read = readSync(handle, chunk)
      if (read === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)])
      let start = 0
      for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
        yield { bytes: bytes.subarray(start, end), offset: offset + start }
        start = end + 1
      }
      offset += start
      rest = bytes.subarray(start)
    }
  } finally {
    closeSync(handle)
  }
}

/** What follows the last line end of a file; undefined when nothing does. */
export function unfinishedLine(path: string): Line | undefined {
  const handle = openSync(path, 'r')
  try {
    const { size } = fstatSync(handle)
    let offset = size
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    while (offset > 0) {
      const start = Math.max(0, offset - CHUNK_BYTES)
      const read = readSync(handle, chunk, 0, offset - start, start)
      const last = chunk.subarray(0, read).lastIndexOf(LINE_END)
      offset = last < 0 ? start : start + last + 1
      if (last >= 0) break
    }
    if (offset === size) return undefined
    const bytes = Buffer.allocUnsafe(size - offset)
    readSync(handle, bytes, 0, bytes.length, offset)
    return { bytes, offset }
  } finally {
    closeSync(handle)
  }
}

/** Ends a last line that has no end: cuts it off, or adds the end. */
export function endLine(path: string, { bytes, offset }: Line, isKept: boolean): void {
  const handle = openSync(path, 'r+')
  try {
    if (isKept) writeSync(handle, '\n', offset + bytes.length)
    else ftruncateSync(handle, offset)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
