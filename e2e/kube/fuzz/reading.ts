import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json, JsonObject } from '../../../src/object/index.ts'
import { parseYaml } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { type ReadKind, readKinds } from './reading-kinds.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
import { type Draw, drawFrom } from './values.ts'

/** The definition of the custom kind that cases are about; servers have to have it before. */
export const readDefinition: JsonObject = parseYaml(
  readFileSync(join(import.meta.dirname, 'reading.yaml'), 'utf8'),
  'reading.yaml',
)[0] as unknown as JsonObject

const NAMES = ['a', 'b', 'c', 'd', 'e']

/** A case that is being drawn. */
interface Drawing {
  readonly draw: Draw
  readonly kind: ReadKind
  readonly steps: ContractStep[]
  /** Steps that answer lists, which may hold a token to go on. */
  readonly lists: number[]
}

/** A case about lists, watches and deletions, by its number. */
export function readingCaseOf(number: number): ContractCase {
  const draw = drawFrom(number * 6271 + 5)
  const kind = draw.of(readKinds)
  const drawing: Drawing = { draw, kind, steps: [], lists: [] }
  for (const name of NAMES.slice(0, 2 + draw.below(4))) drawing.steps.push(made(drawing, name))
  for (let i = 4 + draw.below(8); i > 0; i -= 1) drawing.steps.push(next(drawing))
  for (const name of isNamespaced(kind) ? [] : NAMES)
    drawing.steps.push({ method: 'DELETE', path: pathOf(kind, name) })
  return { name: `r${number}`, why: kindOf(kind), steps: drawing.steps }
}

function kindOf(kind: ReadKind): string {
  return kind.list.split('/').at(-1) ?? ''
}

function isNamespaced(kind: ReadKind): boolean {
  return kind.everywhere !== undefined
}

/** Objects of the cluster carry the name of the case, and a label to be told from all others. */
function pathOf(kind: ReadKind, name: string): string {
  return `${kind.list}/${nameIn(kind, name)}`
}

function nameIn(kind: ReadKind, name: string): string {
  return isNamespaced(kind) ? name : `{ns}-${name}`
}

function labels(draw: Draw): JsonObject {
  return {
    ...draw.of([{}, { l: '1' }, { l: '2' }, { l: '' }]),
    ...draw.of([{}, { k: '1' }, { 'x.io/n': '10' }, { 'x.io/n': 'abc' }]),
  }
}

function made({ draw, kind }: Drawing, name: string): ContractStep {
  const own: JsonObject = isNamespaced(kind) ? {} : { own: '{ns}' }
  const metadata: JsonObject = {
    name: nameIn(kind, name),
    labels: { ...labels(draw), ...own },
    ...draw.of<JsonObject>([{}, {}, {}, { finalizers: ['x.io/a'] }]),
  }
  return { method: 'POST', path: kind.list, body: { ...kind.object(draw), metadata } }
}

function next(drawing: Drawing): ContractStep {
  const { draw } = drawing
  const what = draw.below(20)
  if (what < 6) return list(drawing)
  if (what < 11) return watch(drawing)
  if (what < 12) return one(drawing)
  if (what < 15) return changed(drawing)
  if (what < 16) return made(drawing, draw.of(NAMES))
  return what < 19 ? gone(drawing) : allGone(drawing)
}

function changed({ draw, kind }: Drawing): ContractStep {
  const body = draw.of<Json>([
    ...kind.patches,
    { metadata: { labels: { l: draw.of(['1', '2', null]) } } },
    { metadata: { labels: { k: draw.of(['1', '2', null]) } } },
    { metadata: { finalizers: draw.of([null, ['x.io/a'], ['x.io/b', 'x.io/a']]) } },
  ])
  const isStatus = JSON.stringify(body).startsWith('{"status"')
  return {
    method: 'PATCH',
    path: `${pathOf(kind, draw.of(NAMES))}${isStatus ? '/status' : ''}`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body,
  }
}

type Query = Record<string, string>

