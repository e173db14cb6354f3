import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Json, type JsonObject, parseYaml } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH } from './cases.ts'
import { sent } from './part-scene.ts'
import { type Draw, drawFrom } from './values.ts'

const [crd, gear] = parseYaml(
  readFileSync(join(import.meta.dirname, 'versions.yaml'), 'utf8'),
  'versions.yaml',
).map((value) => value as unknown as JsonObject)

/** The definition of the kind that has several versions; servers have to have it before. */
export const versionsDefinition: JsonObject = crd ?? {}

const GROUP = '/apis/turn.example.com'
const VERSIONS: readonly string[] = ['v1', 'v1', 'v1beta1', 'v2']
const MANAGERS: readonly string[] = ['m1', 'm1', 'm2', 'm3']

/**
 * A case of a number: clients that speak different versions of one custom kind, its parts, and
 * numbers that are not the same in every language.
 */
export function versionCaseOf(number: number): ContractCase {
  const draw = drawFrom(number * 4957 + 11)
  const steps: ContractStep[] = [first(draw)]
  for (let i = 3 + draw.below(5); i > 0; i -= 1) steps.push(next(draw))
  steps.push({ method: 'GET', path: place(draw.of(VERSIONS)) })
  return { name: `v${number}`, why: `Gear ${steps.length}`, steps }
}

function list(version: string): string {
  return `${GROUP}/${version}/namespaces/{ns}/gears`
}

function place(version: string, part = ''): string {
  return `${list(version)}/x${part === '' ? '' : `/${part}`}`
}

function first(draw: Draw): ContractStep {
  const version = draw.of(VERSIONS)
  const body = objectOf(draw, version, specOf(draw))
  return draw.below(2) === 0
    ? { method: 'POST', path: `${list(version)}?fieldManager=m0${strictly(draw)}`, body }
    : applied(draw, version, body)
}

function next(draw: Draw): ContractStep {
  const way = draw.below(12)
  const version = draw.of(VERSIONS)
  if (way < 4) return applied(draw, version, objectOf(draw, version, specOf(draw)))
  if (way === 4) return put(draw, version)
  if (way === 5) return patched(draw, version)
  if (way === 6) return operated(draw, version)
  if (way < 9) return onPart(draw, version)
  if (way === 9) return { method: 'GET', path: place(version), ...accepting(draw) }
  if (way === 10) return listed(draw, version)
  return { method: 'DELETE', path: `${place(version)}?dryRun=All` }
}

function strictly(draw: Draw): string {
  return draw.of(['', '', '&fieldValidation=Strict', '&fieldValidation=Ignore', '&dryRun=All'])
}

function objectOf(draw: Draw, version: string, spec: JsonObject): JsonObject {
  const finalizers = draw.below(8) === 0 ? { finalizers: ['a.io/b'] } : {}
  return {
    apiVersion: `turn.example.com/${draw.below(30) === 0 ? draw.of(VERSIONS) : version}`,
    kind: 'Gear',
    metadata: { name: 'x', labels: { app: draw.of(['x', 'y']) }, ...finalizers },
    spec,
    ...(draw.below(6) === 0 ? { status: statusOf(draw) } : {}),
  }
}

const FIELDS: Readonly<Record<string, readonly Json[]>> = {
  teeth: [3, 4, 5, null],
  big: [1, 9007199254740991, -5],
  small: [1, 2147483647, 2147483648],
  ratio: [0.5, 1, 1.25, 100000, 1e21, 1e-7],
  either: [1, '1', '50%', 1.5],
  text: ['a', 'é', '', 'a\u2028b<&>'],
  mode: ['slow', 'fast', ''],
  replicas: [1, 2, 0],
  set: [['a'], ['b', 'a'], ['c', 'c'], []],
  numbers: [[1, 2], [1, 1.5], [1, 1], [0.1]],
  plain: [['a', 'b'], ['b'], ['b', 'b'], []],
  whole: [{ a: 'b' }, { a: 'c', d: 'e' }, {}],
  parts: [
    [{ key: 'a', count: 1 }],
    [{ key: 'a' }, { key: 'a', side: 'right' }],
    [{ key: 'b', side: 'left', count: 2 }, { key: 'c' }],
    [{ key: 'a' }, { key: 'a' }],
    [],
  ],
  open: [{ a: 1 }, { a: { b: [1, { c: null }] } }, { Z: 1, a: 2, B: 3, '10': 1, '9': 2 }, {}],
  only: ['here', 'there'],
  old: ['gone', 'back'],
  nope: [1, { a: 1 }],
} // prettier-ignore

function specOf(draw: Draw): JsonObject {
  const base = gear?.['spec']
  const spec: Record<string, Json> = {}
  for (const [name, value] of Object.entries(isObject(base) ? base : {}))
    if (draw.below(3) > 0) spec[name] = value ?? null
  for (let i = draw.below(4); i > 0; i -= 1) {
    const name = draw.of(Object.keys(FIELDS))
    spec[name] = valueOf(draw, name)
  }
  return spec
}

function valueOf(draw: Draw, name: string): Json {
  return draw.of(FIELDS[name] ?? [null])
}

