import { createHmac, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import {
  AUDIT_START,
  type Audit,
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
 * each, so that a crash costs at most the end of the last one; the next line then says so.
 * @throws when the file cannot be opened
 */
export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { clock, log, write, key, fileBytesMax = 64 * MIB, filesMax = 20 } = options
  const secret = key ?? randomBytes(32).toString('hex')
  let out = options.file === undefined ? undefined : openFile(options.file)
  let previous = out?.previous ?? AUDIT_START
  let serial = out?.serial ?? 0
  const add = (body: Readonly<Record<string, unknown>>): void => {
    serial += 1
    const head = { serial, time: rfc3339Micro(clock.now()) }
    const { line, hash } = auditLine(
      { ...head, ...body },
      { previous, ...(key === undefined ? {} : { key }) },
    )
    previous = hash
    const text = `${line}\n`
    write?.(text)
    if (out === undefined || options.file === undefined) return
    out.bytes += writeSync(out.handle, text)
    if (out.bytes <= fileBytesMax) return
    closeFile(out.handle)
    rotate(options.file, filesMax)
    out = openFile(options.file)
  }
  const tryAdd = (body: Readonly<Record<string, unknown>>): void => {
    try {
      add(body)
    } catch (error) {
      log.error('unable to write the audit trail', { error: messageOf(error) })
    }
  }
  if (out?.isTorn === true) tryAdd({ event: 'resumed', note: 'the line before was cut short' })
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
  readonly isTorn: boolean
}

function openFile(file: string): OpenFile {
  const handle = openSync(file, 'a+', 0o600)
  const bytes = fstatSync(handle).size
  const tail = Buffer.alloc(Math.min(bytes, TAIL_BYTES))
  readSync(handle, tail, 0, tail.length, bytes - tail.length)
  const text = tail.toString('utf8')
  const isTorn = text !== '' && !text.endsWith('\n')
  const last = text
    .split('\n')
    .map((line) => readAuditLine(line))
    .findLast((link) => link !== undefined)
  const serial = last?.body['serial']
  return {
    handle,
    bytes: bytes + (isTorn ? writeSync(handle, '\n') : 0),
    previous: last?.hash,
    serial: typeof serial === 'number' ? serial : undefined,
    isTorn,
  }
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
