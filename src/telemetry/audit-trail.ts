import { createHmac, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import {
  AUDIT_START,
  type Audit,
  type AuditLink,
  auditLine,
  type Clock,
  type Log,
  messageOf,
  readAuditLine,
  rfc3339Micro,
} from '../base/index.ts'

/** Where an audit trail goes. */
export interface AuditTrailOptions {
  readonly clock: Clock
  readonly log: Log
  /** A file that lines are added to; absent: none. */
  readonly file?: string
  /** Told of each line, with its line end; absent: nobody. */
  readonly write?: (line: string) => void
  /** Only who has it can make lines that verify. */
  readonly key?: string
  /** The file is put aside when it is larger; 64 MiB unless given. */
  readonly fileBytesMax?: number
  /** Files that were put aside and are kept; 20 unless given. */
  readonly filesMax?: number
  /** Adds bytes to an open file and says how many; the disk's own unless given. */
  readonly append?: (handle: number, bytes: Uint8Array) => number
}

/** A trail that is open. */
export interface AuditTrail extends Audit {
  /** All that was recorded is on the disk when this returns. */
  close(): void
}

const MIB = 1024 * 1024
/** The last line of a file is looked for in so many bytes. */
const TAIL_BYTES = MIB

/**
 * Opens a trail, or goes on with the one that its file holds. Lines are written at once, in one call
 * each, so that a crash costs at most the end of the last one; the next line then says so. What a full
 * disk does not take is logged, and counted in the next line that it takes: the chain goes on from the
 * last line that is there.
 * @throws when the file cannot be opened
 */
export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { clock, log, write, key, fileBytesMax = 64 * MIB, filesMax = 20 } = options
  const { append = writeSync } = options
  const secret = key ?? randomBytes(32).toString('hex')
  let out = options.file === undefined ? undefined : openFile(options.file)
  let previous = out?.previous ?? AUDIT_START
  let serial = out?.serial ?? 0
  let lost = 0
  const add = (body: Readonly<Record<string, unknown>>): void => {
    const head = { serial: serial + 1, time: rfc3339Micro(clock.now()) }
    const { line, hash } = auditLine(
      { ...head, ...body },
      { previous, ...(key === undefined ? {} : { key }) },
    )
    const text = `${line}\n`
    write?.(text)
    if (out !== undefined) appendLine(out, text, append)
    serial += 1
    previous = hash
    if (out === undefined || options.file === undefined || out.bytes <= fileBytesMax) return
    rotate(options.file, filesMax)
    closeFile(out.handle)
    out = openFile(options.file)
  }
  const tryAdd = (body: Readonly<Record<string, unknown>>): void => {
    try {
      if (out?.isTorn === true) {
        add({ event: 'resumed', note: 'the line before was cut short' })
        out.isTorn = false
      }
      if (lost > 0) add({ event: 'lost', records: lost, note: 'they could not be written' })
      lost = 0
      add(body)
    } catch (error) {
      lost += 1
      log.error('unable to write the audit trail', { error: messageOf(error) })
    }
  }
  if (out?.isTorn === true) {
    out.isTorn = false
    tryAdd({ event: 'resumed', note: 'the line before was cut short' })
  }
  return {
    record: (change) => tryAdd({ ...change }),
    digest: (value) =>
      `hmac:${createHmac('sha256', secret).update(value).digest('hex').slice(0, 32)}`,
    close: () => {
      if (out !== undefined) closeFile(out.handle)
      out = undefined
    },
  }
}

interface OpenFile {
  readonly handle: number
  bytes: number
  /** Hash and number of its last whole line; where it has none, of nothing. */
  readonly previous: string | undefined
  readonly serial: number | undefined
  /** It ended within a line, which has been ended since. */
  isTorn: boolean
}

/** All of a line, or nothing of it: what a full disk took of it is taken away again. */
function appendLine(
  out: OpenFile,
  text: string,
  append: NonNullable<AuditTrailOptions['append']>,
): void {
  const bytes = Buffer.from(text)
  let done = 0
  try {
    while (done < bytes.length) done += append(out.handle, bytes.subarray(done))
  } catch (error) {
    if (done > 0) ftruncateSync(out.handle, out.bytes)
    throw error
  }
  out.bytes += done
}

function openFile(file: string): OpenFile {
  const handle = openSync(file, 'a+', 0o600)
  const { bytes, text } = tailOf(handle)
  const isTorn = text !== '' && !text.endsWith('\n')
  // A file that was begun just before the end: the line before is in the one that was put aside.
  const last = lastLink(text === '' ? tailBefore(file) : text)
  const serial = last?.body['serial']
  return {
    handle,
    bytes: bytes + (isTorn ? writeSync(handle, '\n') : 0),
    previous: last?.hash,
    serial: typeof serial === 'number' ? serial : undefined,
    isTorn,
  }
}

function tailOf(handle: number): { readonly bytes: number; readonly text: string } {
  const bytes = fstatSync(handle).size
  const tail = Buffer.alloc(Math.min(bytes, TAIL_BYTES))
  readSync(handle, tail, 0, tail.length, bytes - tail.length)
  return { bytes, text: tail.toString('utf8') }
}

function tailBefore(file: string): string {
  if (!existsSync(`${file}.1`)) return ''
  const handle = openSync(`${file}.1`, 'r')
  try {
    return tailOf(handle).text
  } finally {
    closeSync(handle)
  }
}

function lastLink(text: string): AuditLink | undefined {
  return text
    .split('\n')
    .map((line) => readAuditLine(line))
    .findLast((link) => link !== undefined)
}

function closeFile(handle: number): void {
  fsyncSync(handle)
  closeSync(handle)
}

/** `trail` becomes `trail.1`, `trail.1` becomes `trail.2`; the oldest goes. */
function rotate(file: string, filesMax: number): void {
  rmSync(`${file}.${filesMax}`, { force: true })
  for (let i = filesMax - 1; i >= 1; i -= 1)
    if (existsSync(`${file}.${i}`)) renameSync(`${file}.${i}`, `${file}.${i + 1}`)
  renameSync(file, `${file}.1`)
}
