import type { Json, JsonObject } from '../../../src/object/index.ts'
import type { Hooks } from '../admission/hook.ts'
import type { AdmissionCase, Step } from '../admission/play.ts'
import type { Spoiling } from './hook.ts'

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const APPLY = 'application/apply-patch+yaml'
const MERGE = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

interface Options {
  readonly spoiling?: Spoiling
  readonly clientConfig?: JsonObject
  readonly reviews?: readonly string[]
  readonly stored?: string
}

const TEXT = { type: 'string' }

function version(name: string, properties: JsonObject, stored: boolean): JsonObject {
  const status = { type: 'object', properties: { state: TEXT, replicas: { type: 'integer' } } }
  const all = {
    ...properties,
    replicas: { type: 'integer' },
    note: { type: 'string', default: `of ${name}` },
  }
  return {
    name,
    served: true,
    storage: stored,
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: all }, status },
      },
    },
    additionalPrinterColumns: Object.keys(properties).map((key) => ({
      name: key,
      type: 'string',
      jsonPath: `.spec.${key}`,
    })),
  }
}

/** A definition in two versions, with a webhook of its own between them. */
function definition(hooks: Hooks, name: string, options: Options): Step {
  const group = `${name}.example.org`
  const { stored = 'v1' } = options
  return {
    method: 'POST',
    path: DEFINITIONS,
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [
          version('v1', { host: TEXT, port: TEXT }, stored === 'v1'),
          version('v2', { hostPort: TEXT }, stored === 'v2'),
        ],
        conversion: {
          strategy: 'Webhook',
          webhook: {
            conversionReviewVersions: [...(options.reviews ?? ['v1'])],
            clientConfig: options.clientConfig ?? {
              url: hooks.url(name, { conversion: options.spoiling ?? {} }),
              caBundle: hooks.caBundle,
            },
          },
        },
      },
    },
  }
}

function paths(name: string): { list: (version: string) => string } {
  return { list: (of) => `/apis/${name}.example.org/${of}/namespaces/{ns}/things` }
}

function thing(
  name: string,
  of: string,
  object: string,
  spec: JsonObject,
  more: JsonObject = {},
): JsonObject {
  return {
    apiVersion: `${name}.example.org/${of}`,
    kind: 'Thing',
    metadata: { name: object, ...more },
    spec,
  }
}

function get(path: string, more: Partial<Step> = {}): Step {
  return { method: 'GET', path, ...more }
}

function patch(path: string, type: string, body: Json): Step {
  return { method: 'PATCH', path, type, body }
}

