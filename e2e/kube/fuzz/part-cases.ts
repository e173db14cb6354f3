import { isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import { builtinType } from '../../../src/schema/index.ts'
import type { ContractCase, ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH, placeOf, seeds } from './cases.ts'
import { changed, drawChange, spotsOf, typeOfObject } from './mutate.ts'
import { type Draw, drawFrom, valueFor } from './values.ts'

interface Scene {
  readonly draw: Draw
  readonly seed: JsonObject
  readonly list: string
  readonly one: string
}

type Play = (scene: Scene) => ContractStep[]

/**
 * A case of a number: what is asked beside plain writes: parts of objects, options, preconditions,
 * clients that move from one way of applying to the other, reviews, objects with every field.
 */
export function partCaseOf(number: number, only: readonly string[] = []): ContractCase {
  const draw = drawFrom(number * 5303 + 7)
  const plays: readonly Play[] = [options, preconditions, migrates, migrates, whole, whole, names]
  const special: readonly [string, Play][] = [
    ['Pod', ephemeral],
    ['Pod', resize],
    ['Pod', binding],
    ['Pod', eviction],
    ['CertificateSigningRequest', approval],
    ['ServiceAccount', token],
    ['Namespace', finalize],
    ['HorizontalPodAutoscaler', versions],
    ['', reviews],
    ['', reviews],
  ] // prettier-ignore
  const isSpecial = draw.below(5) < 2
  const [kind, own] = draw.of(special)
  const wanted = isSpecial && kind !== '' ? [kind] : only
  const those = seeds.filter((each) => wanted.length === 0 || wanted.includes(String(each['kind'])))
  const seed = draw.of(those)
  const { list, one, dry } = placeOf(seed)
  const play = isSpecial ? own : dry ? whole : draw.of(plays)
  const steps = play({ draw, seed, list, one })
  const end: ContractStep[] =
    list.includes('{ns}') || dry || play === reviews ? [] : [{ method: 'DELETE', path: one }]
  const why = `${play === reviews ? 'Review' : String(seed['kind'])} ${play.name}`
  return {
    name: `p${number}`,
    why,
    steps: [...steps.map((step) => (dry && play !== reviews ? tried(step) : step)), ...end],
  }
}

function tried(step: ContractStep): ContractStep {
  if (step.path.includes('dryRun')) return step
  return { ...step, path: `${step.path}${step.path.includes('?') ? '&' : '?'}dryRun=All` }
}

const sent = (type: string): Readonly<Record<string, string>> => ({ 'content-type': type })

function made({ seed, list }: Scene): ContractStep {
  return { method: 'POST', path: `${list}?fieldManager=m0`, body: seed }
}

function metadataOf(seed: JsonObject): JsonObject {
  const { metadata } = seed
  return isObject(metadata) ? metadata : {}
}

const QUERIES: readonly string[] = [
  'fieldManager=',
  `fieldManager=${'a'.repeat(129)}`,
  `fieldManager=${'a'.repeat(128)}`,
  'fieldManager=a%00b',
  'fieldManager=é',
  'fieldManager=m1&fieldManager=m2',
  'dryRun=',
  'dryRun=all',
  'dryRun=All&dryRun=All',
  'dryRun=All&dryRun=x',
  'dryRun=All',
  'fieldValidation=strict',
  'fieldValidation=',
  'fieldValidation=Strict',
  'fieldValidation=Ignore',
  'fieldValidation=Warn',
  'force=true',
  'force=false',
  'force=1',
  'force=x',
  'force=',
  'force',
  'pretty=true',
  'pretty=false',
  'bogus=1',
  'dryRun',
  '',
] // prettier-ignore

/** What is asked in the address. */
function options(scene: Scene): ContractStep[] {
  const { draw, seed, list, one } = scene
  const odd = changed(seed, [drawChange(draw, seed, typeOfObject(seed))])
  const query = (): string =>
    `?${Array.from({ length: 1 + draw.below(3) }, () => draw.of(QUERIES))
      .filter((each) => each !== '')
      .join('&')}`
  const labels = { metadata: { labels: { z: draw.of(['z', 'y']) } } }
  const way = (): ContractStep =>
    draw.of<ContractStep>([
      { method: 'POST', path: list + query(), body: odd },
      { method: 'PUT', path: one + query(), body: odd },
      { method: 'PATCH', path: one + query(), headers: sent(PATCH.merge), body: labels },
      { method: 'PATCH', path: one + query(), headers: sent(PATCH.strategic), body: labels },
      { method: 'PATCH', path: one + query(), headers: sent(PATCH.apply), body: odd },
      {
        method: 'PATCH',
        path: `${one}${query()}&fieldManager=m5`,
        headers: sent(PATCH.apply),
        body: seed,
      },
      {
        method: 'PATCH',
        path: one + query(),
        headers: sent(
          draw.of([
            'application/json',
            'text/plain',
            'application/apply-patch+cbor',
            'application/x',
          ]),
        ),
        body: labels,
      },
      { method: 'DELETE', path: one + query() },
      { method: 'GET', path: one },
    ]) // prettier-ignore
  return [made(scene), way(), way(), way()]
}

/** What has to be so for a write to be done. */
function preconditions(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const metadata = metadataOf(seed)
  const version = (): Json =>
    draw.of<Json>([
      '',
      '1',
      '999999999',
      'x',
      '${0:metadata.resourceVersion}',
      '${1:metadata.resourceVersion}',
      5,
      null,
      '0',
      '-1',
    ])
  const uid = (): Json =>
    draw.of<Json>(['', 'x', '${0:metadata.uid}', '11111111-1111-1111-1111-111111111111'])
  const more = (): JsonObject => ({
    ...(draw.below(2) === 0 ? { resourceVersion: version() } : {}),
    ...(draw.below(2) === 0 ? { uid: uid() } : {}),
  })
  const way = (): ContractStep =>
    draw.of<ContractStep>([
      { method: 'PUT', path: one, body: { ...seed, metadata: { ...metadata, ...more() } } },
      {
        method: 'PATCH',
        path: one,
        headers: sent(PATCH.merge),
        body: { metadata: { labels: { a: draw.of(['1', '2']) }, ...more() } },
      },
      { method: 'PATCH', path: one, headers: sent(PATCH.strategic), body: { metadata: more() } },
      {
        method: 'PATCH',
        path: one,
        headers: sent(PATCH.json),
        body: [
          { op: 'test', path: '/metadata/uid', value: uid() },
          { op: 'replace', path: '/metadata/resourceVersion', value: version() },
        ],
      },
      {
        method: 'PATCH',
        path: `${one}?fieldManager=m1&force=true`,
        headers: sent(PATCH.apply),
        body: { ...seed, metadata: { ...metadata, ...more() } },
      },
      {
        method: 'DELETE',
        path: `${one}?dryRun=All`,
        body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: more() },
      },
      {
        method: 'DELETE',
        path: one,
        body: {
          preconditions: more(),
          propagationPolicy: draw.of(['Background', 'Orphan', 'Foreground', 'x']),
          gracePeriodSeconds: draw.of<Json>([0, -1, 5, 'x']),
        },
      },
      {
        method: 'PATCH',
        path: one,
        headers: sent(PATCH.merge),
        body: {
          metadata: {
            finalizers: draw.of<Json>([['a.io/b'], [], null, ['x']]),
            ownerReferences: draw.of<Json>([
              null,
              [],
              [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: uid(), controller: true }],
            ]),
          },
        },
      },
    ]) // prettier-ignore
  return [made(scene), way(), way(), way()]
}

