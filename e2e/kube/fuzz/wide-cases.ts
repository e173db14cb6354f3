import { isObject, type Json, type JsonObject, valueAt } from '../../../src/object/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH, placeOf, seeds } from './cases.ts'
import { changed, drawChange, spotsOf, typeOfObject } from './mutate.ts'
import { type Draw, drawFrom, valueFor } from './values.ts'

/** Kinds that others act on, and whose answers so depend on when they are asked. */
const LIVELY = new Set(['FlowSchema', 'PriorityLevelConfiguration', 'CustomResourceDefinition'])
const SCALED = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'])

interface Scene {
  readonly draw: Draw
  readonly seed: JsonObject
  readonly list: string
  readonly one: string
}

/**
 * A case of a number: more than one request about an object of a built-in kind, by several managers
 * and to its parts, so that what is kept of each is seen in the next answer.
 */
export function wideCaseOf(number: number, only: readonly string[] = []): ContractCase {
  const draw = drawFrom(number * 6151 + 29)
  const calm = seeds.filter((seed) => !LIVELY.has(String(seed['kind'])))
  const those = calm.filter((seed) => only.length === 0 || only.includes(String(seed['kind'])))
  const seed = draw.of(those)
  const { list, one, dry } = placeOf(seed)
  const scene = { draw, seed, list, one }
  const kinds = [statuses, applies, applies, strategic, operations, managers, scales]
  const play = dry ? operations : draw.of(kinds)
  const steps = play(scene).map((step) => (dry ? tried(step) : step))
  const end: ContractStep[] = list.includes('{ns}') ? [] : [{ method: 'DELETE', path: one }]
  return {
    name: `w${number}`,
    why: `${String(seed['kind'])} ${play.name}`,
    steps: [...steps, ...end],
  }
}

function tried(step: ContractStep): ContractStep {
  return { ...step, path: `${step.path}${step.path.includes('?') ? '&' : '?'}dryRun=All` }
}

function mutated({ draw, seed }: Scene): JsonObject {
  let object = seed
  for (let i = draw.below(3); i >= 0; i -= 1)
    object = changed(object, [drawChange(draw, object, typeOfObject(seed))]) as JsonObject
  return object
}

function made({ seed, list }: Scene, manager = 'm0'): ContractStep {
  return { method: 'POST', path: `${list}?fieldManager=${manager}`, body: seed }
}

function applied(scene: Scene, body: Json, manager: string, part = ''): ContractStep {
  const force = scene.draw.below(3) === 0 ? '&force=true' : ''
  return {
    method: 'PATCH',
    path: `${scene.one}${part}?fieldManager=${manager}${force}`,
    headers: { 'content-type': PATCH.apply },
    body,
  }
}

function patched(scene: Scene, type: keyof typeof PATCH, body: Json, part = ''): ContractStep {
  const headers = { 'content-type': PATCH[type] }
  return { method: 'PATCH', path: `${scene.one}${part}?fieldManager=m3`, headers, body }
}

/** Who applies what, gives up what, and takes it from others. */
function applies(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const first = draw.below(2) === 0 ? made(scene) : applied(scene, seed, 'm1')
  const part = pruned(scene)
  return [
    first,
    applied(scene, mutated(scene), draw.of(['m1', 'm2'])),
    applied(scene, part, 'm1'),
    patched(scene, 'merge', { metadata: { labels: { by: 'm3' } } }),
    applied(scene, mutated(scene), draw.of(['m1', 'm2', 'm3'])),
    applied(scene, seed, 'm1'),
  ]
}

/** The object without some of its fields. */
function pruned({ draw, seed }: Scene): JsonObject {
  const spots = spotsOf(seed, typeOfObject(seed)).filter(
    ({ has, path }) => has && path[0] !== 'metadata' && path.length > 1,
  )
  if (spots.length === 0) return seed
  return changed(seed, [{ path: draw.of(spots).path, value: undefined }]) as JsonObject
}

/** What the parts `status` and the whole take, and what each leaves alone. */
function statuses(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const type = typeOfObject(seed).map?.fields.get('status')?.type
  if (type === undefined) return applies(scene)
  const status = valueFor(draw, type, 'status')
  const body = { ...seed, status }
  const meta = { metadata: { labels: { a: 's' }, annotations: { a: 's' } } }
  return [
    made(scene),
    patched(scene, 'merge', { ...meta, status }, '/status'),
    { method: 'PUT', path: `${scene.one}/status?fieldManager=m4`, body },
    applied(scene, { ...named(seed), status: valueFor(draw, type, 'status') }, 'm2', '/status'),
    { method: 'PUT', path: `${scene.one}?fieldManager=m5`, body: { ...mutated(scene), status } },
    { method: 'GET', path: scene.one },
  ]
}