/** A path with a query; texts that name answers of earlier steps stay as they are. */
function withQuery(path: string, query: Query): string {
  const parts = Object.entries(query).map(
    ([key, value]) =>
      `${key}=${/^\$\{[^}]*\}$/.test(value) ? value : encodeURIComponent(value).replaceAll('%7Bns%7D', '{ns}')}`,
  )
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`
}

function selection({ draw, kind }: Drawing): Query {
  const label = draw.below(3) === 0 ? labelSelector(draw) : ''
  const own = isNamespaced(kind) ? label : ['own={ns}', ...(label === '' ? [] : [label])].join(',')
  const field = draw.below(3) === 0 ? fieldSelector(draw, kind.fields) : ''
  return {
    ...(own === '' ? {} : { labelSelector: own }),
    ...(field === '' ? {} : { fieldSelector: field }),
  }
}

/** A revision: what an earlier answer had, or none that there is. */
function revision({ draw, steps }: Drawing): string {
  const of = draw.below(steps.length)
  return draw.of([
    '0',
    '0',
    `\${${of}:metadata.resourceVersion}`,
    `\${${of}:metadata.resourceVersion}`,
    `\${${draw.below(Math.min(3, steps.length))}:metadata.resourceVersion}`,
    draw.of(['1', 'x', '-1', '1.5', '99999999999', '99999999999999999999', '007', '']),
  ])
}

const TOKENS = [
  'bad',
  '',
  Buffer.from('{}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":5,"start":""}').toString('base64url'),
  Buffer.from('{"v":"v9","rv":5,"start":"a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":5,"start":"../a"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"a\\u0000"}').toString('base64url'),
  Buffer.from('{"v":"meta.k8s.io/v1","rv":-1,"start":"b\\u0000"}').toString('base64url'),
]

const ACCEPTS: readonly string[] = [
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
  'application/cbor',
  'text/html',
]

function accept(draw: Draw): Pick<ContractStep, 'headers'> {
  return draw.below(5) === 0 ? { headers: { accept: draw.of(ACCEPTS) } } : {}
}

function list(drawing: Drawing): ContractStep {
  const { draw, kind, steps, lists } = drawing
  const query: Query = selection(drawing)
  if (draw.below(2) === 0) query['limit'] = draw.of(['1', '1', '2', '3', '0', '500', '-1', 'x'])
  if (draw.below(3) === 0) query['resourceVersion'] = revision(drawing)
  if (draw.below(4) === 0)
    query['resourceVersionMatch'] = draw.of(['Exact', 'Exact', 'NotOlderThan', 'Nonsense', ''])
  if (lists.length > 0 && draw.below(2) === 0)
    query['continue'] =
      draw.below(5) === 0 ? draw.of(TOKENS) : `\${${draw.of(lists)}:metadata.continue}`
  if (draw.below(30) === 0) query['sendInitialEvents'] = draw.of(['true', 'false', ''])
  if (draw.below(30) === 0) query['timeoutSeconds'] = draw.of(['5', 'x', '-3'])
  if (draw.below(30) === 0) query['watch'] = draw.of(['0', 'false', 'no'])
  if (query['watch'] === 'no') query['timeoutSeconds'] = '1'
  lists.push(steps.length)
  // All namespaces hold what other cases made.
  const wide = draw.below(10) === 0 && kind.everywhere !== undefined
  if (wide) query['fieldSelector'] = 'metadata.namespace={ns}'
  return {
    method: 'GET',
    path: withQuery(wide ? (kind.everywhere ?? '') : kind.list, query),
    ...accept(draw),
    ...(query['watch'] === 'no' ? { lines: LINES } : {}),
  }
}

/** More than any watch here tells: it is read until the server ends it. */
const LINES = 1000

function watch(drawing: Drawing): ContractStep {
  const { draw, kind } = drawing
  const query: Query = { ...selection(drawing), watch: draw.of(['true', '1']) }
  if (draw.below(8) !== 0) query['resourceVersion'] = revision(drawing)
  if (draw.below(4) === 0) query['allowWatchBookmarks'] = draw.of(['true', 'true', 'false', 'x'])
  if (draw.below(3) === 0) {
    query['sendInitialEvents'] = draw.of(['true', 'true', 'false', ''])
    if (draw.below(4) !== 0) query['resourceVersionMatch'] = 'NotOlderThan'
  }
  if (draw.below(15) === 0) query['resourceVersionMatch'] = draw.of(['Exact', 'Nonsense'])
  if (draw.below(15) === 0) query['limit'] = draw.of(['1', 'x'])
  if (draw.below(25) === 0) query['continue'] = draw.of(TOKENS)
  query['timeoutSeconds'] = draw.below(40) === 0 ? 'x' : '1'
  const way = draw.below(8)
  const path =
    way === 0
      ? pathOf(kind, draw.of(NAMES)).replace(/^(\/api\/v1|\/apis\/[^/]+\/[^/]+)/, '$1/watch')
      : way === 1 && kind.everywhere !== undefined
        ? kind.everywhere
        : kind.list
  if (way === 1 && kind.everywhere !== undefined) query['fieldSelector'] = 'metadata.namespace={ns}'
  return { method: 'GET', path: withQuery(path, query), ...accept(draw), lines: LINES }
}

function one(drawing: Drawing): ContractStep {
  const { draw, kind } = drawing
  const query: Query = draw.below(2) === 0 ? { resourceVersion: revision(drawing) } : {}
  return { method: 'GET', path: withQuery(pathOf(kind, draw.of(NAMES)), query), ...accept(draw) }
}

function deleteOptions(drawing: Drawing): JsonObject {
  const { draw, steps } = drawing
  const of = draw.below(steps.length)
  const options: Record<string, Json> = {}
  if (draw.below(3) === 0)
    options['propagationPolicy'] = draw.of(['Background', 'Foreground', 'Orphan', 'Nonsense', ''])
  if (draw.below(8) === 0) options['orphanDependents'] = draw.of([true, false])
  if (draw.below(4) === 0) options['gracePeriodSeconds'] = draw.of([0, 0, 1, 7, 60, -1])
  if (draw.below(6) === 0) options['dryRun'] = draw.of<Json>([['All'], ['All'], ['x'], []])
  if (draw.below(4) === 0)
    options['preconditions'] = draw.of<Json>([
      { uid: `\${${of}:metadata.uid}` },
      { uid: 'nope' },
      { resourceVersion: `\${${of}:metadata.resourceVersion}` },
      { resourceVersion: '1' },
      {},
    ])
  return options
}

function optionsBody(drawing: Drawing): Pick<ContractStep, 'body' | 'headers'> {
  const { draw } = drawing
  const options = deleteOptions(drawing)
  const way = draw.below(10)
  const kind = { apiVersion: 'v1', kind: 'DeleteOptions' }
  if (way < 5) return { body: { ...kind, ...options } }
  if (way < 7) return { body: options }
  if (way === 7)
    return {
      headers: { 'content-type': 'application/yaml' },
      body: 'apiVersion: v1\nkind: DeleteOptions\ngracePeriodSeconds: 0\n',
    }
  return draw.of<Pick<ContractStep, 'body' | 'headers'>>([
    { body: { apiVersion: 'v1', kind: 'Nonsense' } },
    { body: { apiVersion: 'policy/v1', kind: 'DeleteOptions', ...options } },
    { body: { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions', ...options } },
    { body: '{' },
    { body: '[]' },
    { body: { ...kind, nonsense: 1 } },
    { body: { ...kind, gracePeriodSeconds: 'x' } },
    { headers: { 'content-type': 'text/plain' }, body: '{}' },
  ])
}

function optionsQuery({ draw }: Drawing): Query {
  const query: Query = {}
  if (draw.below(3) === 0)
    query['propagationPolicy'] = draw.of(['Background', 'Foreground', 'Orphan', 'Nonsense', ''])
  if (draw.below(8) === 0) query['orphanDependents'] = draw.of(['true', 'false', '', 'x'])
  if (draw.below(4) === 0) query['gracePeriodSeconds'] = draw.of(['0', '1', '60', '-1', 'x', ''])
  if (draw.below(6) === 0) query['dryRun'] = draw.of(['All', 'x', ''])
  return query
}

function gone(drawing: Drawing): ContractStep {
  const { draw, kind } = drawing
  const path = pathOf(kind, draw.of(NAMES))
  const way = draw.below(5)
  if (way === 0) return { method: 'DELETE', path }
  if (way < 3)
    return { method: 'DELETE', path: withQuery(path, optionsQuery(drawing)), ...accept(draw) }
  const query = way === 3 ? {} : optionsQuery(drawing)
  return { method: 'DELETE', path: withQuery(path, query), ...optionsBody(drawing) }
}

function allGone(drawing: Drawing): ContractStep {
  const { draw, kind } = drawing
  const query: Query = { ...selection(drawing), ...optionsQuery(drawing) }
  if (draw.below(6) === 0) query['limit'] = draw.of(['1', '2', 'x'])
  if (draw.below(8) === 0) query['resourceVersion'] = revision(drawing)
  const body = draw.below(3) === 0 ? optionsBody(drawing) : {}
  return { method: 'DELETE', path: withQuery(kind.list, query), ...body }
}