/** Objects in both versions, written and read in each. */
function everyday(name: string, options: Options = {}): AdmissionCase {
  const { list } = paths(name)
  const [v1, v2] = [list('v1'), list('v2')]
  const one = (of: string, object: string): string => `${list(of)}/${object}`
  const hostPort = { hostPort: 'b:2' }
  return {
    name,
    setup: (hooks) => [definition(hooks, name, options)],
    steps: [
      { method: 'POST', path: v1, body: thing(name, 'v1', 'a', { host: 'a', port: '1' }) },
      get(one('v1', 'a')),
      get(one('v2', 'a')),
      { method: 'POST', path: v2, body: thing(name, 'v2', 'b', hostPort, { labels: { l: 'x' } }) },
      get(one('v1', 'b')),
      get(one('v2', 'b')),
      get(`${v1}?resourceVersion=`),
      get(`${v2}?resourceVersion=`),
      get(`${v2}?limit=1`),
      get(v2, { headers: TABLE }),
      get(one('v2', 'a'), { headers: TABLE }),
      patch(one('v2', 'a'), MERGE, { spec: { hostPort: 'm:5' } }),
      patch(one('v2', 'a'), JSON_PATCH, [{ op: 'replace', path: '/spec/hostPort', value: 'j:6' }]),
      patch(one('v2', 'a'), JSON_PATCH, [{ op: 'replace', path: '/spec/host', value: 'j:6' }]),
      patch(one('v1', 'a'), MERGE, { spec: { port: '7' } }),
      get(one('v2', 'a')),
      patch(
        `${one('v2', 'a')}?fieldManager=m2`,
        APPLY,
        thing(name, 'v2', 'a', { hostPort: 'n:8' }),
      ),
      patch(
        `${one('v2', 'a')}?fieldManager=m2&force=true`,
        APPLY,
        thing(name, 'v2', 'a', { hostPort: 'n:8' }),
      ),
      patch(
        `${one('v1', 'a')}?fieldManager=m1`,
        APPLY,
        thing(name, 'v1', 'a', { host: 'n', port: '8' }),
      ),
      patch(
        `${one('v1', 'a')}?fieldManager=m1`,
        APPLY,
        thing(name, 'v1', 'a', { host: 'o', port: '8' }),
      ),
      patch(
        `${one('v1', 'a')}?fieldManager=m1&force=true`,
        APPLY,
        thing(name, 'v1', 'a', { host: 'o' }),
      ),
      patch(`${one('v2', 'a')}?fieldManager=m2`, APPLY, thing(name, 'v2', 'a', {})),
      patch(`${one('v1', 'a')}?fieldManager=m2`, APPLY, thing(name, 'v1', 'a', {})),
      patch(
        `${one('v2', 'c')}?fieldManager=m2`,
        APPLY,
        thing(name, 'v2', 'c', { hostPort: 'c:1' }),
      ),
      patch(
        `${one('v2', 'c')}?fieldManager=m2`,
        APPLY,
        thing(name, 'v2', 'c', { hostPort: 'c:1' }),
      ),
      patch(
        `${one('v2', 'c')}?fieldManager=m2&dryRun=All`,
        APPLY,
        thing(name, 'v2', 'c', { hostPort: 'c:2' }),
      ),
      {
        method: 'PUT',
        path: one('v2', 'b'),
        body: thing(name, 'v2', 'b', { hostPort: 'p:9' }, {}),
      },
      {
        method: 'PUT',
        path: `${one('v1', 'b')}?dryRun=All`,
        body: thing(name, 'v1', 'b', { host: 'q' }),
      },
      patch(`${one('v2', 'b')}/status`, MERGE, { status: { state: 'fine', replicas: 3 } }),
      get(`${one('v2', 'b')}/scale`),
      patch(`${one('v2', 'b')}/scale`, MERGE, { spec: { replicas: 4 } }),
      get(one('v1', 'b')),
      { method: 'POST', path: `${v2}?dryRun=All`, body: thing(name, 'v2', 'd', hostPort) },
      { method: 'POST', path: v2, body: thing(name, 'v2', 'b', hostPort) },
      { method: 'DELETE', path: one('v2', 'none') },
      { method: 'DELETE', path: one('v2', 'c') },
      { method: 'DELETE', path: v2 },
      get(v1),
    ],
  }
}

/** A webhook that does something wrong: a few requests in each direction. */
function spoilt(name: string, options: Options): AdmissionCase {
  const { list } = paths(name)
  return {
    name,
    setup: (hooks) => [definition(hooks, name, options)],
    steps: [
      {
        method: 'POST',
        path: list('v1'),
        body: thing(
          name,
          'v1',
          'a',
          { host: 'a', port: '1' },
          { labels: { l: 'x' }, annotations: { a: 'y' } },
        ),
      },
      get(`${list('v1')}/a`),
      get(`${list('v2')}/a`),
      get(`${list('v2')}/a`, { headers: TABLE }),
      { method: 'POST', path: list('v2'), body: thing(name, 'v2', 'b', { hostPort: 'b:1' }) },
      get(`${list('v1')}/b`),
      patch(`${list('v2')}/a`, MERGE, { spec: { hostPort: 'z:1' } }),
      patch(`${list('v2')}/a?fieldManager=m`, APPLY, thing(name, 'v2', 'a', { hostPort: 'z:2' })),
      { method: 'PUT', path: `${list('v2')}/a`, body: thing(name, 'v2', 'a', { hostPort: 'y' }) },
      get(`${list('v1')}/a`),
      { method: 'DELETE', path: `${list('v2')}/a` },
      { method: 'DELETE', path: `${list('v1')}/a` },
    ],
  }
}