function statusOf(draw: Draw): JsonObject {
  return {
    replicas: draw.of([0, 1, 2]),
    ...draw.of<JsonObject>([{}, { selector: 'app=x' }, { note: 'n' }, { seen: 5 }, { nope: 1 }]),
  }
}

function applied(draw: Draw, version: string, body: Json, part = ''): ContractStep {
  const force = draw.of(['', '', '&force=true'])
  return {
    method: 'PATCH',
    path: `${place(version, part)}?fieldManager=${draw.of(MANAGERS)}${force}${strictly(draw)}`,
    headers: sent(PATCH.apply),
    body,
  }
}

function put(draw: Draw, version: string): ContractStep {
  const body = objectOf(draw, version, specOf(draw))
  const revision = draw.of<JsonObject>([
    { resourceVersion: '${0:metadata.resourceVersion}' },
    { resourceVersion: '${0:metadata.resourceVersion}' },
    {},
    { resourceVersion: '0' },
    { resourceVersion: '1' },
    { resourceVersion: '' },
  ]) // prettier-ignore
  const metadata = { ...(body['metadata'] as JsonObject), ...revision }
  return {
    method: 'PUT',
    path: `${place(version)}?fieldManager=${draw.of(MANAGERS)}${strictly(draw)}`,
    body: { ...body, metadata },
  }
}

function patched(draw: Draw, version: string): ContractStep {
  const name = draw.of(Object.keys(FIELDS))
  const body = draw.of<Json>([
    { spec: { [name]: valueOf(draw, name) } },
    { spec: { [name]: null } },
    { metadata: { labels: { l: draw.of(['1', null]) } } },
    { metadata: { finalizers: draw.of([null, ['a.io/b']]) } },
    { status: statusOf(draw) },
    { spec: { open: { a: null, n: { b: null } } } },
  ])
  return {
    method: 'PATCH',
    path: `${place(version)}?fieldManager=${draw.of(MANAGERS)}${strictly(draw)}`,
    headers: sent(PATCH.merge),
    body,
  }
}

function operated(draw: Draw, version: string): ContractStep {
  const path = (): string =>
    draw.of([
      '/spec/teeth',
      '/spec/set/0',
      '/spec/parts/0',
      '/spec/open/a',
      '/spec/open',
      '/spec/x',
    ])
  const one = (): Json =>
    draw.of<Json>([
      { op: 'test', path: path(), value: draw.of<Json>([1, 3, 'a', [1, 2]]) },
      { op: 'move', from: path(), path: path() },
      { op: 'copy', from: path(), path: path() },
      { op: 'add', path: draw.of(['/spec/set/-', '/spec/set/1', '/spec/set/9']), value: 'z' },
      { op: 'replace', path: path(), value: draw.of<Json>([1, 'a']) },
      { op: 'remove', path: path() },
    ])
  return {
    method: 'PATCH',
    path: `${place(version)}?fieldManager=${draw.of(MANAGERS)}${strictly(draw)}`,
    headers: sent(PATCH.json),
    body: Array.from({ length: 1 + draw.below(2) }, one),
  }
}

/** The parts status and scale, in each way to write them, and where a version has none. */
function onPart(draw: Draw, version: string): ContractStep {
  const part = draw.of(['status', 'status', 'scale'])
  const scale: JsonObject = {
    apiVersion: draw.of(['autoscaling/v1', 'autoscaling/v1', 'turn.example.com/v1']),
    kind: draw.of(['Scale', 'Scale', 'Gear']),
    metadata: { name: 'x' },
    spec: { replicas: draw.of<Json>([1, 3, 0, -1, 'x']) },
  }
  const whole = { ...objectOf(draw, version, specOf(draw)), status: statusOf(draw) }
  const body = part === 'scale' ? scale : whole
  const change = part === 'scale' ? { spec: scale['spec'] ?? null } : { status: statusOf(draw) }
  const query = `?fieldManager=${draw.of(MANAGERS)}${strictly(draw)}`
  return draw.of<ContractStep>([
    { method: 'GET', path: place(version, part) },
    { method: 'PUT', path: place(version, part) + query, body },
    {
      method: 'PATCH',
      path: place(version, part) + query,
      headers: sent(PATCH.merge),
      body: change,
    },
    applied(draw, version, part === 'scale' ? scale : { ...whole, spec: {} }, part),
  ])
}

function listed(draw: Draw, version: string): ContractStep {
  const field = draw.of(['', '', '&fieldSelector=spec.mode%3Dslow', '&fieldSelector=spec.x%3Dy'])
  const label = draw.of(['', '&labelSelector=app%3Dx', '&labelSelector=app+in+(x,y),!l'])
  const path = `${list(version)}?limit=2${field}${label}`
  return { method: 'GET', path, ...accepting(draw) }
}

const ACCEPTS: readonly string[] = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  'application/cbor',
  'application/cbor,application/json',
]

function accepting(draw: Draw): Pick<ContractStep, 'headers'> {
  return draw.below(3) === 0 ? { headers: { accept: draw.of(ACCEPTS) } } : {}
}
