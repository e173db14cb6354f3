import { createHash } from 'node:crypto'
import { type Clock, isFault } from '../../base/index.ts'
import { type HttpClient, readBody } from '../http-client.ts'
import {
  BadMetadata,
  type FileNote,
  type Metadata,
  type RoleName,
  type RootKeys,
  readMetadata,
  verifySigned,
} from './update-metadata.ts'

/** Where metadata is kept between two starts, by name. */
export interface MetadataStore {
  read(name: string): Buffer | undefined
  write(name: string, bytes: Buffer): void
}

/** A repository of The Update Framework, and what is known of it to begin with. */
export interface UpdateSource {
  readonly baseUrl: string
  /** Its first root that is believed. */
  readonly root: Buffer
  readonly http: HttpClient
  readonly clock: Clock
  readonly store: MetadataStore
}

const ROTATIONS_MAX = 256
const BYTES_MAX = {
  root: 512_000,
  timestamp: 16_384,
  snapshot: 2_000_000,
  targets: 5_000_000,
} as const
const TARGET_BYTES_MAX = 5_000_000
const MS_MAX = 20_000

/**
 * Fetches a file of a repository: by its root, which its own successors replace, its timestamp, its
 * snapshot and its list of files. Nothing older than what was seen before is taken.
 * @throws BadMetadata
 * @see https://theupdateframework.github.io/specification/latest/#detailed-client-workflow
 */
export async function fetchTarget(
  source: UpdateSource,
  name: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const nowMs = source.clock.now()
  const root = await freshRoot(source, signal)
  checkTime(root, 'root', nowMs)
  const timestamp = await follow(source, { role: 'timestamp', root, signal, nowMs })
  const snapshotNote = noteOf(timestamp, 'snapshot.json')
  const snapshot = await follow(source, {
    role: 'snapshot',
    root,
    signal,
    nowMs,
    note: snapshotNote,
  })
  const targetsNote = noteOf(snapshot, 'targets.json')
  const targets = await follow(source, { role: 'targets', root, signal, nowMs, note: targetsNote })
  const file = targets.targets[name]
  if (file === undefined)
    throw new BadMetadata(`getting info for target "${name}": target ${name} not found`)
  return await fetchFile(source, name, file, signal)
}

async function freshRoot(source: UpdateSource, signal: AbortSignal): Promise<Metadata> {
  let root = readMetadata(source.root, 'root')
  verifySigned(root, keysOf(root), 'root')
  const kept = source.store.read('root.json')
  if (kept !== undefined) root = laterRoot(root, kept)
  for (let turn = 0; turn < ROTATIONS_MAX; turn++) {
    const path = `${root.version + 1}.root.json`
    const bytes = await fetchBytes(source, path, { bytesMax: BYTES_MAX.root, signal })
    if (bytes === undefined) return root
    const next = readMetadata(bytes, 'root')
    verifySigned(next, keysOf(root), 'root')
    verifySigned(next, keysOf(next), 'root')
    if (next.version !== root.version + 1)
      throw new BadMetadata(`bad version number, expected ${root.version + 1}, got ${next.version}`)
    root = next
    source.store.write('root.json', bytes)
  }
  throw new BadMetadata('too many roots')
}

/** What was kept is a root that followed from the first one; it is checked as itself. */
function laterRoot(first: Metadata, kept: Buffer): Metadata {
  try {
    const root = readMetadata(kept, 'root')
    verifySigned(root, keysOf(root), 'root')
    return root.version > first.version ? root : first
  } catch (error) {
    if (error instanceof BadMetadata) return first
    throw error
  }
}

interface Following {
  readonly role: Exclude<RoleName, 'root'>
  readonly root: Metadata
  readonly signal: AbortSignal
  readonly nowMs: number
  /** What the metadata before says of it. */
  readonly note?: FileNote
}

async function follow(source: UpdateSource, following: Following): Promise<Metadata> {
  const { role, root, signal, nowMs, note } = following
  const file =
    note === undefined || !root.isConsistent ? `${role}.json` : `${note.version}.${role}.json`
  const bytesMax = Math.min(note?.length ?? BYTES_MAX[role], BYTES_MAX[role])
  const bytes = await fetchBytes(source, file, { bytesMax, signal })
  if (bytes === undefined) throw new BadMetadata(`failed to download ${file}`)
  checkHashes(bytes, note, file)
  const found = readMetadata(bytes, role)
  verifySigned(found, keysOf(root), role)
  if (note !== undefined && found.version !== note.version)
    throw new BadMetadata(`expected ${role} version ${note.version}, got ${found.version}`)
  checkNotOlder(source, found, keysOf(root), role)
  checkTime(found, role, nowMs)
  source.store.write(`${role}.json`, bytes)
  return found
}