const SPOILT: Readonly<Record<string, Options>> = {
  'down-v2': { spoiling: { when: 'v2', status: 500, text: 'no' } },
  'down-v1': { spoiling: { when: 'v1', status: 503, text: '' } },
  refused: { clientConfig: { url: 'https://127.0.0.1:1/x' } },
  'no-service': {
    clientConfig: { service: { namespace: 'nowhere', name: 'none', path: '/convert' } },
  },
  untrusted: {},
  failing: { spoiling: { result: { status: 'Failure', message: 'can not be' } } },
  silent: { spoiling: { result: { status: 'Failure' } } },
  empty: { spoiling: { count: 0 } },
  'wrong-version': { spoiling: { object: { apiVersion: 'example.org/v9' } } },
  'wrong-kind': { spoiling: { object: { kind: 'Thong' } } },
  'wrong-name': { spoiling: { metadata: { name: 'other' } } },
  'wrong-namespace': { spoiling: { metadata: { namespace: 'other' } } },
  'wrong-uid': { spoiling: { metadata: { uid: 'other' } } },
  labels: { spoiling: { metadata: { labels: { l: 'z', m: 'n' }, annotations: { b: 'c' } } } },
  'no-labels': { spoiling: { metadata: { labels: null } } },
  'bad-labels': { spoiling: { metadata: { labels: { 'not a label': 'x y' } } } },
  'bad-annotations': { spoiling: { metadata: { annotations: { 'not one!': 'x y' } } } },
  'number-labels': { spoiling: { metadata: { labels: { l: 1 } } } },
  'list-labels': { spoiling: { metadata: { labels: ['x'] } } },
  'other-metadata': {
    spoiling: {
      metadata: {
        finalizers: ['x.org/y'],
        generation: 9,
        resourceVersion: '1',
        creationTimestamp: null,
      },
    },
  },
  bare: { spoiling: { bare: true } },
  'text-metadata': { spoiling: { object: { metadata: 'x' } } },
  'wrong-review-uid': { spoiling: { uid: 'another' } },
  'wrong-review-kind': { spoiling: { review: { kind: 'ConversionRevue' } } },
  'wrong-review-group': { spoiling: { review: { apiVersion: 'apiextensions.k8s.io/v1beta1' } } },
  'no-response': { spoiling: { review: { response: null } } },
  'no-json': { spoiling: { text: 'hello' } },
  'no-body': { spoiling: { text: '' } },
  'not-found': { spoiling: { status: 404 } },
  beta: { reviews: ['v1beta1'], spoiling: { uid: 'another' } },
  'beta-failing': { reviews: ['v1beta1', 'v1'], spoiling: { result: { status: 'Failure' } } },
  'no-reviews': { reviews: ['v9', 'v1'] },
  unknown: { spoiling: { object: { extra: 'is pruned' } } },
  'null-spec': { spoiling: { object: { spec: null } } },
  'text-spec': { spoiling: { object: { spec: 'text' } } },
}

function configOf(hooks: Hooks, name: string, options: Options): Options {
  if (name !== 'untrusted') return options
  return { clientConfig: { url: hooks.url(name, { conversion: {} }) } }
}

/** All cases of conversion by webhooks. */
export const CONVERSION_CASES: readonly AdmissionCase[] = [
  everyday('both-ways'),
  everyday('other-way', { stored: 'v2' }),
  ...Object.entries(SPOILT).map(([name, options]) => ({
    ...spoilt(name, options),
    setup: (hooks: Hooks) => [definition(hooks, name, configOf(hooks, name, options))],
  })),
]

/** What watches are to tell of: objects in both versions, written in each. */
export const WATCHED: AdmissionCase = everyday('watched')
