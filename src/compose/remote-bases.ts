import { mkdir, writeFile } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { join } from 'node:path'
import type { GitCheckout, GitRef, GitRequest } from '../api/index.ts'
import { Fault, type FileTree, isFault, joinPath, messageOf } from '../base/index.ts'
import type { RemoteBase } from '../build/index.ts'
import { createFetcher, createHttpClient, type HttpClient, readBody } from '../source/index.ts'
import { dataFolder } from './files.ts'
import { sshAddress } from './ssh-keys.ts'
import { systemClock, systemNetwork } from './system.ts'

/** A remote base on the disk. */
export interface FetchedBase {
  /** Absolute, without its first slash. */
  readonly path: string
  readonly dispose: () => Promise<void>
}

const FILE_BYTES_MAX = 64 * 1024 * 1024
/** As Go's client has it. */
const REDIRECTS_MAX = 10
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Brings a remote base into a temporary folder.
 * @throws Fault REMOTE_FILE; those of the Git client
 */
export async function fetchBase(
  remote: RemoteBase,
  signal: AbortSignal,
  credentials: GitRequest['credentials'] = {},
): Promise<FetchedBase> {
  const { timeoutMs } = remote
  const until =
    timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const { dir, dispose } = await dataFolder(undefined)
  try {
    const content = await fileOf(remote, until)
    if (content !== undefined) {
      const file = join(dir, 'resource.yaml')
      await writeFile(file, content)
      return { path: joinPath(file), dispose }
    }
    const checkout = await checkOut(remote, until, credentials)
    try {
      await unpack(checkout.tree, '', dir)
    } finally {
      checkout.release()
    }
    return { path: joinPath(dir), dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** A file; for what may be a file or a repository, undefined when there is none or it is a page. */
async function fileOf(remote: RemoteBase, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (remote.kind === 'file') return readRemoteFile(remote.address, signal)
  if (remote.mayBeFile !== true) return undefined
  try {
    const content = await readRemoteFile(remote.url, signal)
    return isPage(content) ? undefined : content
  } catch (error) {
    if (isFault(error)) return undefined
    throw error
  }
}

/** Says whether it is HTML, which an address of a repository gives to those who ask for a file. */
function isPage(content: Uint8Array): boolean {
  return /^\s*</.test(Buffer.from(content.subarray(0, 256)).toString())
}

/** A ref may be a commit, a branch or a tag: nothing in its form says which of the latter two. */
async function checkOut(
  remote: RemoteBase,
  signal: AbortSignal,
  credentials: GitRequest['credentials'] = {},
): Promise<GitCheckout> {
  const fetcher = createFetcher({ http: createHttpClient(systemNetwork()), clock: systemClock })
  const { ref } = remote
  const refs: GitRef[] =
    ref === undefined
      ? [{ name: 'HEAD' }]
      : /^[0-9a-f]{40}$/.test(ref)
        ? [{ commit: ref }]
        : ref.startsWith('refs/')
          ? [{ name: ref }]
          : [{ name: `refs/heads/${ref}` }, { name: `refs/tags/${ref}` }]
  let failure: unknown
  for (const each of refs) {
    try {
      const found = await fetcher.git({
        url: sshAddress(remote.address),
        credentials,
        ref: each,
        recurseSubmodules: remote.submodules !== false,
        signal,
      })
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

/**
 * Reads a plain file over HTTP, as kustomize does.
 * @throws Fault REMOTE_FILE for what is not answered with success
 */
export async function readRemoteFile(address: string, signal: AbortSignal): Promise<Uint8Array> {
  const http = createHttpClient(systemNetwork())
  try {
    return await download(http, new URL(address), { signal, redirects: REDIRECTS_MAX })
  } catch (error) {
    if (isFault(error) || signal.aborted) throw error
    throw remoteFile(`Get ${JSON.stringify(withoutUser(address))}: ${dialText(address, error)}`)
  } finally {
    http.close()
  }
}

async function download(
  http: HttpClient,
  url: URL,
  how: { readonly signal: AbortSignal; readonly redirects: number },
): Promise<Uint8Array> {
  const { signal, redirects } = how
  const answer = await http.send({ method: 'GET', url, headers: {}, signal })
  const location = answer.headers['location']
  if (REDIRECTS.has(answer.status) && location !== undefined && redirects > 0) {
    await readBody(answer.body, 0)
    const next = new URL(location, url)
    if (next.protocol !== 'http:' && next.protocol !== 'https:')
      throw remoteFile(`unsupported protocol scheme "${next.protocol.slice(0, -1)}"`)
    return download(http, next, { signal, redirects: redirects - 1 })
  }
  if (answer.status < 200 || answer.status > 299) {
    answer.body.destroy()
    const words = STATUS_CODES[answer.status] ?? ''
    throw remoteFile(`HTTP Error: status code ${answer.status} (${words})`)
  }
  const body = await readBody(answer.body, FILE_BYTES_MAX + 1)
  if (body.length > FILE_BYTES_MAX) throw remoteFile(`larger than ${FILE_BYTES_MAX} bytes`)
  return body
}

function withoutUser(address: string): string {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}

/** Go's words for the way that did not lead there. */
function dialText(address: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const { hostname, port, protocol } = new URL(address)
  const at = `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`
  if (code === 'ECONNREFUSED') return `dial tcp ${at}: connect: connection refused`
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${hostname}: no such host`
  return messageOf(error)
}

function remoteFile(message: string): Fault<'REMOTE_FILE'> {
  return new Fault({ code: 'REMOTE_FILE', message })
}
