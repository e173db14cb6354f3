import { isArray, isObject, type Json, type Transport } from '../../../src/object/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { type ReadKind, readKinds } from './reading-kinds.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
import { type Draw, drawFrom } from './values.ts'

/** A case of watches that are open while others write, by its number. */
export interface BesideCase {
  readonly name: string
  readonly kind: string
  /** Where its objects are. */
  readonly list: string
  /** Made before the watches begin. */
  readonly before: readonly ContractStep[]
  /** Queries and headers of watches. */
  readonly watches: readonly Watch[]
  readonly writes: readonly ContractStep[]
}

interface Watch {
  readonly list: string
  readonly query: string
  readonly accept: string
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']
const MERGE = { 'content-type': 'application/merge-patch+json' }
/** Watches end by themselves, a while after the last write. */
const WATCH_SECONDS = 15

/** Draws a case. `{ns}` is its namespace, `{rv}` the revision before the first write. */
export function besideCaseOf(number: number): BesideCase {
  const draw = drawFrom(number * 7919 + 11)
  const kind = draw.of(readKinds.filter((each) => each.everywhere !== undefined))
  const named = NAMES.slice(0, draw.below(4))
  return {
    name: `b${number}`,
    kind: kind.list.split('/').at(-1) ?? '',
    list: kind.list,
    before: named.map((name) => made(draw, kind, name)),
    watches: Array.from({ length: 2 + draw.below(5) }, () => watch(draw, kind)),
    writes: Array.from({ length: 5 + draw.below(20) }, () => write(draw, kind)),
  }
}

function labels(draw: Draw): Record<string, string> {
  return {
    ...draw.of([{}, { l: '1' }, { l: '2' }]),
    ...draw.of([{}, { k: '1' }, { 'x.io/n': '10' }]),
  }
}

function made(draw: Draw, kind: ReadKind, name: string): ContractStep {
  const finalizers = draw.below(5) === 0 ? { finalizers: ['x.io/a'] } : {}
  const body = { ...kind.object(draw), metadata: { name, labels: labels(draw), ...finalizers } }
  return { method: 'POST', path: kind.list, body }
}

function write(draw: Draw, kind: ReadKind): ContractStep {
  const name = draw.of(NAMES)
  const path = `${kind.list}/${name}`
  const way = draw.below(10)
  if (way < 3) return made(draw, kind, name)
  if (way === 3) return { method: 'DELETE', path: `${path}?gracePeriodSeconds=0` }
  if (way === 4 && draw.below(3) === 0) return { method: 'DELETE', path: kind.list }
  const body = draw.of<Json>([
    ...kind.patches,
    { metadata: { labels: { l: draw.of(['1', '2', null]) } } },
    { metadata: { labels: { k: draw.of(['1', '2', null]), 'x.io/n': draw.of(['10', null]) } } },
    { metadata: { finalizers: null } },
    { metadata: { annotations: { 'x.io/n': String(draw.below(5)) } } },
  ])
  const part = JSON.stringify(body).startsWith('{"status"') ? '/status' : ''
  return { method: 'PATCH', path: `${path}${part}`, headers: MERGE, body }
}

const ACCEPTS = [
  'application/json',
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
]

function watch(draw: Draw, kind: ReadKind): Watch {
  const query = new Map<string, string>([
    ['watch', 'true'],
    ['timeoutSeconds', String(WATCH_SECONDS)],
  ])
  const isWide = draw.below(6) === 0
  const label = draw.below(2) === 0 ? labelSelector(draw) : ''
  const field = draw.below(2) === 0 ? fieldSelector(draw, kind.fields) : ''
  if (label !== '') query.set('labelSelector', label)
  if (field !== '' || isWide)
    query.set(
      'fieldSelector',
      [...(isWide ? ['metadata.namespace={ns}'] : []), field]
        .filter((each) => each !== '')
        .join(','),
    )
  const revision = draw.of(['{rv}', '{rv}', '{rv}', '0', ''])
  if (revision !== '') query.set('resourceVersion', revision)
  if (draw.below(4) === 0) {
    query.set('sendInitialEvents', draw.of(['true', 'false']))
    query.set('resourceVersionMatch', 'NotOlderThan')
    query.set('allowWatchBookmarks', 'true')
  }
  const text = [...query].map(([key, value]) => `${key}=${encoded(value)}`).join('&')
  return {
    list: isWide ? (kind.everywhere ?? '') : kind.list,
    query: text,
    accept: draw.of(ACCEPTS),
  }
}

function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll('%7B', '{').replaceAll('%7D', '}')
}