/** A client that applied by itself, and has the server do it from now on. */
function migrates(scene: Scene): ContractStep[] {
  const { draw, seed, list, one } = scene
  const metadata = metadataOf(seed)
  const annotations = isObject(metadata['annotations']) ? metadata['annotations'] : {}
  const last = draw.of([JSON.stringify(seed), '{}', 'x', ''])
  const body = {
    ...seed,
    metadata: {
      ...metadata,
      annotations: { ...annotations, 'kubectl.kubernetes.io/last-applied-configuration': last },
    },
  }
  const by = draw.of(['kubectl-client-side-apply', 'kubectl', 'before-first-apply'])
  const spots = spotsOf(seed, typeOfObject(seed)).filter(
    ({ has, path }) => has && path[0] !== 'metadata' && path.length > 1,
  )
  const less =
    spots.length === 0 ? seed : changed(seed, [{ path: draw.of(spots).path, value: undefined }])
  const apply = (
    of: Json,
    manager = 'kubectl',
    force = draw.of(['', '&force=true']),
  ): ContractStep => ({
    method: 'PATCH',
    path: `${one}?fieldManager=${manager}${force}`,
    headers: sent(PATCH.apply),
    body: of,
  })
  const upgraded = {
    method: 'PATCH' as const,
    path: one,
    headers: sent(PATCH.json),
    body: [
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [
          {
            manager: 'kubectl',
            operation: 'Apply',
            apiVersion: seed['apiVersion'] ?? '',
            time: '2026-01-01T00:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: '${0:metadata.managedFields[0].fieldsV1}',
          },
        ],
      },
      { op: 'replace', path: '/metadata/resourceVersion', value: '${0:metadata.resourceVersion}' },
    ],
  }
  const edit: ContractStep = {
    method: 'PATCH',
    path: `${one}?fieldManager=editor`,
    headers: sent(PATCH.merge),
    body: {
      metadata: {
        labels: { z: 'z' },
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': draw.of<Json>([null, '{}', 'y']),
        },
      },
    },
  }
  return [
    { method: 'POST', path: `${list}?fieldManager=${by}`, body },
    ...(draw.below(4) === 0 ? [upgraded] : []),
    ...(draw.below(2) === 0 ? [edit] : []),
    apply(less),
    apply(seed),
    ...(draw.below(2) === 0 ? [apply(less, 'other')] : []),
    apply(less),
  ]
}

