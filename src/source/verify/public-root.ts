import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/index.ts'
import type { HttpClient } from '../http-client.ts'
import { ociFault } from '../oci/fault.ts'
import { SIGSTORE_ROOT } from './sigstore-root.ts'
import { fetchTarget, type MetadataStore } from './update-framework.ts'
import { BadMetadata } from './update-metadata.ts'

/** Where the trusted root of Sigstore's public instance is had from. */
export interface PublicRootOptions {
  readonly http: HttpClient
  readonly clock: Clock
  /** A directory that outlives this process; without one all is fetched again at each start. */
  readonly dir?: string
  /** Another repository of that kind, with the root that it is believed by. */
  readonly repository?: { readonly baseUrl: string; readonly root?: Buffer }
}

const BASE_URL = 'https://tuf-repo-cdn.sigstore.dev'
const TARGET = 'trusted_root.json'
/** cosign asks once a day whether there is a newer one. */
const FRESH_MS = 24 * 60 * 60_000
const RETRY_MS = 60_000
const FETCH_MS_MAX = 60_000

/**
 * The trusted root of Sigstore's public instance, for signatures that name no other: fetched when it is
 * needed first, then once a day. After a failure the host is left alone for a minute; what is known goes on
 * to be used until a day has passed.
 */
export class PublicRoot {
  readonly #options: PublicRootOptions
  #known: { readonly bytes: Buffer; readonly atMs: number } | undefined
  #failed: { readonly error: Error; readonly atMs: number } | undefined
  #running: Promise<Buffer> | undefined

  constructor(options: PublicRootOptions) {
    this.#options = options
  }

  /** @throws Fault OCI_VERIFY */
  async get(): Promise<Buffer> {
    const nowMs = this.#options.clock.now()
    const known = this.#known
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.bytes
    const failed = this.#failed
    if (failed !== undefined && nowMs - failed.atMs < RETRY_MS) throw failed.error
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined
    })
    return await this.#running
  }

  /** Many may wait for it, so that nobody's end ends it but its own time. */
  async #fetch(): Promise<Buffer> {
    const { http, clock, dir, repository } = this.#options
    const { baseUrl = BASE_URL, root = Buffer.from(SIGSTORE_ROOT) } = repository ?? {}
    const store = dir === undefined ? memoryStore() : directoryStore(dir)
    const late = new AbortController()
    const done = new AbortController()
    clock
      .sleep(FETCH_MS_MAX, done.signal)
      .then(() => late.abort(new BadMetadata('it took too long')))
      .catch(() => undefined)
    try {
      const source = { baseUrl, root, http, clock, store }
      const bytes = await fetchTarget(source, TARGET, late.signal)
      this.#known = { bytes, atMs: clock.now() }
      this.#failed = undefined
      return bytes
    } catch (error) {
      if (!(error instanceof BadMetadata)) throw error
      const words = 'unable to initialize trusted root: error getting live trusted root'
      const fault = ociFault('OCI_VERIFY', `${words}: ${error.message}`, error)
      this.#failed = { error: fault, atMs: clock.now() }
      throw fault
    } finally {
      done.abort()
    }
  }
}

function memoryStore(): MetadataStore {
  const held = new Map<string, Buffer>()
  return { read: (name) => held.get(name), write: (name, bytes) => void held.set(name, bytes) }
}

/** A disk that cannot be read or written is as good as none. */
function directoryStore(dir: string): MetadataStore {
  const fileOf = (name: string): string => join(dir, name.replaceAll(/[^A-Za-z0-9._-]/g, '_'))
  return {
    read: (name) => {
      try {
        return readFileSync(fileOf(name))
      } catch {
        return undefined
      }
    },
    write: (name, bytes) => {
      try {
        mkdirSync(dir, { recursive: true, mode: 0o700 })
        writeFileSync(`${fileOf(name)}.new`, bytes, { mode: 0o600 })
        renameSync(`${fileOf(name)}.new`, fileOf(name))
      } catch {
        // It is fetched again then.
      }
    },
  }
}