/** What one watch told, in texts that two servers have in common. */
export type Told = readonly string[]

/** What came of a case. */
export interface Played {
  readonly statuses: readonly number[]
  readonly told: readonly Told[]
  /** Whether the machine was so busy that watches may have ended before the last write. */
  readonly isLate: boolean
}

/** Plays a case: what each watch told while the writes were made, and what those were answered. */
export async function playBeside(
  server: Transport,
  of: BesideCase,
  namespace: string,
): Promise<Played> {
  const send = async (step: ContractStep): Promise<{ status: number; body: Json }> => {
    const body = step.body === undefined ? {} : { body: JSON.stringify(step.body) }
    const response = await server.request({
      method: step.method,
      path: step.path.replaceAll('{ns}', namespace),
      headers: { 'content-type': 'application/json', accept: 'application/json', ...step.headers },
      ...(body.body === undefined ? {} : { body: body.body.replaceAll('{ns}', namespace) }),
    })
    return { status: response.status, body: JSON.parse(await response.text()) as Json }
  }
  const home: Json = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
  await send({ method: 'POST', path: '/api/v1/namespaces', body: home })
  for (const step of of.before) await send(step)
  const { body } = await send({ method: 'GET', path: of.list })
  const run = { namespace, revision: revisionIn(body) }
  const start = performance.now()
  const following = of.watches.map((each) => follow(server, each, run))
  await Promise.all(following.map(({ begun }) => begun))
  const statuses: number[] = []
  for (const step of of.writes) statuses.push((await send(step)).status)
  const isLate = performance.now() - start > (WATCH_SECONDS - 2) * 1000
  const told = await Promise.all(following.map(({ lines }) => lines))
  return { statuses, told: inCommon(told, namespace), isLate }
}

function revisionIn(list: Json): string {
  const metadata = isObject(list) ? list['metadata'] : undefined
  return isObject(metadata) ? String(metadata['resourceVersion']) : ''
}

function follow(
  server: Transport,
  watch: Watch,
  run: { readonly namespace: string; readonly revision: string },
): { readonly begun: Promise<unknown>; readonly lines: Promise<readonly string[]> } {
  const path = `${watch.list}?${watch.query}`
    .replaceAll('{ns}', run.namespace)
    .replaceAll('{rv}', run.revision)
  const begun = server.request({ method: 'GET', path, headers: { accept: watch.accept } })
  const lines = begun.then(async (response) => {
    if (response.status !== 200) return [await response.text()]
    const read: string[] = []
    for await (const line of response.lines())
      if (!line.includes('"BOOKMARK"') || line.includes('initial-events-end')) read.push(line)
    return read
  })
  return { begun, lines }
}

const REVISION = /"resourceVersion":"(\d+)"/g

/** Without what differs from run to run: revisions are numbered in their order. */
function inCommon(told: readonly (readonly string[])[], namespace: string): Told[] {
  const isMark = (line: string): boolean => line.includes('"BOOKMARK"')
  const revisions = told
    .flat()
    .filter((line) => !isMark(line))
    .flatMap((line) => [...line.matchAll(REVISION)].map(([, revision]) => Number(revision)))
  const order = [...new Set(revisions)].sort((a, b) => a - b)
  const plain = (line: string): string =>
    JSON.stringify(sorted(JSON.parse(line) as Json))
      .replaceAll(namespace, '<ns>')
      .replaceAll(REVISION, (_, revision: string) =>
        isMark(line) ? '"rv":"<any>"' : `"rv":"<${order.indexOf(Number(revision))}>"`,
      )
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replaceAll(/"(?:\d+[smh])+"/g, '"<age>"')
      .replaceAll(/(too old resource version: \d+ \()\d+/g, '$1<rv>')
  return told.map((lines) => lines.map(plain))
}

/** Managers of the same second come in any order. */
function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const entries = Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key] ?? null)] as const)
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      key === 'managedFields' && isArray(item)
        ? [...item].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
        : item,
    ]),
  )
}