/** Objects that have any field at all. */
function whole(scene: Scene): ContractStep[] {
  const { draw, seed, list, one } = scene
  let object = seed
  const changes = 2 + draw.below(6)
  const type = typeOfObject(seed)
  for (let i = 0; i < changes; i += 1) {
    const spots = spotsOf(object, type).filter(
      ({ has, path }) => !has && path.length > 1 && path[0] !== 'metadata' && path[0] !== 'status',
    )
    if (spots.length === 0) break
    const { path, type: of } = draw.of(spots)
    object = changed(object, [
      { path, value: valueFor(draw, of, String(path.at(-1)), 1) },
    ]) as JsonObject
  }
  const step: ContractStep = draw.of<ContractStep>([
    { method: 'PUT', path: one, body: object },
    {
      method: 'PATCH',
      path: `${one}?fieldManager=m1&force=true`,
      headers: sent(PATCH.apply),
      body: object,
    },
    { method: 'PATCH', path: `${one}?fieldManager=m1`, headers: sent(PATCH.merge), body: object },
    {
      method: 'PATCH',
      path: `${one}?fieldManager=m1`,
      headers: sent(PATCH.strategic),
      body: object,
    },
  ]) // prettier-ignore
  if (draw.below(2) === 0)
    return [
      { method: 'POST', path: list, body: object },
      { method: 'GET', path: one },
    ]
  return [made(scene), step]
}

/** Names that the server draws. */
function names(scene: Scene): ContractStep[] {
  const { draw, seed, list, one } = scene
  const metadata = metadataOf(seed)
  const body = (): Json => ({
    ...seed,
    metadata: {
      ...metadata,
      name: draw.of<Json>([
        '',
        'x',
        'X',
        'a.b',
        'a/b',
        '.',
        '..',
        'a%b',
        'é',
        'a'.repeat(64),
        'a'.repeat(254),
        null,
        '1',
        '-a',
        'a_b',
      ]),
      ...(draw.below(3) === 0
        ? { generateName: draw.of(['g-', 'G', 'a'.repeat(70), 'a.', '']) }
        : {}),
      ...(draw.below(4) === 0 ? { namespace: draw.of(['', 'other', '{ns}', 'X']) } : {}),
      ...(draw.below(4) === 0 ? { selfLink: '/x', generation: draw.of<Json>([5, -1, 'x']) } : {}),
      ...(draw.below(4) === 0
        ? { creationTimestamp: draw.of<Json>(['2020-01-01T00:00:00Z', null, 'x', '2020-01-01']) }
        : {}),
    },
  }) // prettier-ignore
  return [
    { method: 'POST', path: `${list}?dryRun=All`, body: body() },
    made(scene),
    { method: 'POST', path: list, body: seed },
    { method: 'PUT', path: one, body: body() },
    { method: 'PUT', path: `${one}-nope`, body: body() },
    {
      method: 'PATCH',
      path: `${one}-nope?fieldManager=m1&dryRun=All`,
      headers: sent(PATCH.apply),
      body: body(),
    },
  ] // prettier-ignore
}

function parted(draw: Draw, object: JsonObject, times: number): JsonObject {
  let next = object
  for (let i = 0; i < times; i += 1)
    next = changed(next, [drawChange(draw, next, typeOfObject(object))]) as JsonObject
  return next
}

