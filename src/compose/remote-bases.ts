import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitCheckout, GitRef } from '../api/index.ts'
import { Fault, type FileTree, isFault, joinPath } from '../base/index.ts'
import type { RemoteBase } from '../build/index.ts'
import { createFetcher, createHttpClient, readBody } from '../source/index.ts'
import { dataFolder } from './files.ts'
import { systemClock, systemNetwork } from './system.ts'

/** A remote base on the disk. */
export interface FetchedBase {
  /** Absolute, without its first slash. */
  readonly path: string
  readonly dispose: () => Promise<void>
}

const FILE_BYTES_MAX = 64 * 1024 * 1024
const REDIRECTS_MAX = 5

/** Brings a remote base into a temporary folder. */
export async function fetchBase(remote: RemoteBase, signal: AbortSignal): Promise<FetchedBase> {
  const { dir, dispose } = await dataFolder(undefined)
  try {
    if (remote.kind === 'file') {
      const file = join(dir, 'resource.yaml')
      await writeFile(file, await download(new URL(remote.address), signal, REDIRECTS_MAX))
      return { path: joinPath(file), dispose }
    }
    const checkout = await checkOut(remote, signal)
    try {
      await unpack(checkout.tree, '', dir)
    } finally {
      checkout.release()
    }
    return { path: joinPath(dir, remote.path), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A ref may be a commit, a branch or a tag: nothing in its form says which of the latter two. */
async function checkOut(remote: RemoteBase, signal: AbortSignal): Promise<GitCheckout> {
  const fetcher = createFetcher({ http: createHttpClient(systemNetwork()), clock: systemClock })
  const { ref } = remote
  const refs: GitRef[] =
    ref === undefined
      ? [{ name: 'HEAD' }]
      : /^[0-9a-f]{40}$/.test(ref)
        ? [{ commit: ref }]
        : [{ name: `refs/heads/${ref}` }, { name: `refs/tags/${ref}` }]
  let failure: unknown
  for (const each of refs) {
    try {
      const found = await fetcher.git({ url: remote.address, ref: each, signal })
      if (found !== 'unchanged') return found
    } catch (error) {
      if (!isFault(error)) throw error
      failure ??= error
    }
  }
  throw failure
}

async function unpack(tree: FileTree, from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of tree.list(from) ?? []) {
    const path = joinPath(from, name)
    if (tree.kind(path) === 'dir') await unpack(tree, path, join(to, name))
    else await writeFile(join(to, name), tree.read(path) ?? '')
  }
}

async function download(url: URL, signal: AbortSignal, redirects: number): Promise<Uint8Array> {
  const http = createHttpClient()
  try {
    const answer = await http.send({ method: 'GET', url, headers: {}, signal })
    const location = answer.headers['location']
    if (answer.status >= 300 && answer.status < 400 && location !== undefined && redirects > 0) {
      await readBody(answer.body, 0)
      return await download(new URL(location, url), signal, redirects - 1)
    }
    const body = await readBody(answer.body, FILE_BYTES_MAX)
    if (answer.status === 200) return body
    throw new Fault({
      code: 'REMOTE_FILE',
      message: `${url.origin}${url.pathname}: status ${answer.status}`,
    })
  } finally {
    http.close()
  }
}
