import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileStructural } from '../../../src/apiserver/structural/index.ts'
import {
  isObject,
  type Json,
  type JsonObject,
  parseApiVersion,
  parseYaml,
  valueAt,
} from '../../../src/object/index.ts'
import type { SchemaType } from '../../../src/schema/index.ts'
import { builtinKind } from '../../../src/schema/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { type Change, changed, drawChange, typeOfObject } from './mutate.ts'
import { type Draw, drawFrom } from './values.ts'

/** The valid objects that cases begin with. */
export const seeds: readonly JsonObject[] = parseYaml(
  readFileSync(join(import.meta.dirname, 'seeds.yaml'), 'utf8'),
  'seeds.yaml',
).map((value) => value as unknown as JsonObject)

const [crd, thing] = parseYaml(
  readFileSync(join(import.meta.dirname, 'custom.yaml'), 'utf8'),
  'custom.yaml',
).map((value) => value as unknown as JsonObject)

/** The definition of the kind that custom cases are about; servers have to have it before. */
export const definition: JsonObject = crd ?? {}
const THINGS = '/apis/play.example.com/v1/namespaces/{ns}/things'

/** A case about an object of a custom kind, by its number. */
export function customCaseOf(number: number): ContractCase {
  const draw = drawFrom(number * 7919 + 17)
  const schema = valueAt(definition, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema')
  const { type } = compileStructural(isObject(schema) ? schema : {})
  const place = { list: THINGS, one: `${THINGS}/x`, dry: false }
  return caseAbout(number, { draw, seed: thing ?? {}, type, place })
}

/** Kinds that take part in the requests of others: what is wrong with them is asked by dry run. */
const TRIED = new Set([
  'admissionregistration.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
])

/** Where a case plays. */
export interface Place {
  readonly list: string
  readonly one: string
  readonly dry: boolean
}

/** Where objects of a seed's kind are, and whether they are only tried. */
export function placeOf(object: JsonObject): Place {
  const { group, version } = parseApiVersion(String(object['apiVersion']))
  const kind = builtinKind({ group, version, kind: String(object['kind']) })
  if (kind === undefined) throw new Error(`no kind ${String(object['kind'])}`)
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const list = `${root}${kind.namespaced ? '/namespaces/{ns}' : ''}/${kind.plural}`
  const metadata = object['metadata']
  const name = isObject(metadata) ? String(metadata['name']) : ''
  return { list, one: `${list}/${name}`, dry: TRIED.has(group) }
}

/** The media types of patches. */
export const PATCH: Readonly<Record<'apply' | 'merge' | 'strategic' | 'json', string>> = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
}

/** The case of a number: of which kind, how changed, sent how, is drawn from it. */
export function caseOf(number: number, only: readonly string[] = []): ContractCase {
  const draw = drawFrom(number * 7919 + 17)
  const those =
    only.length === 0 ? seeds : seeds.filter((seed) => only.includes(String(seed['kind'])))
  const seed = draw.of(those)
  return caseAbout(number, { draw, seed, type: typeOfObject(seed), place: placeOf(seed) })
}

/** One changed object as two requests that keep nothing: a patch of the valid one, and itself posted. */
export interface Trial {
  readonly kind: string
  /** How the valid object is made, where it may be. */
  readonly made: ContractStep | undefined
  readonly asked: readonly ContractStep[]
}

/** The trial of a number, of one kind. */
export function trialOf(number: number, kind: string): Trial {
  const draw = drawFrom(number * 7919 + 17)
  const seed = draw.of(seeds.filter((each) => each['kind'] === kind))
  const place = placeOf(seed)
  const change = drawChange(draw, seed, typeOfObject(seed))
  const post: ContractStep = {
    method: 'POST',
    path: `${place.list}?dryRun=All`,
    body: changed(seed, [change]),
  }
  if (place.dry) return { kind, made: undefined, asked: [post] }
  const patch: ContractStep = {
    method: 'PATCH',
    path: `${place.one}?dryRun=All`,
    headers: { 'content-type': PATCH.json },
    body: [operation(change)],
  }
  const made: ContractStep = { method: 'POST', path: place.list, body: seed }
  return { kind, made, asked: [patch, post] }
}