function onPart(scene: Scene, part: string, body: Json, patch: JsonObject): ContractStep[] {
  const { draw, one } = scene
  return [
    draw.of<ContractStep>([
      { method: 'PUT', path: `${one}/${part}`, body },
      { method: 'PATCH', path: `${one}/${part}`, headers: sent(PATCH.strategic), body: patch },
      { method: 'PATCH', path: `${one}/${part}`, headers: sent(PATCH.merge), body: patch },
      {
        method: 'PATCH',
        path: `${one}/${part}?fieldManager=m1`,
        headers: sent(PATCH.apply),
        body: {
          apiVersion: scene.seed['apiVersion'] ?? '',
          kind: scene.seed['kind'] ?? '',
          metadata: { name: metadataOf(scene.seed)['name'] ?? '' },
          ...patch,
        },
      },
    ]),
    { method: 'GET', path: draw.of([one, `${one}/${part}`]) },
  ] // prettier-ignore
}

function ephemeral(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const type = typeOfObject(seed)
    .map?.fields.get('spec')
    ?.type.map?.fields.get('ephemeralContainers')?.type.list?.element
  const container = (): Json => {
    const base = { name: draw.of(['d', 'c', 'init', 'D']), image: draw.of(['i:2', '', 'b']) }
    if (type === undefined || draw.below(2) === 0)
      return { ...base, targetContainerName: draw.of(['c', 'nope', '']) }
    const drawn = valueFor(draw, type, 'ephemeralContainers', 1)
    return isObject(drawn) ? { ...base, ...drawn } : drawn
  }
  const list = (): JsonObject => ({
    spec: { ephemeralContainers: Array.from({ length: 1 + draw.below(2) }, container) },
  })
  const body = (): Json => {
    const { spec } = list()
    return { ...seed, spec: { ...(seed['spec'] as JsonObject), ...(spec as JsonObject) } }
  }
  return [
    made(scene),
    ...onPart(scene, 'ephemeralcontainers', body(), list()),
    ...onPart(scene, 'ephemeralcontainers', body(), list()),
  ]
}

function resize(scene: Scene): ContractStep[] {
  const { draw, seed } = scene
  const resources = draw.of<Json>([
    { requests: { cpu: '200m' } },
    { limits: { memory: '256Mi' }, requests: { memory: '128Mi', cpu: '1' } },
    {},
    { limits: { cpu: '-1' } },
    { requests: { cpu: '2' }, limits: { cpu: '1' } },
    { requests: { 'a.io/b': '1' } },
    { requests: { 'ephemeral-storage': '1Gi' } },
    null,
  ]) // prettier-ignore
  const container = {
    name: draw.of(['c', 'init', 'nope']),
    resources,
    ...(draw.below(3) === 0
      ? {
          resizePolicy: [
            {
              resourceName: draw.of(['cpu', 'x']),
              restartPolicy: draw.of(['NotRequired', 'RestartContainer', 'x']),
            },
          ],
        }
      : {}),
    ...(draw.below(5) === 0 ? { image: 'other' } : {}),
  } // prettier-ignore
  const patch = { spec: { containers: [container] } }
  const body = changed(seed, [{ path: ['spec', 'containers', 0, 'resources'], value: resources }])
  return [
    made(scene),
    ...onPart(scene, 'resize', draw.below(4) === 0 ? parted(draw, seed, 2) : body, patch),
  ]
}

function binding(scene: Scene): ContractStep[] {
  const { draw, seed, one, list } = scene
  const name = metadataOf(seed)['name'] ?? ''
  const body = (): Json => ({
    apiVersion: 'v1',
    kind: draw.of(['Binding', 'Binding', 'Binding', 'Pod']),
    metadata: {
      name: draw.of<Json>([name, '', 'y']),
      annotations: { a: 'b' },
      labels: draw.of<Json>([{}, { l: 'm' }]),
    },
    ...draw.of<JsonObject>([
      { target: { kind: 'Node', name: 'n' } },
      { target: { name: 'n' } },
      { target: { kind: 'Pod', name: 'n' } },
      { target: {} },
      {},
      { target: { kind: 'Node', name: draw.of<Json>(['A b', '', 5]), apiVersion: 'v1' } },
    ]),
  }) // prettier-ignore
  const at = draw.of([
    `${one}/binding`,
    `${one}/binding`,
    list.replace('/pods', '/bindings'),
    `${one}-nope/binding`,
  ])
  return [
    made(scene),
    { method: 'POST', path: at + draw.of(['', '?dryRun=All', '?fieldManager=b']), body: body() },
    { method: 'GET', path: one },
    { method: 'POST', path: `${one}/binding`, body: body() },
    { method: 'GET', path: one },
  ]
}