/** Who shows what is older than was seen before would bring back what was withdrawn. */
function checkNotOlder(
  source: UpdateSource,
  found: Metadata,
  keys: RootKeys,
  role: RoleName,
): void {
  const kept = source.store.read(`${role}.json`)
  if (kept === undefined) return
  let before: Metadata
  try {
    before = readMetadata(kept, role)
    verifySigned(before, keys, role)
  } catch (error) {
    // It was spoilt, or signed with keys that are no longer believed.
    if (error instanceof BadMetadata) return
    throw error
  }
  if (found.version < before.version)
    throw new BadMetadata(`new ${role} version ${found.version} must be >= ${before.version}`)
  for (const [name, { version }] of Object.entries(before.meta)) {
    const now = found.meta[name]
    if (now === undefined) throw new BadMetadata(`new ${role} is missing info for ${name}`)
    if (now.version < version)
      throw new BadMetadata(`expected ${name} version ${now.version}, got ${version}`)
  }
}

function checkTime({ expiresMs }: Metadata, role: RoleName, nowMs: number): void {
  if (nowMs >= expiresMs) throw new BadMetadata(`${role}.json is expired`)
}

function noteOf({ meta }: Metadata, name: string): FileNote {
  const note = meta[name]
  if (note === undefined) throw new BadMetadata(`no information about ${name}`)
  return note
}

function keysOf({ keys, roles }: Metadata): RootKeys {
  return { keys, roles }
}

async function fetchFile(
  source: UpdateSource,
  name: string,
  file: FileNote,
  signal: AbortSignal,
): Promise<Buffer> {
  const kept = source.store.read(name)
  if (kept !== undefined && isFile(kept, file)) return kept
  const hash = file.hashes['sha256'] ?? file.hashes['sha512'] ?? ''
  const at = name.lastIndexOf('/') + 1
  const path = `targets/${name.slice(0, at)}${hash}.${name.slice(at)}`
  const bytesMax = Math.min(file.length ?? TARGET_BYTES_MAX, TARGET_BYTES_MAX)
  const bytes = await fetchBytes(source, path, { bytesMax, signal })
  if (bytes === undefined) throw new BadMetadata(`failed to download target file ${name}`)
  if (bytes.length !== file.length) throw new BadMetadata(`length verification failed for ${name}`)
  checkHashes(bytes, file, name)
  source.store.write(name, bytes)
  return bytes
}

function isFile(bytes: Buffer, file: FileNote): boolean {
  try {
    checkHashes(bytes, file, '')
    return bytes.length === file.length
  } catch (error) {
    if (error instanceof BadMetadata) return false
    throw error
  }
}

function checkHashes(bytes: Buffer, note: FileNote | undefined, name: string): void {
  for (const [algorithm, hash] of Object.entries(note?.hashes ?? {})) {
    if (algorithm !== 'sha256' && algorithm !== 'sha512')
      throw new BadMetadata(`hash verification failed - unknown hashing algorithm - ${algorithm}`)
    if (createHash(algorithm).update(bytes).digest('hex') !== hash)
      throw new BadMetadata(
        `hash verification failed - mismatch for algorithm ${algorithm}: ${name}`,
      )
  }
}

async function fetchBytes(
  { baseUrl, http, clock }: UpdateSource,
  path: string,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<Buffer | undefined> {
  const late = new AbortController()
  const done = new AbortController()
  clock
    .sleep(MS_MAX, done.signal)
    .then(() => late.abort(new BadMetadata(`downloading ${path} took too long`)))
    .catch(() => undefined)
  try {
    const url = new URL(`${baseUrl.replace(/\/$/, '')}/${path}`)
    const answer = await http.send({
      method: 'GET',
      url,
      signal: AbortSignal.any([signal, late.signal]),
    })
    const bytes = await readBody(answer.body, bytesMax)
    if (answer.status === 403 || answer.status === 404) return undefined
    if (answer.status === 200) return bytes
    throw new BadMetadata(`failed to download ${path}, http status code: ${answer.status}`)
  } catch (error) {
    if (error instanceof BadMetadata || signal.aborted) throw error
    if (isFault(error, 'HTTP_TOO_LARGE'))
      throw new BadMetadata(`download failed for ${path}, it is ${error.message}`, { cause: error })
    const why = error instanceof Error ? error.message : String(error)
    throw new BadMetadata(`failed to download ${path}: ${why}`, { cause: error })
  } finally {
    done.abort()
  }
}
