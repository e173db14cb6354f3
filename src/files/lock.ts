import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Fault, isFault } from '../base/index.ts'
import type { JournalCode } from './codes.ts'

/** A lock that is held. */
export interface Lock {
  /** Whether the last holder went with the machine, not just by itself. */
  readonly isAfterCrash: boolean
  release(): void
}

/** Who holds a lock. */
interface Holder {
  readonly pid: number
  /** When the process began, as the system counts; `''` where it does not say. */
  readonly began: string
  /** The run of the machine; `''` where it does not say. */
  readonly boot: string
}

/**
 * Takes a file as a lock. One whose process is gone is taken over; that another process has got its
 * number since is seen by when that began. Processes in other containers are not seen.
 * @throws Fault JOURNAL_IN_USE
 */
export function takeLock(path: string): Lock {
  const own: Holder = { pid: process.pid, began: beginOf(process.pid), boot: bootOf() }
  const text = `${own.pid} ${own.began} ${own.boot}\n`
  let isAfterCrash = false
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const stale = tryLock(path, text)
    if (stale === undefined)
      return { isAfterCrash, release: () => readText(path) === text && rmSync(path, RM) }
    const holder = holderIn(stale)
    if (isAlive(holder, own)) throw inUse(path, holder)
    isAfterCrash = holder.boot === '' || holder.boot !== own.boot
    clear(path, stale, own.pid)
  }
  throw inUse(path, holderIn(readText(path) ?? ''))
}

const TRIES_MAX = 100
const RM = { force: true }

function inUse(path: string, { pid }: Holder): Fault<JournalCode> {
  return new Fault<JournalCode>({
    code: 'JOURNAL_IN_USE',
    message: `${path}: process ${pid} works with this folder; end it or name another folder`,
  })
}

/** Undefined when the lock is ours now, else what is in it. */
function tryLock(path: string, text: string): string | undefined {
  // Made under another name and linked, so that nobody ever sees it empty.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  try {
    linkSync(draft, path)
    return undefined
  } catch (error) {
    return isExisting(error) ? (readText(path) ?? '') : tryWithoutLinks(path, text)
  } finally {
    rmSync(draft, RM)
  }
}

/** Some file systems know no links. */
function tryWithoutLinks(path: string, text: string): string | undefined {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return undefined
  } catch (error) {
    if (!isExisting(error)) throw error
    return readText(path) ?? ''
  }
}

/** Takes a lock of somebody who is gone out of the way, unless somebody else was faster. */
function clear(path: string, stale: string, pid: number): void {
  const aside = `${path}.${pid}.old`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  try {
    if (readText(aside) !== stale) linkSync(aside, path)
  } catch {
    // There is one again.
  }
  rmSync(aside, RM)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function holderIn(text: string): Holder {
  const [pid = '', began = '', boot = ''] = text.trimEnd().split(' ')
  return { pid: Number(pid), began, boot }
}

function isExisting(error: unknown): boolean {
  return !isFault(error) && error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function isAlive({ pid, began, boot }: Holder, own: Holder): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  if (boot !== '' && own.boot !== '' && boot !== own.boot) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  const now = beginOf(pid)
  return began === '' || now === '' || began === now
}

/** When a process began, in ticks of the system since its start. @see proc_pid_stat(5), field 22 */
function beginOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`) ?? ''
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function bootOf(): string {
  return (readText('/proc/sys/kernel/random/boot_id') ?? '').trim()
}