function eviction(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const name = metadataOf(seed)['name'] ?? ''
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: {
      ...draw.of<JsonObject>([{ minAvailable: 1 }, { maxUnavailable: 0 }, {}]),
      selector: { matchLabels: { app: draw.of(['x', 'y']) } },
      ...draw.of<JsonObject>([
        {},
        { unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        { unhealthyPodEvictionPolicy: 'IfHealthyBudget' },
      ]),
    },
  } // prettier-ignore
  const body = (): Json => ({
    apiVersion: draw.of(['policy/v1', 'policy/v1', 'policy/v1beta1', 'v1']),
    kind: draw.of(['Eviction', 'Eviction', 'Pod']),
    metadata: {
      name: draw.of<Json>([name, name, 'y', '']),
      namespace: draw.of(['{ns}', '{ns}', 'other']),
    },
    ...draw.of<JsonObject>([
      {},
      { deleteOptions: { dryRun: ['All'] } },
      { deleteOptions: { gracePeriodSeconds: draw.of<Json>([0, -1, 1]) } },
      { deleteOptions: { preconditions: { uid: 'x' } } },
      { deleteOptions: { propagationPolicy: 'x' } },
      { bogus: 1 },
    ]),
  }) // prettier-ignore
  const policies = (seed['metadata'] as JsonObject)['namespace']
  void policies
  return [
    made(scene),
    ...(draw.below(2) === 0
      ? [
          {
            method: 'POST' as const,
            path: '/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets',
            body: budget,
          },
        ]
      : []),
    {
      method: 'PATCH',
      path: `${one}/status`,
      headers: sent(PATCH.merge),
      body: draw.of<Json>([
        { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
        { status: { phase: 'Failed' } },
        {},
      ]),
    },
    {
      method: 'POST',
      path: `${one}${draw.of(['', '', '-nope'])}/eviction${draw.of(['', '', '?dryRun=All', '?dryRun=x', '?fieldValidation=Strict'])}`,
      body: body(),
    },
    { method: 'GET', path: one },
  ] // prettier-ignore
}

function approval(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const condition = (): Json => ({
    type: draw.of(['Approved', 'Denied', 'Failed', 'x', '']),
    ...draw.of<JsonObject>([{ status: 'True' }, { status: 'False' }, {}, { status: 'x' }]),
    ...draw.of<JsonObject>([
      {},
      { reason: 'R', message: 'm' },
      { lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]),
  }) // prettier-ignore
  const status = (): JsonObject => ({
    ...draw.of<JsonObject>([
      {},
      {},
      { certificate: 'dg==' },
      { certificate: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=' },
    ]),
    conditions: Array.from({ length: draw.below(3) }, condition),
  }) // prettier-ignore
  const part = draw.of(['approval', 'approval', 'status'])
  const body = (): Json => ({ ...parted(draw, seed, draw.below(2)), status: status() })
  return [
    made(scene),
    ...onPart(scene, part, body(), { status: status() }),
    ...onPart(scene, draw.of(['approval', 'status']), body(), { status: status() }),
    { method: 'GET', path: one },
  ]
}

function token(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const spec = (): Json => ({
    ...draw.of<JsonObject>([{}, { audiences: ['a'] }, { audiences: [] }, { audiences: 'x' }]),
    ...draw.of<JsonObject>([
      {},
      { expirationSeconds: draw.of<Json>([600, 599, 3600, 5000000000, -1, 'x']) },
    ]),
    ...draw.of<JsonObject>([
      {},
      {},
      {
        boundObjectRef: {
          kind: draw.of(['Pod', 'Secret', 'Node', 'ConfigMap', '']),
          apiVersion: draw.of(['v1', 'v2', '']),
          name: draw.of(['nope', '', 'x']),
          uid: draw.of(['', 'y']),
        },
      },
    ]),
  }) // prettier-ignore
  const body = (): Json => ({
    apiVersion: draw.of(['authentication.k8s.io/v1', 'authentication.k8s.io/v1', 'v1']),
    kind: draw.of(['TokenRequest', 'TokenRequest', 'TokenReview']),
    ...draw.of<JsonObject>([
      {},
      { metadata: { name: 'x' } },
      { metadata: { name: 'y' } },
      { metadata: { namespace: 'other' } },
    ]),
    ...draw.of<JsonObject>([{ spec: spec() }, { spec: spec() }, {}]),
  }) // prettier-ignore
  void seed
  return [
    made(scene),
    {
      method: 'POST',
      path: `${one}/token${draw.of(['?dryRun=All', ''])}`,
      body: { ...(body() as JsonObject), spec: { expirationSeconds: 599 } },
    },
    {
      method: 'POST',
      path: `${one}${draw.of(['', '', '-nope'])}/token?fieldValidation=${draw.of(['Strict', 'Warn'])}`,
      body: body(),
    },
  ] // prettier-ignore
}

function finalize(scene: Scene): ContractStep[] {
  const { draw, seed, one } = scene
  const body = (): JsonObject => ({
    spec: draw.of<Json>([
      {},
      { finalizers: [] },
      { finalizers: ['kubernetes', 'a.io/b'] },
      { finalizers: ['x'] },
      null,
    ]),
  })
  const metadata = draw.of<Json>([metadataOf(seed), { ...metadataOf(seed), labels: { z: 'z' } }])
  return [
    made(scene),
    {
      method: 'PUT',
      path: `${one}/finalize${draw.of(['', '?dryRun=All'])}`,
      body: { ...seed, metadata, ...body() },
    },
    { method: 'PUT', path: one, body: { ...seed, ...body() } },
    { method: 'GET', path: one },
  ]
}

/** One object in two versions of its kind. */
function versions(scene: Scene): ContractStep[] {
  const { draw, one } = scene
  const own = seeds.filter((each) => each['kind'] === 'HorizontalPodAutoscaler')
  const paths = new Map(own.map((each) => [each, placeOf(each).one]))
  const step = (): ContractStep => {
    const seed = draw.of(own)
    const at = paths.get(seed) ?? one
    const body = parted(draw, seed, draw.below(2))
    return draw.of<ContractStep>([
      {
        method: 'PATCH',
        path: `${at}?fieldManager=${draw.of(['m1', 'm2'])}${draw.of(['', '&force=true'])}`,
        headers: sent(PATCH.apply),
        body,
      },
      {
        method: 'PATCH',
        path: `${at}?fieldManager=${draw.of(['m1', 'm2'])}`,
        headers: sent(PATCH.apply),
        body: seed,
      },
      { method: 'PUT', path: `${at}?fieldManager=m3`, body },
      {
        method: 'PATCH',
        path: at,
        headers: sent(draw.of([PATCH.merge, PATCH.strategic])),
        body: { spec: { maxReplicas: draw.of<Json>([3, 7]) } },
      },
      { method: 'GET', path: at },
    ]) // prettier-ignore
  }
  return [made(scene), step(), step(), step(), step()]
}

const REVIEWS: readonly (readonly [string, string, string])[] = [
  ['authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview'],
  ['authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'],
  ['authorization.k8s.io', 'namespaces/{ns}/localsubjectaccessreviews', 'LocalSubjectAccessReview'],
  ['authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview'],
  ['authentication.k8s.io', 'tokenreviews', 'TokenReview'],
  ['authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview'],
]

/** What is asked about access. */
function reviews({ draw }: Scene): ContractStep[] {
  const one = (): ContractStep => {
    const [group, path, kind] = draw.of(REVIEWS)
    const type = builtinType({ group, version: 'v1', kind })
    const spec = type?.map?.fields.get('spec')?.type
    const body: JsonObject = {
      apiVersion: `${group}/v1`,
      kind,
      ...(draw.below(6) === 0
        ? { metadata: draw.of<Json>([{ name: 'x' }, { namespace: 'y' }, { labels: { a: 'b' } }]) }
        : {}),
      ...(spec === undefined || draw.below(10) === 0
        ? {}
        : { spec: valueFor(draw, spec, 'spec', 0) }),
      ...(draw.below(12) === 0 ? { bogus: 1 } : {}),
    } // prettier-ignore
    const query = draw.of(['', '', '?dryRun=All', '?fieldValidation=Strict', '?fieldManager=m'])
    return {
      method: draw.of(['POST', 'POST', 'POST', 'POST', 'POST', 'GET']),
      path: `/apis/${group}/v1/${path}${query}`,
      body,
    } // prettier-ignore
  }
  return [one(), one(), one()]
}
