import { createHash } from 'node:crypto'
import { compareText } from '../../base/index.ts'
import type { Json, JsonObject } from '../../object/index.ts'
import { groupVersion, type Kind } from '../kind.ts'
import { KUBERNETES_VERSION } from '../kinds.generated.ts'
import type { Registry } from '../registry.ts'
import { type Answer, answerJson, answerText } from '../wire/respond.ts'
import { customDocument } from './custom.ts'
import { documents } from './documents.ts'
import { hashes } from './hashes.generated.ts'
import { inVersion2 } from './v2.ts'
import { inProtobuf, V2_PROTOBUF } from './v2-protobuf.ts'
import { inProtobufV3, V3_PROTOBUF } from './v3-protobuf.ts'

/** The documents of what is served at one time, made when they are asked for. */
interface Book {
  readonly generation: number
  /** When it was begun, as headers write it. */
  readonly since: string
  /** Custom groups and versions, by path. */
  readonly custom: ReadonlyMap<string, readonly Kind[]>
  readonly made: Map<string, Page>
}

interface Page {
  readonly text: string
  readonly hash: string
}

/** The real server does not say what its index is, and Go takes it for text. */
const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

const books = new WeakMap<Registry, Book>()

/**
 * Answers `/openapi/v2`, `/openapi/v3` and the documents below it.
 * @see k8s.io/kube-openapi pkg/handler3 (the redirect to the newest hash)
 */
export async function openApi(
  registry: Registry,
  at: {
    readonly path: string
    readonly query: URLSearchParams
    readonly accept: string
    readonly now: number
  },
): Promise<Answer> {
  const { path } = at
  if (!/^\/openapi\/v(?:2$|3$|3\/)/.test(path)) return answerText(404, '404 page not found\n')
  const book = bookOf(registry, at.now)
  const modified = { 'last-modified': book.since }
  if (path === '/openapi/v3')
    return { ...answerJson(200, await indexOf(book)), headers: { ...TEXT, ...modified } }
  if (path === '/openapi/v2' && /spec\.v2[@.]v1\.0\+protobuf/.test(at.accept)) return binary(book)
  const place = path.slice('/openapi/v3/'.length)
  // What is not there is not there, in whatever form it is asked for.
  if (path !== '/openapi/v2' && !isKnown(book, place)) return NOWHERE
  if (path !== '/openapi/v2' && /spec\.v3[@.]v1\.0\+protobuf/.test(at.accept))
    return binaryPage(book, place)
  const vary = path === '/openapi/v2' ? 'Accept-Encoding, Accept' : 'Accept'
  if (!/application\/json|\*\/\*|application\/\*|^$/.test(at.accept))
    return { status: 406, headers: { vary }, body: '' }
  const page = path === '/openapi/v2' ? await secondVersion(book) : await pageOf(book, place)
  if (page === undefined) return NOWHERE
  const etag = `"${page.hash}"`
  const asked = at.query.get('hash') ?? ''
  if (asked !== '' && asked !== page.hash)
    return {
      status: 301,
      headers: {
        'content-type': 'application/json',
        etag,
        vary,
        location: `${path}?hash=${page.hash}`,
      },
      body: '',
    }
  return {
    status: 200,
    headers: { 'content-type': 'application/json', etag, vary, ...modified },
    body: page.text,
  }
}

const NOWHERE: Answer = { status: 404, headers: {}, body: '' }

function isKnown(book: Book, place: string): boolean {
  return book.custom.has(place) || hashes[place] !== undefined
}

function bookOf(registry: Registry, now: number): Book {
  const known = books.get(registry)
  if (known?.generation === registry.generation) return known
  const custom = new Map<string, Kind[]>()
  for (const kind of registry.kinds()) {
    if (kind.custom === undefined) continue
    const path = `apis/${groupVersion(kind)}`
    custom.set(path, [...(custom.get(path) ?? []), kind])
  }
  const since = new Date(now).toUTCString()
  const book = { generation: registry.generation, since, custom, made: new Map<string, Page>() }
  books.set(registry, book)
  return book
}

async function indexOf(book: Book): Promise<Json> {
  const found = new Map(Object.entries(hashes))
  for (const path of book.custom.keys()) {
    const page = await pageOf(book, path)
    if (page !== undefined) found.set(path, page.hash)
  }
  const paths = [...found].sort(([a], [b]) => compareText(a, b))
  return {
    paths: Object.fromEntries(
      paths.map(([path, hash]) => [
        path,
        { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` },
      ]),
    ),
  }
}

async function pageOf(book: Book, path: string): Promise<Page | undefined> {
  const known = book.made.get(path)
  if (known !== undefined) return known
  const kinds = book.custom.get(path)
  if (kinds === undefined) {
    // Not kept: they are large, and clients ask for each once.
    const text = hashes[path] === undefined ? undefined : (await documents()).document(path)
    return text === undefined ? undefined : { text, hash: hashes[path] ?? '' }
  }
  const text = customDocument(await documents(), kinds)
  const page = { text, hash: hashOf(text) }
  book.made.set(path, page)
  return page
}

async function binary(book: Book): Promise<Answer> {
  const bytes = inProtobuf(await parsedV2(book))
  const vary = 'Accept-Encoding, Accept'
  return inBytes(book, bytes, { 'content-type': V2_PROTOBUF, etag: `"${hashOf(bytes)}"`, vary })
}

async function binaryPage(book: Book, place: string): Promise<Answer> {
  const page = await pageOf(book, place)
  if (page === undefined) return NOWHERE
  const bytes = inProtobufV3(JSON.parse(page.text) as JsonObject)
  const etag = `"${page.hash}"`
  return inBytes(book, bytes, { 'content-type': V3_PROTOBUF, etag, vary: 'Accept' })
}

function inBytes(book: Book, bytes: Uint8Array, headers: Answer['headers']): Answer {
  return { status: 200, headers: { ...headers, 'last-modified': book.since }, body: '', bytes }
}

async function secondVersion(book: Book): Promise<Page> {
  const text = JSON.stringify(await parsedV2(book))
  return { text, hash: hashOf(text) }
}

async function parsedV2(book: Book): Promise<JsonObject> {
  const all = await documents()
  const builtin = Object.keys(hashes).flatMap((path) => all.document(path) ?? [])
  const custom = [...book.custom.values()].map((kinds) => customDocument(all, kinds))
  const version = KUBERNETES_VERSION.replace(/^v(\d+\.\d+).*/, '$1')
  return inVersion2([...builtin, ...custom], version)
}

function hashOf(text: string | Uint8Array): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase()
}
