import { isObject, type Json, type JsonObject } from '../../../src/object/index.ts'
import type { ContractStep } from '../../../test/kit/cluster-contract.ts'
import { PATCH } from './cases.ts'
import { changed, drawChange, spotsOf, typeOfObject } from './mutate.ts'
import { made, metadataOf, type Scene, sent } from './part-scene.ts'
import { valueFor } from './values.ts'

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
export function options(scene: Scene): ContractStep[] {
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
export function preconditions(scene: Scene): ContractStep[] {
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
export function migrates(scene: Scene): ContractStep[] {
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
    body: unquoted([
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
    ]),
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
export function whole(scene: Scene): ContractStep[] {
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
export function names(scene: Scene): ContractStep[] {
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

/** What an earlier answer holds is put in as the JSON that it is. */
function unquoted(body: Json): string {
  return JSON.stringify(body).replaceAll(/"(\$\{[^}]*fieldsV1\})"/g, '$1')
}