function named(seed: JsonObject): JsonObject {
  const { apiVersion = '', kind = '' } = seed
  const name = valueAt(seed, 'metadata', 'name') ?? ''
  return { apiVersion, kind, metadata: { name } }
}

const DIRECTIVES: readonly JsonObject[] = [
  { $patch: 'delete' },
  { $patch: 'replace' },
  { $patch: 'merge' },
  { $patch: 'nope' },
  { $retainKeys: ['a'] },
  { $retainKeys: ['name', 'type', 'image'] },
]

/** Strategic merge patches with directives in maps and in lists. */
function strategic(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const body = (): Json => {
    const spots = spotsOf(seed, typeOfObject(seed)).filter(
      ({ has, path }) => has && path.length > 0,
    )
    const { path } = draw.of(spots)
    const keys = path.filter((part) => typeof part === 'string')
    const directive = draw.of([
      ...DIRECTIVES,
      { [`$setElementOrder/${keys.at(-1)}`]: [{ name: 'x' }, { name: 'c' }] },
      { [`$deleteFromPrimitiveList/${keys.at(-1)}`]: ['x'] },
    ])
    const inList = typeof path.at(-1) === 'number'
    const own = inList ? [{ ...directive, name: draw.of(['c', 'x', 'a']) }] : directive
    return keys.reduceRight<Json>((child, part) => ({ [part]: child }), own)
  }
  return [
    made(scene),
    patched(scene, 'strategic', body()),
    patched(scene, 'strategic', body()),
    { method: 'GET', path: scene.one },
  ]
}

/** JSON patches of several operations, of which some can not be done. */
function operations(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const spots = spotsOf(seed, typeOfObject(seed)).filter(({ path }) => path.length > 0)
  const pointer = (): string =>
    `/${draw
      .of(spots)
      .path.map((part) => String(part).replaceAll('/', '~1'))
      .join('/')}`
  const operation = (): Json => {
    const path = pointer()
    return draw.of<Json>([
      { op: 'test', path, value: draw.of<Json>([null, 'x', 1, {}]) },
      { op: 'remove', path },
      { op: 'move', from: pointer(), path },
      { op: 'copy', from: pointer(), path },
      { op: 'replace', path, value: draw.of<Json>(['x', 1, [], {}]) },
      { op: 'add', path: `${path}/-`, value: 'x' },
      { op: 'add', path: '/metadata/annotations', value: { a: 'b' } },
      { op: draw.of(['nope', '']), path },
      { op: 'add', path: 'spec' },
    ])
  }
  const list = (): Json => Array.from({ length: 1 + draw.below(3) }, operation)
  return [made(scene), patched(scene, 'json', list()), patched(scene, 'json', list())]
}

/** Clients that write managedFields themselves. */
function managers(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const entry = {
    manager: 'kubectl',
    operation: draw.of(['Apply', 'Update', 'Nope']),
    apiVersion: draw.of([String(seed['apiVersion']), 'nope/v1', '']),
    fieldsType: draw.of(['FieldsV1', 'X']),
    fieldsV1: draw.of<Json>([
      {},
      { 'f:spec': {} },
      { 'f:metadata': { 'f:labels': { 'f:a': {} } } },
      { x: {} },
    ]),
  }
  const fields = draw.of<Json>([[], [{}], [entry], [entry, entry], null])
  const metadata = isObject(seed['metadata']) ? seed['metadata'] : {}
  return [
    made(scene),
    {
      method: 'PUT',
      path: `${scene.one}?fieldManager=m1`,
      body: { ...seed, metadata: { ...metadata, managedFields: fields } },
    },
    patched(scene, 'merge', { metadata: { managedFields: draw.of<Json>([[], [{}], [entry]]) } }),
    applied(scene, seed, 'm2'),
    patched(scene, 'merge', { metadata: { labels: { z: 'z' } } }),
  ]
}

/** The part `scale`, where there is one. */
function scales(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  if (!SCALED.has(String(seed['kind']))) return strategic(scene)
  const scale = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'x' },
    spec: { replicas: draw.of<Json>([3, 0, -1, 'x', null]) },
  }
  return [
    made(scene),
    { method: 'GET', path: `${one}/scale` },
    { method: 'PUT', path: `${one}/scale?fieldManager=m1`, body: scale },
    patched(scene, 'merge', { spec: { replicas: draw.of<Json>([5, -2, 1.5, 'x']) } }, '/scale'),
    applied(scene, scale, 'm2', '/scale'),
    applied(scene, seed, 'm1'),
  ]
}