function caseAbout(
  number: number,
  of: {
    readonly draw: Draw
    readonly seed: JsonObject
    readonly type: SchemaType
    readonly place: Place
  },
): ContractCase {
  const { draw, seed, type, place } = of
  const changes: Change[] = []
  let object: JsonObject = seed
  for (let i = draw.below(4) === 0 ? 2 : 1; i > 0; i -= 1) {
    const change = drawChange(draw, object, type)
    changes.push(change)
    object = changed(object, [change]) as JsonObject
  }
  const steps = stepsFor({ draw, seed, object, changes, place })
  const why = changes
    .map((each) => `${each.path.join('.')}=${JSON.stringify(each.value) ?? 'gone'}`)
    .join(' ')
  return { name: `f${number}`, why: `${String(seed['kind'])} ${why}`, steps }
}

interface Drawn {
  readonly draw: Draw
  readonly seed: JsonObject
  readonly object: JsonObject
  readonly changes: readonly Change[]
  readonly place: Place
}

function query(draw: Draw, place: Place, more: readonly string[] = []): string {
  const parts = [
    ...(place.dry || draw.below(8) === 0 ? ['dryRun=All'] : []),
    ...draw.of([
      [],
      [],
      ['fieldValidation=Strict'],
      ['fieldValidation=Ignore'],
      ['fieldManager=m1'],
    ]),
    ...more,
  ]
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function stepsFor(drawn: Drawn): ContractStep[] {
  const { draw, seed, object, changes, place } = drawn
  const made: ContractStep = { method: 'POST', path: place.list, body: seed }
  const gone: ContractStep = { method: 'DELETE', path: place.one }
  const end = place.list.includes('{ns}') ? [] : [gone]
  const kind = draw.below(8)
  if (kind <= 2)
    return [{ method: 'POST', path: `${place.list}${query(draw, place)}`, body: object }, ...end]
  if (kind <= 4)
    return [
      made,
      { method: 'PUT', path: `${place.one}${query(draw, place)}`, body: object },
      ...end,
    ]
  if (kind === 5) return [...applies(drawn), ...end]
  return [
    made,
    patchStep(draw, { place, changes, type: draw.of(['merge', 'strategic', 'json'] as const) }),
    ...end,
  ]
}

function patchStep(
  draw: Draw,
  of: {
    readonly place: Place
    readonly changes: readonly Change[]
    readonly type: 'merge' | 'strategic' | 'json'
  },
): ContractStep {
  const { place, changes, type } = of
  const body =
    type === 'json'
      ? changes.map(operation)
      : changes.reduce<Json>((sum, each) => merged(sum, each), {})
  const path = `${place.one}${query(draw, place)}`
  return { method: 'PATCH', path, headers: { 'content-type': PATCH[type] }, body }
}

function operation({ path, value }: Change): Json {
  const pointer = path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
  return value === undefined ? { op: 'remove', path: pointer } : { op: 'add', path: pointer, value }
}

/** A merge patch for a change; items of lists are named by where they stand: the patch replaces the list. */
function merged(sum: Json, { path, value }: Change): Json {
  const at = path.findIndex((part) => typeof part === 'number')
  const keys = at < 0 ? path : path.slice(0, at)
  const inner = path.slice(keys.length + 1).filter((part) => typeof part === 'string')
  const item = inner.reduceRight<Json>((child, part) => ({ [part]: child }), value ?? null)
  const last: Json = at < 0 ? (value ?? null) : [item]
  return changed(sum, [{ path: keys, value: last }])
}

function applies({ draw, seed, object, place }: Drawn): ContractStep[] {
  const step = (body: Json, manager: string, more: readonly string[]): ContractStep => ({
    method: 'PATCH',
    path: `${place.one}?${['fieldManager=', ''].join(manager)}${[...more, ...(place.dry ? ['dryRun=All'] : [])].map((each) => `&${each}`).join('')}`,
    headers: { 'content-type': PATCH.apply },
    body,
  })
  const force = draw.of([[], ['force=true']])
  return [step(seed, 'm1', []), step(object, draw.of(['m1', 'm2']), force), step(seed, 'm1', force)]
}
