import { expect, test } from 'vitest'
import { createApiServer } from '../../src/apiserver/index.ts'
import { decodeProtobuf } from '../../src/apiserver/protobuf/index.ts'
import { seededRandom, VirtualClock } from '../../src/base/index.ts'
import { type JsonObject, valueAt } from '../../src/object/index.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'

function start(options: Parameters<typeof createApiServer>[1] = {}): {
  readonly clock: VirtualClock
  readonly server: ReturnType<typeof createApiServer>
  put(name: string, value: string): Promise<JsonObject>
  watch(query: string, signal?: AbortSignal): AsyncIterator<JsonObject>
} {
  const clock = new VirtualClock()
  const random = seededRandom(3)
  const server = createApiServer({ clock, random }, { controllers: false, ...options })
  const put = async (name: string, value: string): Promise<JsonObject> => {
    const response = await server.request({
      method: 'PATCH',
      path: `${MAPS}/${name}?fieldManager=t&force=true`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: {v: "${value}"}}`,
    })
    return JSON.parse(await response.text()) as JsonObject
  }
  async function* watch(query: string, signal?: AbortSignal): AsyncIterator<JsonObject> {
    const response = await server.request({
      method: 'GET',
      path: `${MAPS}?watch=1&${query}`,
      ...(signal === undefined ? {} : { signal }),
    })
    if (response.status !== 200) throw new Error(await response.text())
    for await (const line of response.lines()) yield JSON.parse(line) as JsonObject
  }
  return { clock, server, put, watch }
}

async function next(events: AsyncIterator<JsonObject>): Promise<JsonObject | undefined> {
  const { done, value } = await events.next()
  return done === true ? undefined : (value as JsonObject)
}

function told(event: JsonObject | undefined): string {
  return `${String(event?.['type'])} ${String(valueAt(event ?? {}, 'object', 'metadata', 'name'))} ${String(valueAt(event ?? {}, 'object', 'data', 'v'))}`
}

test('a watch tells changes line by line as they happen', async () => {
  const { put, watch, server } = start()
  const first = await put('a', '1')
  const events = watch(`resourceVersion=${String(valueAt(first, 'metadata', 'resourceVersion'))}`)
  const waiting = next(events)
  await put('a', '2')
  expect(told(await waiting)).toBe('MODIFIED a 2')
  await put('b', '1')
  expect(told(await next(events))).toBe('ADDED b 1')
  server.close()
  expect(await next(events)).toBeUndefined()
})

test('history is bounded: a watch from before it is told 410, and a list from now works', async () => {
  const { put, watch, server } = start({ historyMax: 10 })
  const first = await put('a', '0')
  for (let i = 1; i < 40; i += 1) await put('a', String(i))
  const old = watch(`resourceVersion=${String(valueAt(first, 'metadata', 'resourceVersion'))}`)
  const event = await next(old)
  expect(event?.['type']).toBe('ERROR')
  expect(valueAt(event ?? {}, 'object', 'code')).toBe(410)
  expect(valueAt(event ?? {}, 'object', 'reason')).toBe('Expired')
  expect(await next(old)).toBeUndefined()
  const fresh = watch('resourceVersion=0')
  expect(told(await next(fresh))).toBe('ADDED a 39')
  server.close()
})

test('bookmarks come first, every minute and before the end, at the timeout; an abort ends it at once', async () => {
  const { clock, watch, server } = start()
  const events = watch('allowWatchBookmarks=true&timeoutSeconds=90')
  const first = await next(events)
  expect(valueAt(first ?? {}, 'object', 'metadata', 'annotations')).toEqual({
    'k8s.io/initial-events-end': 'true',
  })
  for (const ms of [60_000, 28_000]) {
    const waiting = next(events)
    await clock.advance(ms)
    expect((await waiting)?.['type']).toBe('BOOKMARK')
  }
  const end = next(events)
  await clock.advance(2000)
  expect(await end).toBeUndefined()
  const aborting = new AbortController()
  const aborted = next(watch('', aborting.signal))
  await clock.advance(1)
  aborting.abort()
  expect(await aborted).toBeUndefined()
  server.close()
})

test('the pages of a list have its order, whatever is written between them', async () => {
  const { put, server } = start()
  for (const name of ['c', 'a', 'e', 'b', 'd']) await put(name, '1')
  const names: string[] = []
  for (let token = ''; ; ) {
    const query = token === '' ? '' : `&continue=${token}`
    const response = await server.request({ method: 'GET', path: `${MAPS}?limit=2${query}` })
    const list = JSON.parse(await response.text()) as {
      readonly items: readonly { readonly metadata: { readonly name: string } }[]
      readonly metadata: { readonly continue?: string }
    }
    names.push(...list.items.map((item) => item.metadata.name))
    if (list.metadata.continue === undefined) break
    token = list.metadata.continue
    await put('aa', '1')
  }
  expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
  server.close()
})

test('a watch from a revision that is to come begins when it has come, or is told that it has not', async () => {
  const { clock, put, watch, server } = start()
  const first = await put('a', '0')
  const now = Number(valueAt(first, 'metadata', 'resourceVersion'))
  const from = (revision: number): ReturnType<typeof watch> =>
    watch(`sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=${revision}`)
  const [soon, never] = [from(now + 1), from(now + 99)]
  const [told, failed] = [next(soon), next(never)]
  await put('b', '1')
  expect((await told)?.['type']).toBe('ADDED')
  expect(valueAt((await next(soon)) ?? {}, 'object', 'metadata', 'name')).toBe('b')
  await clock.advance(3000)
  expect(valueAt((await failed) ?? {}, 'object', 'code')).toBe(504)
  expect(await next(never)).toBeUndefined()
  server.close()
})

test('a watch in protobuf is a stream of frames with their lengths', async () => {
  const { put, server } = start()
  await put('a', '0')
  const answer = await server.request({
    method: 'GET',
    path: '/api/v1/namespaces/default/configmaps?watch=1',
    headers: { accept: 'application/vnd.kubernetes.protobuf' },
  })
  expect(answer.headers['content-type']).toBe('application/vnd.kubernetes.protobuf;stream=watch')
  for await (const frame of answer.frames?.() ?? []) {
    const bytes = Buffer.from(frame)
    expect(bytes.readUInt32BE()).toBe(bytes.length - 4)
    const begin = bytes.indexOf('k8s\0')
    expect(bytes.subarray(4, begin).toString('latin1')).toContain('ADDED')
    expect(valueAt(decodeProtobuf(bytes.subarray(begin)), 'metadata', 'name')).toBe('a')
    break
  }
  server.close()
})
