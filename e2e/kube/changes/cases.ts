import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { Change, ChangeCase } from './play.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
const TEXT = { type: 'string' }
const NUMBER = { type: 'integer' }

/** Paths and bodies of a case, whose group has the name of the case. */
class Thing {
  readonly name: string
  readonly group: string

  constructor(name: string) {
    this.name = name
    this.group = `${name}.example.org`
  }

  list(version: string): string {
    return `/apis/${this.group}/${version}/namespaces/{ns}/things`
  }

  one(version: string, object = 'x'): string {
    return `${this.list(version)}/${object}`
  }

  get definition(): string {
    return `${DEFINITIONS}/things.${this.group}`
  }

  object(
    version: string,
    spec: JsonObject,
    more: JsonObject = {},
    rest: JsonObject = {},
  ): JsonObject {
    const metadata = { name: 'x', ...more }
    return { apiVersion: `${this.group}/${version}`, kind: 'Thing', metadata, spec, ...rest }
  }

  define(versions: readonly JsonObject[], more: JsonObject = {}): Change {
    return { method: 'POST', path: DEFINITIONS, body: this.#body(versions, more), settles: true }
  }

  redefine(spec: JsonObject, more: Partial<Change> = {}): Change {
    return {
      method: 'PATCH',
      path: this.definition,
      type: MERGE,
      body: { spec },
      settles: true,
      ...more,
    }
  }

  make(version: string, spec: JsonObject, more: JsonObject = {}, rest: JsonObject = {}): Change {
    return {
      method: 'POST',
      path: this.list(version),
      body: this.object(version, spec, more, rest),
    }
  }

  change(version: string, body: Json, part = ''): Change {
    return { method: 'PATCH', path: `${this.one(version)}${part}`, type: MERGE, body }
  }

  apply(version: string, spec: JsonObject, query = '?fieldManager=m'): Change {
    return {
      method: 'PATCH',
      path: `${this.one(version)}${query}`,
      type: APPLY,
      body: this.object(version, spec),
    }
  }

  #body(versions: readonly JsonObject[], more: JsonObject): JsonObject {
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${this.group}` },
      spec: {
        group: this.group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: versions as Json,
        ...more,
      },
    }
  }
}

function version(name: string, properties: JsonObject, more: JsonObject = {}): JsonObject {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties } } }
  return { name, served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }
}

function get(path: string, headers?: Change['headers']): Change {
  return { method: 'GET', path, ...(headers === undefined ? {} : { headers }) }
}

const OLD = { storage: false }

function schemaChange(): ChangeCase {
  const of = new Thing('schema-change')
  const before = version('v1', {
    a: TEXT,
    b: { ...NUMBER, default: 1 },
    s: { type: 'array', items: TEXT },
  })
  const after = version(
    'v1',
    {
      a: { ...TEXT, maxLength: 2 },
      c: { ...TEXT, default: 'd' },
      s: { type: 'array', items: TEXT, 'x-kubernetes-list-type': 'set' },
    },
    { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }] },
  )
  return {
    name: of.name,
    steps: [
      of.define([before]),
      of.make('v1', { a: 'long', s: ['p', 'q'] }),
      { ...get(`${of.list('v1')}?watch=1`), watches: true },
      get(of.list('v1'), TABLE),
      of.redefine({ versions: [after] }),
      get(of.one('v1')),
      get(of.list('v1')),
      get(of.list('v1'), TABLE),
      of.change('v1', { metadata: { labels: { l: 'x' } } }),
      of.change('v1', { spec: { a: 'longer' } }),
      of.change('v1', { spec: { c: 'new' } }),
      of.apply('v1', { a: 'ok', s: ['p', 'r'] }),
      of.apply('v1', { a: 'ok', s: ['p', 'r'] }, '?fieldManager=m&force=true'),
      of.apply('v1', { a: 'ok' }),
      {
        method: 'PUT',
        path: of.one('v1'),
        body: of.object('v1', { a: 'p', b: 3 }, { resourceVersion: '{rv}' }),
      },
      get(`/apis/${of.group}/v1`),
      of.redefine({ versions: [version('v1', {})] }),
      get(of.one('v1')),
      of.redefine({
        versions: [
          {
            ...version('v1', {}),
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      }),
      get(of.one('v1')),
      of.change('v1', { other: { y: 1 }, spec: { z: 1 } }),
      of.redefine({ versions: [after] }),
      get(of.one('v1')),
      of.change('v1', { metadata: { labels: { l: 'y' } } }),
    ],
  }
}

function moreVersions(): ChangeCase {
  const of = new Thing('more-versions')
  const [v1, v2] = [
    version('v1', { a: TEXT, b: TEXT }),
    version('v2', { a: TEXT, n: { ...TEXT, default: 'new' } }),
  ]
  return {
    name: of.name,
    steps: [
      of.define([v1]),
      of.make('v1', { a: '1', b: '2' }),
      of.make('v1', { a: '3' }, { name: 'y' }),
      { ...get(`${of.list('v1')}?watch=1`), watches: true },
      of.redefine({ versions: [v1, { ...v2, ...OLD }] }),
      get(`/apis/${of.group}`),
      get(of.definition),
      get(of.one('v2')),
      get(of.list('v2')),
      of.change('v2', { spec: { n: 'set' } }),
      of.change('v2', { spec: { a: 'set' } }),
      of.apply('v2', { a: 'mine', n: 'mine' }),
      of.apply('v2', { a: 'mine', n: 'mine' }, '?fieldManager=m&force=true'),
      of.apply('v1', { a: 'mine', b: 'mine' }, '?fieldManager=k&force=true'),
      get(of.one('v1')),
      of.redefine({ versions: [{ ...v1, ...OLD }, v2] }),
      get(of.definition),
      get(of.one('v1')),
      get(of.one('v2')),
      get(of.list('v2')),
      of.change('v1', { metadata: { labels: { l: 'x' } } }),
      of.change('v2', { spec: { n: 'kept' } }),
      get(of.one('v1')),
      of.redefine({ versions: [v2] }),
      {
        method: 'PATCH',
        path: `${of.definition}/status`,
        type: MERGE,
        body: { status: { storedVersions: ['v2'] } },
        settles: true,
      },
      of.redefine({ versions: [v2] }),
      get(of.definition),
      get(`/apis/${of.group}`),
      get(of.one('v1')),
      get(of.one('v2')),
      get(of.one('v2', 'y')),
      of.change('v2', { metadata: { labels: { l: 'y' } } }),
      of.apply('v2', { a: 'again' }, '?fieldManager=m&force=true'),
      { method: 'DELETE', path: of.one('v2', 'y') },
      { method: 'DELETE', path: of.one('v2') },
    ],
  }
}

function unserved(): ChangeCase {
  const of = new Thing('unserved')
  const [v1, v2] = [version('v1', { a: TEXT }), version('v2', { a: TEXT }, OLD)]
  return {
    name: of.name,
    steps: [
      of.define([v1, v2]),
      of.make('v1', { a: '1' }),
      of.apply('v2', { a: '2' }, '?fieldManager=m&force=true'),
      { ...get(`${of.list('v2')}?watch=1`), watches: true },
      { ...get(`${of.list('v1')}?watch=1`), watches: true },
      of.redefine({ versions: [v1, { ...v2, served: false }] }),
      get(of.list('v2')),
      get(of.one('v1')),
      get(`/apis/${of.group}`),
      get(`/apis/${of.group}/v2`),
      of.change('v1', { spec: { a: '3' } }),
      of.apply('v1', { a: '4' }, '?fieldManager=m'),
      of.apply('v1', { a: '4' }, '?fieldManager=m&force=true'),
      of.redefine({
        versions: [
          { ...v1, served: false },
          { ...v2, served: false },
        ],
      }),
      get(of.definition),
      get(of.list('v1')),
      get(`/apis/${of.group}`),
      of.redefine({ versions: [{ ...v1, served: false }, v2] }),
      get(of.one('v2')),
      get(`/apis/${of.group}`),
      of.change('v2', { spec: { a: '5' } }),
      of.apply('v2', { a: '6' }, '?fieldManager=m&force=true'),
      { method: 'DELETE', path: of.one('v2') },
    ],
  }
}

function names(): ChangeCase {
  const of = new Thing('names')
  const v1 = version('v1', { a: TEXT })
  const renamed = {
    plural: 'things',
    singular: 'thingy',
    kind: 'Thing',
    listKind: 'Thinglist',
    shortNames: ['th'],
    categories: ['all'],
  }
  return {
    name: of.name,
    steps: [
      of.define([v1]),
      of.make('v1', { a: '1' }),
      of.redefine({ scope: 'Cluster' }),
      of.redefine({ names: { kind: 'Other' } }),
      of.redefine({ names: { plural: 'others' } }),
      of.redefine({ group: 'other.example.org' }),
      of.redefine({ names: renamed }),
      get(of.definition),
      get(of.list('v1')),
      get(`/apis/${of.group}/v1`),
      of.redefine({ names: { ...renamed, singular: 'Bad Name' } }),
      of.redefine({ names: { ...renamed, listKind: 'Thing' } }),
      of.redefine({ names: { ...renamed, shortNames: ['th', 'things'] } }),
      get(of.definition),
      get(`/apis/${of.group}/v1`),
      of.redefine({ preserveUnknownFields: true }),
      of.redefine({ conversion: { strategy: 'Webhook' } }),
      of.redefine({ versions: [] }),
      of.redefine({ versions: [{ ...v1, storage: false }] }),
      of.redefine({ versions: [v1, version('v2', {})] }),
      { method: 'DELETE', path: of.one('v1') },
    ],
  }
}

function ending(): ChangeCase {
  const of = new Thing('ending')
  const v1 = version('v1', { a: TEXT })
  return {
    name: of.name,
    steps: [
      of.define([v1]),
      of.make('v1', { a: '1' }, { finalizers: ['example.org/keep'] }),
      of.make('v1', { a: '2' }, { name: 'y' }),
      { ...get(`${of.list('v1')}?watch=1`), watches: true },
      { method: 'DELETE', path: of.definition, settles: true },
      get(of.definition),
      get(of.one('v1')),
      get(of.one('v1', 'y')),
      get(of.list('v1')),
      of.make('v1', { a: '3' }, { name: 'z' }),
      of.apply('v1', { a: '4' }, '?fieldManager=m&force=true'),
      of.redefine({ versions: [version('v1', { a: TEXT, b: TEXT })] }),
      { ...of.define([v1]) },
      { method: 'DELETE', path: of.definition },
      {
        ...of.change('v1', [{ op: 'remove', path: '/metadata/finalizers' }]),
        type: JSON_PATCH,
        settles: true,
      },
      get(of.definition),
      get(of.list('v1')),
      get(`/apis/${of.group}`),
      of.define([version('v1', { b: TEXT })]),
      get(of.list('v1')),
      of.make('v1', { a: '5', b: '6' }),
      { method: 'DELETE', path: of.list('v1') },
      { method: 'DELETE', path: of.definition, settles: true },
      get(of.definition),
    ],
  }
}

function parts(): ChangeCase {
  const of = new Thing('parts')
  const plain = version('v1', { replicas: NUMBER, a: TEXT })
  const open = {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { replicas: NUMBER, a: TEXT } },
        status: { type: 'object', properties: { s: TEXT, n: NUMBER } },
      },
    },
  }
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.n' }
  const status = { s: 'new', n: 2 }
  return {
    name: of.name,
    steps: [
      of.define([{ ...plain, schema: open }]),
      of.make('v1', { a: '1' }, {}, { status: { s: 'made' } }),
      of.change('v1', { status }, '/status'),
      of.change('v1', { status: { s: 'changed' } }),
      of.redefine({ versions: [{ ...plain, schema: open, subresources: { status: {}, scale } }] }),
      get(of.one('v1')),
      get(`/apis/${of.group}/v1`),
      of.change('v1', { status: { s: 'lost' } }),
      of.change('v1', { status: { s: 'lost' }, spec: { a: '2' } }),
      of.change('v1', { status }, '/status'),
      of.change(
        'v1',
        { status, spec: { a: 'lost' }, metadata: { labels: { l: 'lost' } } },
        '/status',
      ),
      get(`${of.one('v1')}/scale`),
      of.change('v1', { spec: { replicas: 3 } }, '/scale'),
      get(`${of.one('v1')}/scale`),
      get(`${of.one('v1')}/scale`, TABLE),
      of.redefine({
        versions: [{ ...plain, schema: open, selectableFields: [{ jsonPath: '.spec.a' }] }],
      }),
      get(`${of.one('v1')}/scale`),
      of.change('v1', { status }, '/status'),
      of.change('v1', { status: { s: 'whole' } }),
      get(`${of.list('v1')}?fieldSelector=spec.a%3D2`),
      get(`${of.list('v1')}?fieldSelector=spec.a%3D3`),
      get(`${of.list('v1')}?fieldSelector=spec.replicas%3D3`),
      { method: 'DELETE', path: of.one('v1') },
    ],
  }
}

/** Definitions that are changed while their objects exist. */
export const CHANGE_CASES: readonly ChangeCase[] = [
  schemaChange(),
  moreVersions(),
  unserved(),
  names(),
  ending(),
  parts(),
]
