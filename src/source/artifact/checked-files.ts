import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** What was known of a file when its digest was last computed. */
interface Checked {
  readonly digest: string
  readonly stamp: string
}

const FILES_MAX = 100_000

/** Remembers the digests of files for as long as nothing was written to them. */
export class CheckedFiles {
  readonly #known = new Map<string, Checked>()

  /** Takes note of a file that was written or read just now. */
  async remember(file: string, digest: string): Promise<void> {
    const stamp = await stampOf(file)
    if (stamp === undefined) return
    this.#known.delete(file)
    this.#known.set(file, { digest, stamp })
    const oldest = this.#known.keys().next().value
    if (this.#known.size > FILES_MAX && oldest !== undefined) this.#known.delete(oldest)
  }

  /**
   * Compares a file with a digest, `sha256:<hex>`; reads it only where it may have changed. A file
   * that nobody knows the digest of is `spoilt`.
   */
  async verify(file: string, digest: string | undefined): Promise<'ok' | 'missing' | 'spoilt'> {
    const stamp = await stampOf(file)
    if (stamp === undefined) return 'missing'
    if (digest === undefined) return 'spoilt'
    const known = this.#known.get(file)
    if (known?.stamp === stamp && known.digest === digest) return 'ok'
    if ((await digestOf(file, algorithmOf(digest))) !== digest) return 'spoilt'
    await this.remember(file, digest)
    return 'ok'
  }
}

/** Changes whenever the file is written to. */
async function stampOf(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return undefined
  }
}

/** `sha256` of `sha256:<hex>`. */
export function algorithmOf(digest: string): string {
  return digest.split(':')[0] ?? ''
}

/** The digest of a file, `sha256:<hex>`. */
export async function digestOf(file: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `${algorithm}:${hash.digest('hex')}`
}
